import type { Report } from '../report/report.ts';
import type { LastCheck, Notify } from './schedule.ts';

/** What of a report the next check is compared with. */
export function outcomeOf({ takenAt, verdict, findings }: Report): LastCheck {
  return {
    atMs: Date.parse(takenAt),
    verdict,
    findings: findings
      .filter(({ severity }) => severity !== 'info')
      .map(({ code, target, subject }) => `${code} ${target} ${withoutNumber(subject)}`),
  };
}

/** The next session with the same trouble has another number. */
function withoutNumber(subject: string): string {
  return subject.replace(/^thread \d+$/, 'thread');
}

export interface Changes {
  /** Names of findings that the last check had not, and that it had and this one has not: code, target and subject. */
  readonly came: readonly string[];
  readonly went: readonly string[];
  readonly verdictBefore: LastCheck['verdict'] | undefined;
}

export function changesSince(last: LastCheck | undefined, now: LastCheck): Changes {
  const [before, after] = [new Set(last?.findings), new Set(now.findings)];
  return {
    came: [...after].filter((one) => last !== undefined && !before.has(one)),
    went: [...before].filter((one) => !after.has(one)),
    verdictBefore: last?.verdict,
  };
}

/** Nothing could be looked at, or the server was not there: a check that could not be made. */
export function couldNotLook({ verdict, results, findings }: Report): boolean {
  return (
    verdict === 'unknown' ||
    findings.some(({ code }) => code === 'incident.unreachable') ||
    !results.some(({ status }) => status === 'completed')
  );
}

const isBad = (verdict: LastCheck['verdict'] | undefined) => verdict === 'degraded' || verdict === 'critical';

/**
 * Whether a check is told. One that could not be made always is; where only trouble is told, so is its end, for whoever
 * read of the trouble waits for that.
 */
export function isTold(notify: Notify, last: LastCheck | undefined, report: Report): boolean {
  if (notify === 'always' || couldNotLook(report)) return true;
  const now = outcomeOf(report);
  if (notify === 'warning') return isBad(now.verdict) || isBad(last?.verdict);
  const { came, went } = changesSince(last, now);
  return last === undefined || last.verdict !== now.verdict || came.length + went.length > 0;
}
