import type { SlowPattern } from '../probes/slow-pattern.ts';
import type { PlanStep } from '../probes/statement-plan.ts';
import type { FindingDraft, Recommendation } from '../report/finding.ts';
import { splitTable } from '../sql/quote.ts';
import { readPredicates, tableNames } from './predicates.ts';
import { common, factsOf, hurts, isScan, type SlowView, textOf } from './slow-view.ts';
import { hoursInWords, shortStatement } from './statement.ts';

/** Reads whole tables again and again for a reason that no index mends as the statement stands. */
export function fullScan(
  pattern: SlowPattern,
  plan: readonly PlanStep[] | undefined,
  view: SlowView,
): FindingDraft | undefined {
  const facts = factsOf(pattern, view);
  const { scanRows, scanRatio, scanExecutions } = view.thresholds;
  const scans = plan ? plan.some(isScan) : facts.rowsExaminedPerSent >= scanRatio;
  if (!scans || pattern.count < scanExecutions || facts.rowsExaminedPerExecution < scanRows) return undefined;
  const wasted = facts.rowsExaminedPerSent >= scanRatio ? wastedIndex(pattern, view) : undefined;
  const rewrite = wasted ? quoteValue(wasted) : rewriteFor(pattern);
  const read = `${pattern.count} ${pattern.count === 1 ? 'execution' : 'executions'} in ${hoursInWords(facts.windowHours)} took ${facts.totalSeconds} s and read ${facts.rowsExamined} rows to return ${facts.rowsSent}: ${shortStatement(pattern.fingerprint, 140)}`;
  return {
    ...common(pattern, view),
    code: 'query.full_scan',
    // As a missing index: the index is there, and no execution can use it.
    severity: wasted || hurts(pattern, view) ? 'warning' : 'info',
    title: wasted
      ? `${wasted.column} is text and compared with a number, so no index on ${wasted.table} serves it`
      : `Reads ${facts.rowsExaminedPerExecution} rows per execution, ${pattern.count} times`,
    summary: wasted
      ? `${read}. ${wasted.column} is ${wasted.type}; to compare it with a number the server converts the text of every row, and its index ${wasted.index} goes unused.`
      : read,
    confidence: plan ? 'certain' : 'likely',
    facts: wasted ? { ...facts, table: wasted.table, column: wasted.column, columnType: wasted.type } : facts,
    thresholds: ['scanRows', 'scanRatio', 'scanExecutions', 'slowSharePercent'],
    recommendations: rewrite ? [rewrite] : [],
  };
}

interface WastedIndex {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly index: string;
}

/** An index on a column of text that the statement compares with a number: the comparison is one of numbers, so the index cannot serve it. */
function wastedIndex(pattern: SlowPattern, view: SlowView): WastedIndex | undefined {
  const text = textOf(pattern);
  for (const { table, alias } of tableNames(text, pattern.schema)) {
    const keys = view.keys.find((one) => one.table.toLowerCase() === table.toLowerCase());
    if (!keys) continue;
    const names = new Set([alias, splitTable(keys.table).table.toLowerCase()]);
    const { equal, range, numeric } = readPredicates(text, { names, has: (column) => keys.columns.has(column) });
    const indexes = [...keys.indexes];
    const hasIndex = (column: string) => indexes.find(([, [leading]]) => leading === column)?.[0];
    // Where another condition has an index, that one decides how much is read.
    const isServed = [...equal, ...range].some((column) => !numeric.includes(column) && hasIndex(column));
    for (const column of numeric) {
      const type = keys.columns.get(column) ?? '';
      const index = hasIndex(column);
      if (!isServed && index && /^(var)?char|text|^enum|^set\b/i.test(type))
        return { table: keys.table, column, type, index };
    }
  }
  return undefined;
}

function quoteValue({ column, type }: WastedIndex): Recommendation {
  return {
    action: `Send the value of ${column} as text, in quotes or as a parameter of type string: then its index serves. Where it only ever holds numbers, a numeric column instead of ${type} is the cleaner end`,
    risk: 'needs_staging',
    rollback: 'the former statement',
  };
}

function rewriteFor(pattern: SlowPattern): Recommendation | undefined {
  const text = textOf(pattern);
  const [unusable] = readPredicates(text).unusable;
  const safe = { risk: 'needs_staging', rollback: 'the former statement' } as const;
  if (unusable?.why === 'leading wildcard') {
    return {
      action: `No B-tree index serves a pattern that begins with a wildcard on ${unusable.column}: search the beginning, or use a FULLTEXT index with MATCH … AGAINST`,
      ...safe,
    };
  }
  if (unusable?.why === 'function') {
    return {
      action: `The function around ${unusable.column} hides it from every index: compare the bare column with a range instead, or index a generated column of that expression`,
      ...safe,
    };
  }
  if (/\bwhere\b.*\bor\b/is.test(text))
    return {
      action:
        'OR across columns keeps one index from serving it: index each side and write the sides as SELECTs joined by UNION',
      ...safe,
    };
  if (/\border\s+by\s+rand\s*\(/i.test(text))
    return {
      action:
        'ORDER BY RAND() gives every row a number and sorts them all: choose random keys first, for example WHERE id >= a random number up to the highest id, ORDER BY id LIMIT …',
      ...safe,
    };
  if (/^\s*call\b/i.test(text))
    return {
      action:
        "The log shows the CALL, not the statements inside, as log_slow_disabled_statements has 'sp' by default: let them be logged for a while, for new connections",
      sql: "SET GLOBAL log_slow_disabled_statements = '';",
      risk: 'safe',
      rollback: "SET GLOBAL log_slow_disabled_statements = 'sp';",
    };
  if (/\blimit\b.*\boffset\b|\blimit\s+[\d?]+\s*,/is.test(text))
    return {
      action:
        'OFFSET reads and throws away all rows before it: continue from the last key of the page before (WHERE id > … LIMIT …)',
      ...safe,
    };
  if (/\bnot in\s*\(\s*select\b/i.test(text))
    return { action: 'Replace NOT IN (SELECT …) by NOT EXISTS with an index on the inner column', ...safe };
  if (/\bcount\s*\(\s*\*\s*\)/i.test(text) && !/\b(where|group\s+by|join)\b/i.test(text))
    return {
      action: 'Counting a whole table reads it whole: keep the count, or use TABLE_ROWS where an estimate will do',
      ...safe,
    };
  return undefined;
}
