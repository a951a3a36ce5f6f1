import type { SlowPattern } from '../probes/slow-pattern.ts';
import type { FindingChart, FindingDraft } from '../report/finding.ts';
import { fullScan } from './full-scan.ts';
import { missingIndex } from './missing-index.ts';
import { common, factsOf, hurts, type SlowView, tablesOf } from './slow-view.ts';
import { hoursInWords, inWords, shortStatement } from './statement.ts';

/** The statements that took most time in the window, and what each lacks. At most one finding per pattern, except for information. */
export function judgeSlowPatterns(view: SlowView): FindingDraft[] {
  const findings = view.studied.flatMap(({ pattern, plan }) => {
    const finding = missingIndex(pattern, plan, view) ?? fullScan(pattern, plan, view) ?? plainPattern(pattern, view);
    return finding ?? [];
  });
  const chart = timeByPattern(view);
  const worst = findings.toSorted(
    (a, b) => rank(a.severity) - rank(b.severity) || (b.impact ?? 0) - (a.impact ?? 0),
  )[0];
  return findings.map((finding) => (chart && finding === worst ? { ...finding, chart } : finding));
}

const rank = (severity: FindingDraft['severity']) => ['critical', 'warning', 'info'].indexOf(severity);

/** "select orders"; the beginning of a statement without a table. */
function labelOf(pattern: SlowPattern): string {
  const [table] = tablesOf(pattern);
  const [verb] = /^\w+/.exec(pattern.fingerprint) ?? [];
  const words = table && verb ? `${verb} ${table.split('.').at(-1)}` : pattern.fingerprint;
  return shortStatement(words, labelCharacters);
}

const chartPatterns = 10;
const labelCharacters = 20;

/** Where the time of the window went, the most first; a single pattern needs no picture. */
function timeByPattern({ studied }: SlowView): FindingChart | undefined {
  const most = studied
    .map(({ pattern }) => pattern)
    .toSorted((a, b) => b.totalSeconds - a.totalSeconds)
    .slice(0, chartPatterns);
  if (most.length < 2) return undefined;
  return {
    kind: 'bar',
    title: 'Query time by pattern',
    unit: 's',
    series: ['total time'],
    points: most.map((pattern) => ({
      label: labelOf(pattern),
      values: [Math.round(pattern.totalSeconds * 1_000) / 1_000],
    })),
  };
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
    title: `${pattern.count} × ${shortTime(pattern.totalSeconds / pattern.count)}: ${shortStatement(pattern.fingerprint, 60)}`,
    summary: `${pattern.count} ${pattern.count === 1 ? 'execution' : 'executions'} in ${hoursInWords(facts.windowHours)} took ${facts.totalSeconds} s, ${facts.meanSeconds} s each, ${facts.maxSeconds ?? 'unknown'} s at most, and read ${facts.rowsExaminedPerExecution === 1 ? '1 row' : `${facts.rowsExaminedPerExecution} rows`} each.${waits}`,
    confidence: 'certain',
    facts,
    thresholds: ['slowSharePercent'],
    recommendations: [],
  };
}

/** Below ten seconds a whole number hides what a statement takes: `0.026 s`. */
function shortTime(seconds: number): string {
  return seconds >= 10 ? inWords(seconds) : `${Number(seconds.toPrecision(2))} s`;
}
