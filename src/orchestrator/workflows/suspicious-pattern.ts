import { runningQuery } from '../../agents/running-query.ts';
import { intoDomains } from './domains.ts';
import { answeringTargets, callOf, findingsOn, type Sight, type Step, type Workflow } from './step.ts';

/** More patterns than this in one report are nobody's suspicion. */
const maxPatterns = 2;

/** Whether the worst patterns of the slow log run at this moment, and who blocks them. */
export const patternNow: Step = {
  name: 'pattern now',
  next(sight) {
    const calls = answeringTargets(sight).flatMap((target) =>
      suspiciousPatterns(target, sight).map((pattern) => callOf(runningQuery, target, { pattern })),
    );
    return { calls };
  },
};

/** Fingerprint ids, worst first; where nothing hurts, the one that took most time. */
function suspiciousPatterns(target: string, { outcomes }: Sight): string[] {
  const found = findingsOn(target, outcomes).filter(({ agent }) => agent === 'slow_query');
  const ids = (list: typeof found) =>
    list.flatMap(({ code, subject, facts }) => {
      const id = code === 'query.missing_index' ? facts['fingerprintId'] : subject;
      return typeof id === 'string' && /^[0-9A-F]{16,32}$/.test(id) ? [id] : [];
    });
  const hurting = [...new Set(ids(found.filter(({ severity }) => severity !== 'info')))];
  return hurting.length > 0 ? hurting.slice(0, maxPatterns) : ids(found).slice(0, 1);
}

/** A pattern found in the slow log is looked up in what runs now and who blocks it. */
export const suspiciousPattern: Workflow = {
  name: 'suspicious_pattern',
  heldBack: [],
  steps: [patternNow, intoDomains],
};
