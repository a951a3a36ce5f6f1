import type { TableSize } from '../probes/table-sizes.ts';
import type { Volume } from '../probes/volumes.ts';
import type { FindingDraft } from '../report/finding.ts';
import { counted, sizeInWords } from '../report/units.ts';

export interface SizesView {
  readonly target: string;
  readonly volumes: readonly Volume[];
  /** Largest first; undefined where they could not be read. */
  readonly tables: readonly TableSize[] | undefined;
  readonly binlogBytes: number;
  readonly binlogFiles: number;
  /** Why nothing is known of growth, for people; undefined where growth is told by a finding of its own. */
  readonly unknownGrowth: string | undefined;
  readonly evidence: readonly string[];
}

/** Where the room went: information, with the largest tables as a table. Growth is told where there is a history of it. */
export function listSizes(view: SizesView): FindingDraft[] {
  const [first] = view.tables ?? [];
  if (!first || !view.tables) return [];
  const schemas = new Map(view.tables.map(({ schema, schemaBytes }) => [schema, schemaBytes]));
  const [largestSchema = '', largestBytes = 0] = [...schemas].sort((a, b) => b[1] - a[1])[0] ?? [];
  const logs =
    view.binlogFiles > 0
      ? ` ${counted(view.binlogFiles, 'binary log')} ${view.binlogFiles === 1 ? 'takes' : 'take'} ${sizeInWords(view.binlogBytes)} beside them.`
      : '';
  const unknown = view.unknownGrowth === undefined ? '' : ` When it is full is unknown; ${view.unknownGrowth}.`;
  return [
    {
      code: 'capacity.sizes',
      severity: 'info',
      subject: view.target,
      title: `${sizeInWords(first.totalBytes)} in ${first.tables} tables`,
      summary: `The largest schema is ${largestSchema} with ${sizeInWords(largestBytes)}, the largest table ${first.schema}.${first.table} with ${sizeInWords(first.dataBytes + first.indexBytes)}.${logs}${unknown}`,
      confidence: 'certain',
      facts: {
        totalBytes: first.totalBytes,
        tables: first.tables,
        largestSchema,
        largestSchemaBytes: largestBytes,
        largestTable: `${first.schema}.${first.table}`,
        largestTableBytes: first.dataBytes + first.indexBytes,
        binlogFiles: view.binlogFiles,
        binlogBytes: view.binlogBytes,
      },
      evidence: view.evidence,
      recommendations: [],
      table: {
        caption: 'Largest tables; rows are estimates',
        columns: ['table', 'engine', 'rows', 'data', 'indexes', 'free inside'],
        rows: view.tables
          .slice(0, 20)
          .map((table) => [
            `${table.schema}.${table.table}`,
            table.engine,
            table.rows,
            sizeInWords(table.dataBytes),
            sizeInWords(table.indexBytes),
            sizeInWords(table.freeBytes),
          ]),
      },
    },
  ];
}

export function sizesHeadline(view: SizesView): string {
  const [first] = view.tables ?? [];
  return [
    ...view.volumes.map(
      ({ path, usedPercent, freeBytes }) => `${path} ${usedPercent} % used, ${sizeInWords(freeBytes)} free`,
    ),
    first ? `${sizeInWords(first.totalBytes)} in ${first.tables} tables` : undefined,
    view.unknownGrowth,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}
