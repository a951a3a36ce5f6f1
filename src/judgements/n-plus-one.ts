import type { FindingDraft } from '../report/finding.ts';
import { common, factsOf, type SlowView } from './slow-view.ts';
import { shortStatement } from './statement.ts';

/** Lists and then asks for every line: a pattern of single rows that runs as often as another one returns rows. */
export function judgeNPlusOne(view: SlowView): FindingDraft[] {
  const { nPlusOneExecutions } = view.thresholds;
  const found = view.slow.patterns.flatMap((child): { finding: FindingDraft; count: number }[] => {
    if (child.count < nPlusOneExecutions || child.rowsSent > child.count * 1.2 || !/^select\b/.test(child.fingerprint))
      return [];
    const parent = view.slow.patterns.find((list) => {
      const rows = list.rowsSent / list.count;
      return (
        list !== child && list.schema === child.schema && rows >= 10 && Math.abs(list.rowsSent / child.count - 1) <= 0.2
      );
    });
    if (!parent) return [];
    const facts = factsOf(child, view);
    const perList = Math.round(child.count / parent.count);
    return [
      {
        count: child.count,
        finding: {
          ...common(child, view),
          code: 'query.n_plus_one',
          severity: 'warning',
          title: `One query per row: ${perList} lookups for each list`,
          summary: `${child.count} lookups of one row each (${shortStatement(child.fingerprint, 80)}) follow ${parent.count} lists of ${Math.round(parent.rowsSent / parent.count)} rows (${shortStatement(parent.fingerprint, 80)}): ${facts.totalSeconds} s in all, plus a round trip for each.`,
          confidence: 'likely',
          facts: {
            ...facts,
            lookupsPerList: perList,
            rowsPerList: Math.round(parent.rowsSent / parent.count),
            lists: parent.count,
            listId: parent.id,
          },
          impact: child.totalSeconds,
          thresholds: ['nPlusOneExecutions'],
          recommendations: [
            {
              action: 'In the application: fetch the rows of a list in one query, by JOIN or WHERE id IN (…)',
              risk: 'safe',
              rollback: 'nothing changes on the server',
            },
          ],
        },
      },
    ];
  });
  return found
    .toSorted((a, b) => b.count - a.count)
    .slice(0, 2)
    .map(({ finding }) => finding);
}
