import type { CoverageGap } from './report.ts';

/**
 * Gaps that one and the same grant or setting opens, as one line: "processlist, innodb-status: dbcheck lacks PROCESS".
 * The report itself keeps them apart; this is for people.
 */
export function mergeGaps(gaps: readonly CoverageGap[]): CoverageGap[] {
  const groups = Map.groupBy(gaps, (gap) => JSON.stringify([gap.target, gap.fix, partsOf(gap).reason]));
  return [...groups.values()].map((group): CoverageGap => {
    const [first] = group as [CoverageGap, ...CoverageGap[]];
    const names = [...new Set(group.map((gap) => partsOf(gap).name))];
    return names.length === 1 ? first : { ...first, summary: `${names.join(', ')}: ${partsOf(first).reason}` };
  });
}

/** `processlist: dbcheck lacks PROCESS` is what and why; a summary of another form stands for itself. */
function partsOf({ summary }: CoverageGap): { readonly name: string; readonly reason: string } {
  const [, name, reason] = /^([\w -]{1,60}): (.+)$/s.exec(summary) ?? [];
  return name === undefined || reason === undefined ? { name: summary, reason: summary } : { name, reason };
}
