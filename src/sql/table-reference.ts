import { foldName, type Part } from './part.ts';

export interface TableReference {
  /** Undefined where the statement leaves it to the default schema. */
  readonly schema: string | undefined;
  readonly name: string;
}

/** One pair of parentheses, or the statement itself. */
interface Level {
  /** Between FROM (or UPDATE, INTO, TABLE) and the clause that ends the list of tables. */
  inTables: boolean;
  /** The next name is a table's. */
  awaitsTable: boolean;
  readonly isQuery: boolean;
}

const clausesAfterTables = new Set([
  ...['SELECT', 'WHERE', 'GROUP', 'HAVING', 'ORDER', 'LIMIT', 'UNION', 'EXCEPT', 'INTERSECT', 'WINDOW', 'SET'],
  ...['VALUES', 'VALUE', 'PROCEDURE', 'RETURNING', 'ADD', 'CHANGE', 'MODIFY', 'ALGORITHM'],
]);
const wordsBeforeTable = new Set([
  ...['LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'QUICK', 'IGNORE', 'IF', 'NOT', 'EXISTS', 'LATERAL', 'ONLY'],
  ...['INTO', 'FROM', 'TABLE', 'WAIT', 'NOWAIT', 'OJ'],
]);
const wordsThatStartQuery = new Set(['SELECT', 'VALUES', 'WITH', 'TABLE']);

/** Tables that a statement names, in order, each once; the names of its WITH clause are left out where they apply. */
export function findTables(parts: readonly Part[]): TableReference[] {
  const found = new Map<string, TableReference>();
  const scopes = findCommonTables(parts);
  for (const { at, schema, name } of scanTables(parts)) {
    const folded = foldName(name);
    if (schema === undefined && scopes.some((it) => it.name === folded && at >= it.from && at < it.to)) continue;
    const key = `${schema ?? ''}\n${name}`;
    if (!found.has(key)) found.set(key, { schema, name });
  }
  return [...found.values()];
}

function* scanTables(parts: readonly Part[]): Generator<TableReference & { readonly at: number }> {
  const first = parts.find((part) => part.keyword !== '(')?.keyword;
  const levels: Level[] = [{ inTables: false, awaitsTable: false, isQuery: first !== 'SHOW' }];
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at];
    const level = levels.at(-1);
    if (part === undefined || level === undefined) return;
    const { keyword } = part;
    if (keyword === '(') {
      levels.push(openLevel(level, parts[at + 1]?.keyword));
      level.awaitsTable = false;
    } else if (keyword === ')') {
      if (levels.length > 1) levels.pop();
    } else if (keyword === ',') {
      level.awaitsTable = level.inTables;
    } else if (keyword === 'JOIN' || keyword === 'STRAIGHT_JOIN') {
      level.awaitsTable = level.inTables;
    } else if (startsTables(keyword, at, first, level)) {
      level.inTables = true;
      level.awaitsTable = true;
    } else if (clausesAfterTables.has(keyword)) {
      level.inTables = false;
      level.awaitsTable = false;
    } else if (level.awaitsTable && part.name !== '' && !wordsBeforeTable.has(keyword)) {
      const dot = parts[at + 1]?.keyword === '.' ? parts[at + 2] : undefined;
      const isFunction = keyword === 'JSON_TABLE' && parts[at + 1]?.keyword === '(';
      if (dot !== undefined && dot.name !== '') {
        yield { at, schema: part.name, name: dot.name };
        at += 2;
      } else if (!isFunction && keyword !== 'DUAL') {
        yield { at, schema: undefined, name: part.name };
      }
      level.awaitsTable = false;
    }
  }
}

function openLevel(outer: Level, next: string | undefined): Level {
  const isQuery = wordsThatStartQuery.has(next ?? '') || (next === '(' && outer.isQuery);
  const isGroup = outer.awaitsTable && !wordsThatStartQuery.has(next ?? '');
  return { inTables: isGroup, awaitsTable: isGroup, isQuery: isQuery || isGroup };
}

/** FROM inside a function, as in EXTRACT(YEAR FROM d), names no table; UPDATE does only as the statement's verb. */
function startsTables(keyword: string, at: number, first: string | undefined, level: Level): boolean {
  if (keyword === 'FROM') return level.isQuery;
  if (keyword === 'INTO') return first === 'INSERT' || first === 'REPLACE' || first === 'LOAD';
  if (keyword === 'TABLE') return first !== 'SHOW' || at === 2;
  return at === 0 && (keyword === 'UPDATE' || keyword === 'DESCRIBE' || keyword === 'DESC' || keyword === 'TRUNCATE');
}

interface CommonTable {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Where each name of a WITH clause stands for its query: from the end of that query to the end of its level. */
function findCommonTables(parts: readonly Part[]): CommonTable[] {
  const found: CommonTable[] = [];
  parts.forEach((part, at) => {
    if (part.keyword !== 'WITH') return;
    const recursive = parts[at + 1]?.keyword === 'RECURSIVE';
    for (const it of readCommonTables(parts, at + (recursive ? 2 : 1))) {
      found.push({ name: foldName(it.name), from: recursive ? it.nameAt : it.end, to: levelEnd(parts, at) });
    }
  });
  return found;
}

/** The definitions of a WITH clause, `at` being the first name; stops at what does not look like one. */
export function* readCommonTables(
  parts: readonly Part[],
  at: number,
): Generator<{ readonly name: string; readonly nameAt: number; readonly end: number }> {
  let next = at;
  for (;;) {
    const nameAt = next;
    const name = parts[nameAt]?.name ?? '';
    let as = nameAt + 1;
    if (parts[as]?.keyword === '(') as = levelEnd(parts, as + 1) + 1;
    if (name === '' || parts[as]?.keyword !== 'AS' || parts[as + 1]?.keyword !== '(') return;
    let end = levelEnd(parts, as + 2) + 1;
    if (parts[end]?.keyword === 'CYCLE') {
      while (end < parts.length && parts[end]?.keyword !== 'RESTRICT') end++;
      end++;
    }
    yield { name, nameAt, end };
    if (parts[end]?.keyword !== ',') return;
    next = end + 1;
  }
}

/** The index of the parenthesis that closes the level in which `at` stands, or the number of parts. */
export function levelEnd(parts: readonly Part[], at: number): number {
  let depth = 0;
  for (let i = at; i < parts.length; i++) {
    const keyword = parts[i]?.keyword;
    if (keyword === '(') depth++;
    else if (keyword === ')' && depth-- === 0) return i;
  }
  return parts.length;
}
