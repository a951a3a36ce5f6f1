import type { Thresholds } from '../agents/thresholds.ts';
import type { SlowPattern, SlowPatterns } from '../probes/slow-pattern.ts';
import type { PlanStep } from '../probes/statement-plan.ts';
import type { TableKeys } from '../probes/table-keys.ts';
import type { FindingDraft, Recommendation } from '../report/finding.ts';
import { quotedName, quotedTable, splitTable } from '../sql/quote.ts';
import { readPredicates, tableNames } from './predicates.ts';
import { inWords, shortStatement } from './statement.ts';
import { tablesIn } from './statement-tables.ts';

/** A pattern with what was looked up for it. */
export interface StudiedPattern {
  readonly pattern: SlowPattern;
  readonly plan: readonly PlanStep[] | undefined;
}

export interface SlowView {
  readonly target: string;
  readonly slow: SlowPatterns;
  readonly studied: readonly StudiedPattern[];
  readonly keys: readonly TableKeys[];
  readonly thresholds: Thresholds;
  readonly evidence: readonly string[];
  /** Where the window begins, ms since 1970; needed where the past is compared. */
  readonly fromMs?: number;
}

/** The statements that took most time in the window, and what each lacks. At most one finding per pattern, except for information. */
export function judgeSlowPatterns(view: SlowView): FindingDraft[] {
  return view.studied.flatMap(({ pattern, plan }) => {
    const finding = missingIndex(pattern, plan, view) ?? fullScan(pattern, plan, view) ?? plainPattern(pattern, view);
    return finding ?? [];
  });
}

/** Text of a pattern to read columns from: the whole statement where one is kept, else its fingerprint. */
function textOf(pattern: SlowPattern): string {
  return pattern.sample ?? pattern.fingerprint;
}

export function tablesOf(pattern: SlowPattern): string[] {
  return tablesIn(textOf(pattern), pattern.schema === '' ? null : pattern.schema).filter((table) =>
    table.includes('.'),
  );
}

export function factsOf(pattern: SlowPattern, view: SlowView) {
  const { oneIn, windowSeconds, source } = view.slow;
  return {
    fingerprint: pattern.fingerprint.slice(0, 200),
    count: pattern.count,
    totalSeconds: rounded(pattern.totalSeconds),
    meanSeconds: rounded(pattern.totalSeconds / pattern.count),
    p95Seconds: pattern.p95Seconds === undefined ? null : rounded(pattern.p95Seconds),
    maxSeconds: pattern.maxSeconds === undefined ? null : rounded(pattern.maxSeconds),
    rowsExamined: pattern.rowsExamined,
    rowsSent: pattern.rowsSent,
    rowsExaminedPerExecution: Math.round(pattern.rowsExamined / pattern.count),
    rowsExaminedPerSent: Math.round(pattern.rowsExamined / Math.max(1, pattern.rowsSent)),
    lockSharePercent: Math.round((100 * pattern.lockSeconds) / Math.max(pattern.totalSeconds, 1e-9)),
    users: pattern.users.join(', '),
    mainTable: tablesOf(pattern)[0] ?? null,
    writes: /^(update|delete|insert|replace|load)\b/i.test(pattern.fingerprint),
    source,
    windowHours: rounded(windowSeconds / 3_600),
    oneIn,
  };
}

/** Reads far more rows than it returns, often, and filters by columns that no index begins with. */
function missingIndex(
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
    const columns = indexColumns(text, keys, alias, { leads, alone: tables.length === 1 });
    if (columns.length > 0) return indexFinding(pattern, facts, keys, columns, plan, view);
  }
  return undefined;
}

/** Equal columns first, then one range or the order: what a B-tree can use. Empty where an index already serves it. */
function indexColumns(
  text: string,
  keys: TableKeys,
  alias: string,
  place: { readonly leads: boolean; readonly alone: boolean },
): string[] {
  const bare = splitTable(keys.table).table.toLowerCase();
  const has = (column: string) => keys.columns.has(column);
  const { equal, joined, range, orderBy, unusable } = readPredicates(text, { names: new Set([alias, bare]), has });
  const same = [...new Set([...equal, ...(place.leads ? [] : joined)])].slice(0, 4);
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

/** The first rows in some order of a whole table: an index in that order reads just them. */
function isPage(text: string, alone: boolean): boolean {
  return (
    alone && /\border\s+by\b/i.test(text) && /\blimit\b/i.test(text) && !/\b(where|group\s+by|distinct)\b/i.test(text)
  );
}

function isScan({ type, rows }: PlanStep): boolean {
  return (type === 'ALL' || type === 'index') && rows > 100;
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
    summary: `A statement on ${keys.table} ran ${pattern.count} times in ${facts.windowHours} h, ${facts.totalSeconds} s in all, and read ${facts.rowsExaminedPerExecution} rows each time for ${facts.rowsSent === 0 ? 'none' : `1 of ${facts.rowsExaminedPerSent}`} that it returned; no index serves ${columns.join(', ')}, ${planned}. Existing: ${existing}.`,
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

/** Reads whole tables again and again for a reason that no index mends as the statement stands. */
function fullScan(
  pattern: SlowPattern,
  plan: readonly PlanStep[] | undefined,
  view: SlowView,
): FindingDraft | undefined {
  const facts = factsOf(pattern, view);
  const { scanRows, scanRatio, scanExecutions } = view.thresholds;
  const scans = plan ? plan.some(isScan) : facts.rowsExaminedPerSent >= scanRatio;
  if (!scans || pattern.count < scanExecutions || facts.rowsExaminedPerExecution < scanRows) return undefined;
  const rewrite = rewriteFor(pattern);
  return {
    ...common(pattern, view),
    code: 'query.full_scan',
    severity: hurts(pattern, view) ? 'warning' : 'info',
    title: `Reads ${facts.rowsExaminedPerExecution} rows per execution, ${pattern.count} times`,
    summary: `${pattern.count} executions in ${facts.windowHours} h took ${facts.totalSeconds} s and read ${facts.rowsExamined} rows to return ${facts.rowsSent}: ${shortStatement(pattern.fingerprint, 140)}`,
    confidence: plan ? 'certain' : 'likely',
    facts,
    thresholds: ['scanRows', 'scanRatio', 'scanExecutions', 'slowSharePercent'],
    recommendations: rewrite ? [rewrite] : [],
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
  if (/\blimit\b.*\boffset\b|\blimit\s+[\d?]+\s*,/is.test(text))
    return {
      action:
        'OFFSET reads and throws away all rows before it: continue from the last key of the page before (WHERE id > … LIMIT …)',
      ...safe,
    };
  if (/\bnot in\s*\(\s*select\b/i.test(text))
    return { action: 'Replace NOT IN (SELECT …) by NOT EXISTS with an index on the inner column', ...safe };
  if (/\bcount\s*\(\s*\*\s*\)/i.test(text) && !/\bwhere\b/i.test(text))
    return {
      action: 'Counting a whole table reads it whole: keep the count, or use TABLE_ROWS where an estimate will do',
      ...safe,
    };
  return undefined;
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
    title: `${pattern.count} × ${inWords(pattern.totalSeconds / pattern.count)}: ${shortStatement(pattern.fingerprint, 60)}`,
    summary: `${pattern.count} executions in ${facts.windowHours} h took ${facts.totalSeconds} s, ${facts.meanSeconds} s each, ${facts.maxSeconds ?? 'unknown'} s at most, and read ${facts.rowsExaminedPerExecution} rows each.${waits}`,
    confidence: 'certain',
    facts,
    thresholds: ['slowSharePercent'],
    recommendations: [],
  };
}

export function common(pattern: SlowPattern, view: SlowView) {
  return { subject: pattern.id, evidence: view.evidence, impact: pattern.totalSeconds };
}

/** A pattern that keeps a noticeable part of the window busy; one long report in an hour does not. */
export function hurts(pattern: SlowPattern, view: SlowView): boolean {
  return (
    pattern.count >= view.thresholds.scanExecutions &&
    (100 * pattern.totalSeconds) / view.slow.windowSeconds >= view.thresholds.slowSharePercent
  );
}

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

export function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
