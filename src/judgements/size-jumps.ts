import type { Thresholds } from '../agents/thresholds.ts';
import type { SizesSample } from '../history/sample.ts';
import type { FindingDraft } from '../report/finding.ts';
import { durationInWords, sizeInWords } from '../report/units.ts';
import type { Logged } from '../store/store.ts';

export interface SizeJumpsView {
  readonly sizes: readonly Logged<SizesSample>[];
  readonly thresholds: Thresholds;
  readonly evidence: readonly string[];
}

/** More than these are summed up by the first of them. */
const named = 5;

/** Tables that grew or shrank by a large part within the window: information. Subject: the table. */
export function judgeSizeJumps({ sizes, thresholds, evidence }: SizeJumpsView): FindingDraft[] {
  const [first, last] = [sizes[0], sizes.at(-1)];
  if (!first || !last || first === last) return [];
  const seconds = Math.round((last.atMs - first.atMs) / 1_000);
  const before = new Map(first.value.largest.map(([table, bytes]) => [table, bytes]));
  return last.value.largest
    .flatMap(([table, bytes]) => {
      const former = before.get(table);
      const changed = former === undefined ? 0 : bytes - former;
      const percent = Math.round((100 * changed) / Math.max(former ?? 1, 1));
      const isLarge = Math.abs(changed) >= thresholds.sizeJumpMebibytes * 1_024 ** 2;
      return former !== undefined && isLarge && Math.abs(percent) >= thresholds.sizeJumpPercent
        ? [{ table, bytes, former, changed, percent }]
        : [];
    })
    .toSorted((a, b) => Math.abs(b.changed) - Math.abs(a.changed))
    .slice(0, named)
    .map(({ table, bytes, former, changed, percent }): FindingDraft => {
      const did = changed > 0 ? 'Grew' : 'Shrank';
      return {
        code: 'trend.size_jump',
        severity: 'info',
        subject: table,
        title: `${did} by ${sizeInWords(Math.abs(changed))} in ${durationInWords(seconds)}`,
        summary: `${table} had ${sizeInWords(former)} and has ${sizeInWords(bytes)} now, ${percent} % more.`.replace(
          /-(\d+ %) more/,
          '$1 less',
        ),
        confidence: 'certain',
        facts: {
          table,
          fromBytes: former,
          toBytes: bytes,
          changedBytes: Math.abs(changed),
          changedPercent: Math.abs(percent),
          windowSeconds: seconds,
        },
        evidence,
        thresholds: ['sizeJumpMebibytes', 'sizeJumpPercent'],
        recommendations: [],
      };
    });
}
