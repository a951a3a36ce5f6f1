import { tokenize } from '../sql/lexer.ts';

export interface Predicates {
  /** Columns compared with `=`, `<=>` or IN, in order of appearance, lower case. */
  readonly equal: readonly string[];
  /** Columns compared with a range or a prefix. */
  readonly range: readonly string[];
  readonly orderBy: readonly string[];
  /** Columns inside a function or after a LIKE that begins with a wildcard: no index serves them. */
  readonly unusable: readonly { readonly column: string; readonly why: 'function' | 'leading wildcard' }[];
}

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

/**
 * What a statement filters and sorts by, read from its tokens: good enough to propose an index for one table, and checked
 * against that table's columns by whoever uses it. With several tables the columns of all of them come out.
 */
export function readPredicates(sql: string): Predicates {
  const words: Word[] = [];
  for (const { kind, start, end } of tokenize(sql)) {
    if (kind === 'comment' || kind === 'hint') continue;
    const raw = sql.slice(start, end);
    const text = kind === 'quoted' ? raw.slice(1, -1) : raw;
    words.push({ text, upper: text.toUpperCase(), kind });
  }
  const equal: string[] = [];
  const range: string[] = [];
  const orderBy: string[] = [];
  const unusable: { column: string; why: 'function' | 'leading wildcard' }[] = [];
  const start = words.findIndex(({ upper, kind }) => kind === 'word' && upper === 'WHERE');
  const add = (list: string[], column: string) => {
    if (!list.includes(column)) list.push(column);
  };
  for (let at = Math.max(0, start); start >= 0 && at < words.length; at++) {
    const word = words[at] as Word;
    if (
      word.kind === 'word' &&
      (word.upper === 'GROUP' || word.upper === 'ORDER' || word.upper === 'LIMIT' || word.upper === 'HAVING')
    )
      break;
    if (!isColumn(words, at)) continue;
    const column = word.text.toLowerCase();
    const next = words[at + 1];
    const following = next?.upper === 'NOT' ? words[at + 2] : next;
    const value = words[at + 2];
    if (insideFunction(words, at)) unusable.push({ column, why: 'function' });
    else if (next?.text === '=' && value?.text !== undefined) add(equal, column);
    else if (next?.upper === 'IN') add(equal, column);
    else if (next?.text === '<' && words[at + 2]?.text === '=' && words[at + 3]?.text === '>') add(equal, column);
    else if (next !== undefined && ['<', '>'].includes(next.text) && words[at + 2]?.text !== '>') add(range, column);
    else if (next?.upper === 'BETWEEN') add(range, column);
    else if (following?.upper === 'LIKE' || following?.upper === 'REGEXP') {
      const pattern = words[at + (next?.upper === 'NOT' ? 3 : 2)]?.text ?? '';
      if (following.upper === 'REGEXP' || /^['"]?[%_]/.test(pattern))
        unusable.push({ column, why: 'leading wildcard' });
      else if (next?.upper !== 'NOT') add(range, column);
    }
  }
  const order = words.findLastIndex(
    ({ upper, kind }, at) => kind === 'word' && upper === 'ORDER' && words[at + 1]?.upper === 'BY',
  );
  for (let at = order + 2; order >= 0 && at < words.length; at++) {
    const word = words[at] as Word;
    if (word.kind === 'word' && (word.upper === 'LIMIT' || word.upper === 'FOR')) break;
    if (word.text === '(') break;
    if (isColumn(words, at)) add(orderBy, word.text.toLowerCase());
  }
  return { equal, range, orderBy, unusable };
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
