import { tokenize } from '../sql/lexer.ts';
import { tableName } from '../sql/quote.ts';

export interface Predicates {
  /** Columns compared with `=`, `<=>` or IN, in order of appearance, lower case. */
  readonly equal: readonly string[];
  /** Columns compared with a column: of another table, or of the same. */
  readonly joined: readonly string[];
  /** Columns compared with a range or a prefix. */
  readonly range: readonly string[];
  readonly orderBy: readonly string[];
  /** Columns compared with a number as it stands; only a statement with its literals has any. */
  readonly numeric: readonly string[];
  /** Columns inside a function or after a LIKE that begins with a wildcard: no index serves them. */
  readonly unusable: readonly { readonly column: string; readonly why: 'function' | 'leading wildcard' }[];
}

const notAliases: ReadonlySet<string> = new Set(
  'WHERE ON USING JOIN LEFT RIGHT INNER OUTER CROSS NATURAL STRAIGHT_JOIN ORDER GROUP LIMIT HAVING SET FOR USE FORCE IGNORE AS LATERAL SELECT PARTITION PROCEDURE LOCK WINDOW'.split(
    ' ',
  ),
);

interface Word {
  readonly text: string;
  readonly upper: string;
  readonly kind: string;
}

const keywords: ReadonlySet<string> = new Set([
  'AND',
  'OR',
  'NOT',
  'WHERE',
  'ON',
  'IN',
  'LIKE',
  'BETWEEN',
  'IS',
  'NULL',
  'ORDER',
  'GROUP',
  'BY',
  'LIMIT',
  'HAVING',
  'ASC',
  'DESC',
  'SELECT',
  'FROM',
  'JOIN',
  'LEFT',
  'INNER',
  'USING',
  'AS',
  'SET',
  'FOR',
  'UNION',
  'EXISTS',
  'CASE',
  'WHEN',
  'THEN',
  'ELSE',
  'END',
  'XOR',
  'REGEXP',
  'RLIKE',
  'OFFSET',
  'WITH',
  'ALL',
  'DISTINCT',
  'DIV',
  'MOD',
  'COLLATE',
  'BINARY',
  'INTERVAL',
  'TRUE',
  'FALSE',
]);

/** One table of a statement: the names by which its columns are qualified, lower case, and the columns that it has. */
export interface TableScope {
  readonly names: ReadonlySet<string>;
  has(column: string): boolean;
}

/** Where two conditions stand side by side; an OR in it means that no one of them narrows the search alone. */
interface Group {
  readonly columns: Set<string>;
  readonly parent: Group | undefined;
  hasOr: boolean;
}

/**
 * What a statement filters and sorts by, read from its tokens: good enough to propose an index for one table. With a scope
 * only that table's columns come out, else those of all. Subqueries and what follows a UNION are left out.
 */
export function readPredicates(sql: string, scope?: TableScope): Predicates {
  const words = outerWords(sql);
  const found: { readonly list: 'equal' | 'joined' | 'range'; readonly column: string; readonly group: Group }[] = [];
  const unusable: { column: string; why: 'function' | 'leading wildcard' }[] = [];
  const numeric = new Set<string>();
  let group: Group = { columns: new Set(), parent: undefined, hasOr: false };
  const start = words.findIndex(({ upper, kind }) => kind === 'word' && ['WHERE', 'ON', 'USING'].includes(upper));
  for (let at = start; start >= 0 && at < words.length; at++) {
    const word = words[at] as Word;
    if (word.kind === 'word' && ['GROUP', 'ORDER', 'LIMIT', 'HAVING'].includes(word.upper)) break;
    if (word.text === '(') group = { columns: new Set(), parent: group, hasOr: false };
    else if (word.text === ')') group = group.parent ?? group;
    else if (word.kind === 'word' && ['WHERE', 'ON'].includes(word.upper))
      group = { columns: new Set(), parent: undefined, hasOr: false };
    else if (word.kind === 'word' && (word.upper === 'OR' || word.upper === 'XOR')) group.hasOr = true;
    if (!isColumn(words, at)) continue;
    const column = word.text.toLowerCase();
    group.columns.add(column);
    if (!inScope(words, at, scope)) continue;
    const kind = insideFunction(words, at) ? 'function' : comparisonOf(words, at);
    if (kind === 'function' || kind === 'leading wildcard') unusable.push({ column, why: kind });
    else if (kind) found.push({ list: kind, column, group });
    if (kind !== 'function' && isComparedWithNumber(words, at)) numeric.add(column);
  }
  const inList = (list: 'equal' | 'joined' | 'range') => [
    ...new Set(found.filter((one) => one.list === list && narrows(one.group)).map(({ column }) => column)),
  ];
  return {
    equal: inList('equal'),
    joined: inList('joined'),
    range: inList('range'),
    orderBy: readOrder(words, scope),
    numeric: [...numeric],
    unusable,
  };
}

/** `a = 1 OR a = 2` narrows by a; `a = 1 OR b = 2` by neither. */
function narrows(group: Group | undefined): boolean {
  return !group || ((!group.hasOr || (group.columns.size === 1 && !group.parent?.hasOr)) && narrows(group.parent));
}

function comparisonOf(
  words: readonly Word[],
  at: number,
): 'equal' | 'joined' | 'range' | 'leading wildcard' | undefined {
  const next = words[at + 1];
  const value = words[at + 2];
  const before = words[qualified(words, at) ? at - 3 : at - 1];
  if (next?.text === '=') return isColumnName(words, at + 2) ? 'joined' : 'equal';
  if (before?.text === '=' && words[at - (qualified(words, at) ? 4 : 2)] !== undefined) {
    const left = words[at - (qualified(words, at) ? 4 : 2)];
    const compound = left?.kind === 'symbol' && /[!<>:]/.test(left.text);
    return compound ? undefined : isColumnName(words, words.indexOf(left as Word)) ? 'joined' : 'equal';
  }
  if (inUsing(words, at)) return 'joined';
  if (next?.upper === 'IN') return 'equal';
  if (next?.text === '<' && value?.text === '=' && words[at + 3]?.text === '>') return 'equal';
  if (next !== undefined && ['<', '>'].includes(next.text) && value?.text !== '>') return 'range';
  if (next?.upper === 'BETWEEN') return 'range';
  const following = next?.upper === 'NOT' ? value : next;
  if (following?.upper !== 'LIKE' && following?.upper !== 'REGEXP' && following?.upper !== 'RLIKE') return undefined;
  const pattern = words[at + (next?.upper === 'NOT' ? 3 : 2)]?.text ?? '';
  if (following.upper !== 'LIKE' || /^['"]?[%_]/.test(pattern)) return 'leading wildcard';
  return next?.upper === 'NOT' ? undefined : 'range';
}

/** `phone = 49171`, `phone IN (49171, …)`, `phone BETWEEN 1 AND 9`, `49171 = phone`; not `phone = '49171'`. */
function isComparedWithNumber(words: readonly Word[], at: number): boolean {
  const left = qualified(words, at) ? at - 4 : at - 2;
  if (words[left]?.kind === 'number' && words[left + 1]?.text === '=') return true;
  let value = at + 1;
  if (['IN', 'BETWEEN'].includes(words[value]?.upper ?? '')) value++;
  else if (!/^[=<>]$/.test(words[value]?.text ?? '')) return false;
  while (/^[=<>(+-]$/.test(words[value]?.text ?? '')) value++;
  // `phone = 1 + x` is no plain number, but no text either.
  return words[value]?.kind === 'number';
}

/** ORDER BY one table's columns in one direction; anything else cannot be read from an index in order. */
function readOrder(words: readonly Word[], scope: TableScope | undefined): string[] {
  const order = words.findLastIndex(
    ({ upper, kind }, at) => kind === 'word' && upper === 'ORDER' && words[at + 1]?.upper === 'BY',
  );
  const columns: string[] = [];
  for (let at = order + 2; order >= 0 && at < words.length; at++) {
    const word = words[at] as Word;
    if (word.kind === 'word' && (word.upper === 'LIMIT' || word.upper === 'FOR')) break;
    if (word.text === '(') return [];
    if (!isColumn(words, at)) continue;
    if (!inScope(words, at, scope)) return [];
    columns.push(word.text.toLowerCase());
  }
  const directions = new Set(words.slice(order).filter(({ upper }) => upper === 'DESC' || upper === 'ASC'));
  const descending = [...directions].filter(({ upper }) => upper === 'DESC').length;
  return descending === 0 || descending === columns.length ? columns : [];
}

/** The names by which a statement calls its tables: `schema.table` by alias, in the order of FROM and JOIN, subqueries left out. */
export function tableNames(sql: string, schema: string): { readonly table: string; readonly alias: string }[] {
  const words = outerWords(sql);
  const isName = (at: number) => {
    const word = words[at];
    return word !== undefined && (word.kind === 'quoted' || (word.kind === 'word' && !notAliases.has(word.upper)));
  };
  const found: { table: string; alias: string }[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as Word;
    if (word.kind !== 'word' || !['FROM', 'JOIN', 'UPDATE', 'STRAIGHT_JOIN'].includes(word.upper)) continue;
    for (at++; isName(at); ) {
      const whole = words[at + 1]?.text === '.' && isName(at + 2);
      const name = words[whole ? at + 2 : at]?.text as string;
      const table = tableName(whole ? (words[at]?.text ?? '') : schema, name);
      at += whole ? 3 : 1;
      if (words[at]?.upper === 'AS') at++;
      const alias = isName(at) ? (words[at++]?.text as string) : name;
      found.push({ table, alias: alias.toLowerCase() });
      if (words[at]?.text !== ',') break;
      at++;
    }
    at--;
  }
  return found;
}

/** Tokens without comments, subqueries, and what a UNION adds. */
function outerWords(sql: string): Word[] {
  const words: Word[] = [];
  let depth = 0;
  let inner = 0;
  for (const { kind, start, end } of tokenize(sql)) {
    if (kind === 'comment' || kind === 'hint') continue;
    const raw = sql.slice(start, end);
    const text = kind === 'quoted' ? raw.slice(1, -1).replaceAll('``', '`') : raw;
    const upper = text.toUpperCase();
    if (text === '(' && kind === 'symbol') depth++;
    else if (text === ')' && kind === 'symbol') {
      if (inner === depth) inner = 0;
      depth--;
    } else if (inner === 0 && depth > 0 && upper === 'SELECT' && kind === 'word') inner = depth;
    else if (depth === 0 && upper === 'UNION' && kind === 'word') break;
    if (inner === 0) words.push({ text, upper, kind });
  }
  return words;
}

function qualified(words: readonly Word[], at: number): boolean {
  return words[at - 1]?.text === '.' && words[at - 1]?.kind === 'symbol';
}

function inScope(words: readonly Word[], at: number, scope: TableScope | undefined): boolean {
  if (!scope) return true;
  const column = (words[at] as Word).text.toLowerCase();
  if (!scope.has(column)) return false;
  return !qualified(words, at) || scope.names.has(words[at - 2]?.text.toLowerCase() ?? '');
}

function isColumnName(words: readonly Word[], at: number): boolean {
  const word = words[at];
  if (!word || words[at + 1]?.text === '(') return false;
  return word.kind === 'quoted' || (word.kind === 'word' && !keywords.has(word.upper));
}

function inUsing(words: readonly Word[], at: number): boolean {
  const open = words.findLastIndex(({ text }, place) => place < at && text === '(');
  return open > 0 && words[open - 1]?.upper === 'USING' && !words.slice(open, at).some(({ text }) => text === ')');
}

function isColumn(words: readonly Word[], at: number): boolean {
  const word = words[at];
  if (!word || (word.kind !== 'word' && word.kind !== 'quoted')) return false;
  if (word.kind === 'word' && keywords.has(word.upper)) return false;
  return words[at + 1]?.text !== '(' && words[at + 1]?.text !== '.';
}

/** `DATE(created_at) = …`: the word before the opening parenthesis is a function's name. */
function insideFunction(words: readonly Word[], at: number): boolean {
  let depth = 0;
  for (let back = at - 1; back >= 0 && back > at - 12; back--) {
    const { text, upper, kind } = words[back] as Word;
    if (text === ')') depth++;
    else if (text === '(') {
      if (depth > 0) depth--;
      else {
        const before = words[back - 1];
        return before !== undefined && before.kind === 'word' && !keywords.has(before.upper) && kind === 'symbol';
      }
    } else if (depth === 0 && kind === 'word' && ['AND', 'OR', 'WHERE', 'ON'].includes(upper)) return false;
  }
  return false;
}
