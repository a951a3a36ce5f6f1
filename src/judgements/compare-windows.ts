import type { SlowPattern, SlowPatterns } from '../probes/slow-pattern.ts';
import type { FindingDraft } from '../report/finding.ts';
import { common, factsOf, hurts, rounded, type SlowView, tablesOf } from './slow-view.ts';
import { hoursInWords, shortStatement } from './statement.ts';

/** A quick statement that became this much slower, and takes at least so long now, is information. */
const steep = { factor: 10, seconds: 0.01 } as const;

/** This window against the one before: what became slower, and what is new. */
export function compareWindows(view: SlowView, before: SlowPatterns, shown: readonly SlowPattern[]): FindingDraft[] {
  if (before.events === 0 && view.slow.source !== 'history') {
    return [
      {
        code: 'query.no_comparison',
        severity: 'info',
        subject: view.target,
        title: 'Nothing to compare with',
        summary: `No statement of the window before (${rounded(before.windowSeconds / 3_600)} h) is known; source: ${view.slow.source}.`,
        confidence: 'certain',
        facts: { eventsBefore: 0, windowHours: rounded(before.windowSeconds / 3_600) },
        evidence: view.evidence,
        recommendations: [],
      },
    ];
  }
  const former = new Map(before.patterns.map((pattern) => [pattern.id, pattern]));
  return shown.flatMap((pattern): FindingDraft[] => {
    const old = former.get(pattern.id);
    const facts = { ...factsOf(pattern, view), table: tablesOf(pattern)[0] ?? null };
    if (!old) {
      // History remembers a pattern for a year: a job of every month is not new when it comes.
      if (view.slow.source === 'history' && isKnownSince(pattern, view)) return [];
      if (!hurts(pattern, view) && pattern.count < view.thresholds.scanExecutions) return [];
      return [
        {
          ...common(pattern, view),
          code: 'query.new_pattern',
          severity: hurts(pattern, view) ? 'warning' : 'info',
          title: 'New among the slow statements',
          summary: `${pattern.count} executions, ${facts.totalSeconds} s in ${hoursInWords(facts.windowHours)}, none in the ${hoursInWords(rounded(before.windowSeconds / 3_600))} before: ${shortStatement(pattern.fingerprint, 120)}`,
          confidence: 'certain',
          facts,
          thresholds: ['slowSharePercent'],
          recommendations: [],
        },
      ];
    }
    // Every statement is in the digests; of quick ones only those that keep the server busy matter.
    const isQuick = facts.meanSeconds < view.thresholds.slowMeanSeconds && !hurts(pattern, view);
    const isCheap = view.slow.source === 'history' && isQuick;
    const factor = pattern.totalSeconds / pattern.count / (old.totalSeconds / old.count);
    if (isCheap && (factor < steep.factor || facts.meanSeconds < steep.seconds)) return [];
    if (factor < view.thresholds.regressionFactor || pattern.count < view.thresholds.scanExecutions || old.count < 3)
      return [];
    return [
      {
        ...common(pattern, view),
        code: 'query.regression',
        severity: isCheap ? 'info' : 'warning',
        title: `${rounded(factor)} times slower than in the window before`,
        summary: `${facts.meanSeconds} s each in ${pattern.count} executions, ${rounded(old.totalSeconds / old.count)} s in ${old.count} before: ${shortStatement(pattern.fingerprint, 120)}`,
        confidence: 'certain',
        facts: {
          ...facts,
          factor: rounded(factor),
          meanSecondsBefore: rounded(old.totalSeconds / old.count),
          countBefore: old.count,
        },
        thresholds: ['regressionFactor'],
        recommendations: [],
      },
    ];
  });
}

/** What deserves a closer look of a comparison: twice as slow as before or not seen before, most time first. */
export function slowerOrNew(
  { now, before }: { readonly now: SlowPatterns; readonly before: SlowPatterns },
  fits: (pattern: SlowPattern) => boolean,
): SlowPattern[] {
  const former = new Map(before.patterns.map((pattern) => [pattern.id, pattern.totalSeconds / pattern.count]));
  return now.patterns.filter((pattern) => {
    const mean = former.get(pattern.id);
    return fits(pattern) && (mean === undefined || pattern.totalSeconds / pattern.count >= 2 * mean);
  });
}

function isKnownSince(pattern: SlowPattern, view: SlowView): boolean {
  const firstMs = Date.parse(pattern.firstSeen ?? '');
  return view.fromMs === undefined || !(firstMs >= view.fromMs);
}
