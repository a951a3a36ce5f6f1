import type { SlowPattern } from '../probes/slow-pattern.ts';
import type { PlanStep } from '../probes/statement-plan.ts';
import type { TableKeys } from '../probes/table-keys.ts';
import type { FindingDraft } from '../report/finding.ts';
import { quotedName, quotedTable, splitTable } from '../sql/quote.ts';
import { readPredicates, tableNames } from './predicates.ts';
import { factsOf, isScan, type SlowView, textOf } from './slow-view.ts';
import { hoursInWords } from './statement.ts';

/** Reads far more rows than it returns, often, and filters by columns that no index begins with. */
export function missingIndex(
  pattern: SlowPattern,
  plan: readonly PlanStep[] | undefined,
  view: SlowView,
): FindingDraft | undefined {
  const facts = factsOf(pattern, view);
  const { scanRows, scanRatio, scanExecutions } = view.thresholds;
  if (
    pattern.count < scanExecutions ||
    facts.rowsExaminedPerExecution < scanRows ||
    facts.rowsExaminedPerSent < scanRatio
  )
    return undefined;
  const text = textOf(pattern);
  const tables = tableNames(text, pattern.schema);
  for (const [place, { table, alias }] of tables.entries()) {
    const keys = view.keys.find((one) => one.table.toLowerCase() === table.toLowerCase());
    const step = plan?.find((one) => one.table?.toLowerCase() === alias);
    if (!keys || (plan && !(step && (isScan(step) || step.rows >= scanRatio)))) continue;
    // The table that is read first has no row of another to look up by.
    const leads = plan ? plan[0] === step : place === 0;
    const isDriven = tables.some((other) => other.alias !== alias && isLookedUp(text, other, view));
    const columns = indexColumns(text, keys, alias, { leads, isDriven, alone: tables.length === 1 });
    if (columns.length > 0) return indexFinding(pattern, facts, keys, columns, plan, view);
  }
  return undefined;
}

/** Equal columns first, then one range or the order: what a B-tree can use. Empty where an index already serves it. */
function indexColumns(
  text: string,
  keys: TableKeys,
  alias: string,
  place: { readonly leads: boolean; readonly isDriven: boolean; readonly alone: boolean },
): string[] {
  const bare = splitTable(keys.table).table.toLowerCase();
  const has = (column: string) => keys.columns.has(column);
  const { equal, joined, range, orderBy, unusable } = readPredicates(text, { names: new Set([alias, bare]), has });
  // Read first for want of an index only: with one, the other table's few rows would look up its.
  const couldFollow = place.isDriven && equal.length === 0 && range.length === 0;
  const same = [...new Set([...equal, ...(place.leads && !couldFollow ? [] : joined)])].slice(0, 4);
  const mayOrder = range.length === 0 && (same.length > 0 || isPage(text, place.alone));
  const columns = [...new Set([...same, ...range.slice(0, 1), ...(mayOrder ? orderBy : [])])].slice(0, 4);
  const indexes = [...keys.indexes.values()];
  const served = (wanted: readonly string[]) =>
    indexes.some((parts) => wanted.every((column) => parts.slice(0, wanted.length).includes(column)));
  if (same.length === 0) return served(columns.slice(0, 1)) ? [] : columns;
  const begun = indexes.some(([leading]) => leading !== undefined && same.includes(leading));
  // An index on a part of the columns is there: only where nothing else filters, the missing column explains the rows.
  if (begun && (served(same) || range.length > 0 || unusable.length > 0)) return [];
  return columns;
}

/** True where the statement asks for a few rows of the table by values, and an index finds them. */
function isLookedUp(text: string, { table, alias }: ReturnType<typeof tableNames>[number], view: SlowView): boolean {
  const keys = view.keys.find((one) => one.table.toLowerCase() === table.toLowerCase());
  if (!keys) return false;
  const names = new Set([alias, splitTable(keys.table).table.toLowerCase()]);
  const { equal } = readPredicates(text, { names, has: (column) => keys.columns.has(column) });
  return [...keys.indexes.values()].some(([leading]) => leading !== undefined && equal.includes(leading));
}

/** The first rows in some order of a whole table: an index in that order reads just them. */
function isPage(text: string, alone: boolean): boolean {
  return (
    alone && /\border\s+by\b/i.test(text) && /\blimit\b/i.test(text) && !/\b(where|group\s+by|distinct)\b/i.test(text)
  );
}

function indexFinding(
  pattern: SlowPattern,
  facts: ReturnType<typeof factsOf>,
  keys: TableKeys,
  columns: readonly string[],
  plan: readonly PlanStep[] | undefined,
  view: SlowView,
): FindingDraft {
  const name = `idx_${columns.join('_')}`.replaceAll(/\W/g, '_').slice(0, 60);
  const list = columns.map((column) => quotedName(column) + prefixFor(keys.columns.get(column) ?? '')).join(', ');
  const existing = [...keys.indexes].map(([index, parts]) => `${index}(${parts.join(', ')})`).join(', ') || 'none';
  const planned = !plan
    ? 'its plan was not asked for'
    : plan.some(isScan)
      ? 'its plan is a full scan'
      : 'its plan uses an index that leaves most of them';
  return {
    code: 'query.missing_index',
    severity: 'warning',
    subject: keys.table,
    title: `No index on ${keys.table}(${columns.join(', ')})`,
    summary: `A statement on ${keys.table} ran ${pattern.count} times in ${hoursInWords(facts.windowHours)}, ${facts.totalSeconds} s in all, and read ${facts.rowsExaminedPerExecution} rows each time for ${facts.rowsSent === 0 ? 'none' : `1 of ${facts.rowsExaminedPerSent}`} that it returned; no index serves ${columns.join(', ')}, ${planned}. Existing: ${existing}.`,
    confidence: plan ? 'certain' : 'likely',
    facts: {
      ...facts,
      fingerprintId: pattern.id,
      column: columns[0] ?? null,
      columns: columns.join(', '),
      existingIndexes: existing,
    },
    evidence: view.evidence,
    impact: pattern.totalSeconds,
    thresholds: ['scanRows', 'scanRatio', 'scanExecutions'],
    recommendations: [
      {
        action: `Add an index on ${columns.join(', ')}; it is built online, but takes space and slows writes a little`,
        sql: `ALTER TABLE ${quotedTable(keys.table)} ADD INDEX ${quotedName(name)} (${list}), ALGORITHM = INPLACE, LOCK = NONE;`,
        risk: 'needs_staging',
        rollback: `ALTER TABLE ${quotedTable(keys.table)} DROP INDEX ${quotedName(name)};`,
      },
    ],
  };
}

/** A prefix is needed for long text, and InnoDB's limit of 3,072 bytes is kept at four bytes a character. */
function prefixFor(type: string): string {
  if (/text|blob/i.test(type)) return '(100)';
  const length = Number(/^(?:var)?(?:char|binary)\((\d+)\)/i.exec(type)?.[1] ?? 0);
  return length > 191 ? '(100)' : '';
}
