import type { Catalogue } from '../probes/schema-catalogue.ts';
import type { TableStatistics } from '../probes/table-statistics.ts';
import type { FindingDraft } from '../report/finding.ts';
import { durationInWords } from '../report/units.ts';
import { quotedTable, tableName } from '../sql/quote.ts';
import type { TableView } from './tables.ts';

export interface StatisticsView extends TableView {
  readonly statistics: readonly TableStatistics[];
  /** innodb_stats_auto_recalc, for tables that do not say otherwise. */
  readonly recalculates: boolean;
}

/**
 * Tables whose statistics nobody refreshes and that have changed a lot since. InnoDB recalculates by itself after a tenth of
 * the rows has changed, in the background and within seconds, so only tables where that is off can be stale for long.
 */
export function judgeStaleStatistics(view: StatisticsView): FindingDraft[] {
  const { catalogue, statistics, thresholds, evidence } = view;
  const counted = new Map(
    statistics.map((one) => [tableName(one.table_schema, one.table_name).toLowerCase(), one] as const),
  );
  return catalogue.tables.flatMap((table): FindingDraft[] => {
    const one = counted.get(table.name.toLowerCase());
    if (!one || table.engine !== 'InnoDB' || recalculates(table, view)) return [];
    const [fewer, more] = [Math.min(one.counted_rows, table.rows), Math.max(one.counted_rows, table.rows)];
    if (more - fewer < thresholds.staleRows || more < thresholds.staleFactor * Math.max(1, fewer)) return [];
    return [
      {
        code: 'schema.stale_statistics',
        severity: 'warning',
        subject: table.name,
        title: `Statistics of ${one.counted_rows} rows, about ${table.rows} are there`,
        summary: `The persistent statistics of ${table.name} are ${durationInWords(one.age_seconds)} old and count ${one.counted_rows} rows; by the inserts and deletes since it was opened it has about ${table.rows}. Automatic recalculation is off for it, so plans are made for a table of another size.`,
        confidence: 'likely',
        facts: {
          table: table.name,
          countedRows: one.counted_rows,
          rows: table.rows,
          ageSeconds: one.age_seconds,
        },
        evidence,
        impact: Math.log10(more / Math.max(1, fewer)),
        thresholds: ['staleRows', 'staleFactor'],
        recommendations: [
          {
            action: 'Refresh the statistics; InnoDB reads some pages of each index and nobody waits',
            sql: `ANALYZE TABLE ${quotedTable(table.name)};`,
            risk: 'safe',
            rollback: 'none needed: the data is untouched; a plan that becomes worse can be held by an index hint',
          },
          {
            action: 'Let InnoDB refresh them by itself after a tenth of the rows has changed',
            sql: `ALTER TABLE ${quotedTable(table.name)} STATS_AUTO_RECALC = 1;`,
            risk: 'safe',
            rollback: `ALTER TABLE ${quotedTable(table.name)} STATS_AUTO_RECALC = DEFAULT;`,
          },
        ],
      },
    ];
  });
}

function recalculates({ options = '' }: Catalogue['tables'][number], { recalculates: usual }: StatisticsView): boolean {
  const [, own] = /\bstats_auto_recalc=(\d)/i.exec(options) ?? [];
  return own === undefined ? usual : own === '1';
}
