import type { Thresholds } from '../agents/thresholds.ts';
import type { Catalogue, CatalogueIndex, CataloguePart } from '../probes/schema-catalogue.ts';
import type { FindingDraft, Recommendation } from '../report/finding.ts';
import { quotedName, quotedTable, tableName } from '../sql/quote.ts';
import { inWords } from './statement.ts';

export interface IndexView {
  readonly catalogue: Catalogue;
  /** Since 10.6 an index can be ignored for a trial. */
  readonly canIgnore: boolean;
  readonly thresholds: Pick<Thresholds, 'unusedIndexDays'>;
  readonly evidence: readonly string[];
}

/** Indexes that repeat another: equal ones, and those that are the beginning of a longer one. */
export function judgeRepeatedIndexes(view: IndexView): FindingDraft[] {
  const tables = Map.groupBy(view.catalogue.indexes, ({ table }) => table);
  return [...tables.values()].flatMap((indexes) => {
    const named = new Set<string>();
    return indexes.toSorted(keepFirst).flatMap((index, at, sorted) => {
      if (index.name === 'PRIMARY' || index.ignored) return [];
      const other = sorted.find(
        (candidate, place) =>
          candidate !== index && !named.has(candidate.name) && repeats(index, candidate, place < at),
      );
      if (!other) return [];
      named.add(index.name);
      return [repeatedFinding(index, other, view)];
    });
  });
}

/** Of two equal indexes the stronger one stays: primary, unique, longer, then the one named first. */
function keepFirst(a: CatalogueIndex, b: CatalogueIndex): number {
  const rank = ({ name, unique }: CatalogueIndex) => (name === 'PRIMARY' ? 0 : unique ? 1 : 2);
  return rank(a) - rank(b) || b.parts.length - a.parts.length || a.name.localeCompare(b.name);
}

function repeats(index: CatalogueIndex, other: CatalogueIndex, otherStays: boolean): boolean {
  if (index.type !== other.type || index.type === 'SPATIAL' || other.ignored) return false;
  const sameLength = index.parts.length === other.parts.length;
  const last = index.parts.length - 1;
  const equal = sameLength && index.parts.every((part, at) => samePart(part, other.parts[at]));
  if (equal) return otherStays && (!index.unique || other.unique);
  if (index.unique || index.type !== 'BTREE' || index.parts.length > other.parts.length) return false;
  return index.parts.every((part, at) => {
    const counterpart = other.parts[at];
    return samePart(part, counterpart) || (at === last && isPrefixOf(part, counterpart));
  });
}

function samePart(part: CataloguePart, other: CataloguePart | undefined): boolean {
  return part.column === other?.column && part.prefix === other.prefix && part.descending === other.descending;
}

/** The first 10 characters of a column are served by its first 20, and by the whole of it. */
function isPrefixOf(part: CataloguePart, other: CataloguePart | undefined): boolean {
  if (part.column !== other?.column || part.descending !== other.descending || part.prefix === undefined) return false;
  return other.prefix === undefined || other.prefix > part.prefix;
}

function wordedParts(index: CatalogueIndex): string {
  return index.parts.map((part) => part.column + suffix(part)).join(', ');
}

function suffix({ prefix, descending }: CataloguePart): string {
  return `${prefix === undefined ? '' : `(${prefix})`}${descending ? ' DESC' : ''}`;
}

function repeatedFinding(index: CatalogueIndex, other: CatalogueIndex, view: IndexView): FindingDraft {
  const duplicate =
    index.parts.length === other.parts.length && index.parts.every((part, at) => samePart(part, other.parts[at]));
  const columns = wordedParts(index);
  return {
    code: duplicate ? 'schema.duplicate_index' : 'schema.redundant_index',
    severity: 'warning',
    subject: `${index.table}.${index.name}`,
    title: duplicate
      ? `Index ${index.name} equals ${other.name}`
      : `Index ${index.name} is the beginning of ${other.name}`,
    summary: `${index.name}(${columns}) on ${index.table} ${duplicate ? 'has the same columns as' : 'is covered by'} ${other.name}(${wordedParts(other)}); it costs space and every write maintains it.`,
    confidence: 'certain',
    facts: { table: index.table, index: index.name, columns, coveredBy: other.name },
    evidence: view.evidence,
    recommendations: dropIndex(index, view),
  };
}

function dropIndex(index: CatalogueIndex, view: IndexView): Recommendation[] {
  const table = quotedTable(index.table);
  const name = quotedName(index.name);
  const columns = index.parts.map((part) => quotedName(part.column) + suffix(part)).join(', ');
  const kind = index.unique ? 'UNIQUE INDEX' : index.type === 'FULLTEXT' ? 'FULLTEXT INDEX' : 'INDEX';
  const using = index.type === 'HASH' ? ' USING HASH' : '';
  const drop: Recommendation = {
    action: `Drop ${index.name}`,
    sql: `ALTER TABLE ${table} DROP INDEX ${name};`,
    risk: 'needs_staging',
    rollback: `ALTER TABLE ${table} ADD ${kind} ${name} (${columns})${using};`,
  };
  if (!view.canIgnore) return [drop];
  return [
    {
      action: `Let the optimizer ignore ${index.name} for a while first; it stays maintained and comes back at once`,
      sql: `ALTER TABLE ${table} ALTER INDEX ${name} IGNORED;`,
      risk: 'safe',
      rollback: `ALTER TABLE ${table} ALTER INDEX ${name} NOT IGNORED;`,
    },
    drop,
  ];
}

/** Indexes that nothing has read since counting began. Never one that is unique or that a foreign key stands on. */
export function judgeUnusedIndexes(
  view: IndexView,
  used: readonly { readonly table_schema: string; readonly table_name: string; readonly index_name: string }[],
  uptimeSeconds: number,
): FindingDraft[] {
  const read = new Set(used.map((one) => `${tableName(one.table_schema, one.table_name)}\u0000${one.index_name}`));
  const seenTables = new Set(used.map((one) => tableName(one.table_schema, one.table_name)));
  const long = uptimeSeconds >= view.thresholds.unusedIndexDays * 86_400;
  return view.catalogue.indexes.flatMap((index) => {
    if (index.unique || index.ignored || index.type !== 'BTREE' || read.has(`${index.table}\u0000${index.name}`))
      return [];
    if (servesForeignKey(index, view.catalogue)) return [];
    // A table that nobody reads by any index says nothing of one of them.
    if (!seenTables.has(index.table)) return [];
    return [
      {
        code: 'schema.unused_index',
        severity: long ? 'warning' : 'info',
        subject: `${index.table}.${index.name}`,
        title: `Index ${index.name} has not been read${long ? '' : ', but counting is young'}`,
        summary: `${index.name}(${wordedParts(index)}) on ${index.table} has not been read since counting began, at most ${inWords(uptimeSeconds)} ago; ${long ? 'a monthly job may still need it' : 'that is too short to call it unused: look again after a full business cycle'}.`,
        confidence: long ? 'likely' : 'possible',
        facts: { table: index.table, index: index.name, columns: wordedParts(index), uptimeSeconds },
        thresholds: ['unusedIndexDays'],
        evidence: view.evidence,
        // Only what comes back at once is worth trying on so little evidence.
        recommendations: dropIndex(index, view).filter(({ risk }) => long || risk === 'safe'),
      } satisfies FindingDraft,
    ];
  });
}

/** InnoDB needs an index that begins with a foreign key's columns, on both sides. */
function servesForeignKey(index: CatalogueIndex, catalogue: Catalogue): boolean {
  const begins = (columns: readonly string[]) =>
    columns.every((column) => index.parts.slice(0, columns.length).some((part) => part.column === column));
  return catalogue.foreignKeys.some(
    (key) =>
      (key.table === index.table && begins(key.columns)) ||
      (key.references === index.table && begins(key.referencedColumns)),
  );
}
