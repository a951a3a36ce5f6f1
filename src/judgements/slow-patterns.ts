import type { SlowPattern } from '../probes/slow-pattern.ts';
import type { FindingDraft } from '../report/finding.ts';
import { fullScan } from './full-scan.ts';
import { missingIndex } from './missing-index.ts';
import { common, factsOf, hurts, type SlowView } from './slow-view.ts';
import { inWords, shortStatement } from './statement.ts';

/** The statements that took most time in the window, and what each lacks. At most one finding per pattern, except for information. */
export function judgeSlowPatterns(view: SlowView): FindingDraft[] {
  return view.studied.flatMap(({ pattern, plan }) => {
    const finding = missingIndex(pattern, plan, view) ?? fullScan(pattern, plan, view) ?? plainPattern(pattern, view);
    return finding ?? [];
  });
}

/** Digests hold every statement; of those only what takes a noticeable time each, or much in all, is named. */
function plainPattern(pattern: SlowPattern, view: SlowView): FindingDraft | undefined {
  const facts = factsOf(pattern, view);
  const quick = facts.meanSeconds < view.thresholds.slowMeanSeconds;
  if (view.slow.source === 'statement digests' && quick && !hurts(pattern, view)) return undefined;
  const waits = facts.lockSharePercent >= 50 ? ` ${facts.lockSharePercent} % of the time was waiting for locks.` : '';
  return {
    ...common(pattern, view),
    code: 'query.slow_pattern',
    severity: hurts(pattern, view) ? 'warning' : 'info',
    title: `${pattern.count} × ${inWords(pattern.totalSeconds / pattern.count)}: ${shortStatement(pattern.fingerprint, 60)}`,
    summary: `${pattern.count} ${pattern.count === 1 ? 'execution' : 'executions'} in ${facts.windowHours} h took ${facts.totalSeconds} s, ${facts.meanSeconds} s each, ${facts.maxSeconds ?? 'unknown'} s at most, and read ${facts.rowsExaminedPerExecution} rows each.${waits}`,
    confidence: 'certain',
    facts,
    thresholds: ['slowSharePercent'],
    recommendations: [],
  };
}
