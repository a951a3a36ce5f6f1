import { tokenize } from '../sql/lexer.ts';
import { tableName } from '../sql/quote.ts';

const introducers: ReadonlySet<string> = new Set(['FROM', 'JOIN', 'UPDATE', 'INTO', 'TABLE', 'TABLES']);
const skipped: ReadonlySet<string> = new Set([
  'IF',
  'EXISTS',
  'NOT',
  'LOW_PRIORITY',
  'IGNORE',
  'ONLY',
  'STRAIGHT_JOIN',
  'LATERAL',
]);

/** The tables that a statement names, as `schema.table`, in order of appearance; a guess on truncated text, never a parse. */
export function tablesIn(sql: string | null, schema: string | null): string[] {
  if (sql === null) return [];
  const tokens = [...tokenize(sql.slice(0, 4_000))].filter(({ kind }) => kind !== 'comment');
  const textOf = (at: number) => {
    const token = tokens[at];
    if (!token || (token.kind !== 'word' && token.kind !== 'quoted')) return undefined;
    const text = sql.slice(token.start, token.end);
    return token.kind === 'quoted' ? text.slice(1, -1).replaceAll('``', '`') : text;
  };
  const isSymbol = (at: number, symbol: string) =>
    tokens[at]?.kind === 'symbol' && sql.slice(tokens[at].start, tokens[at].end) === symbol;
  const tables: string[] = [];
  /** CREATE INDEX i ON t, DROP INDEX i ON t, CREATE TRIGGER … ON t. */
  const isOfIndex =
    /^(CREATE|DROP)$/i.test(textOf(0) ?? '') &&
    [1, 2, 3, 4, 5].some((at) => /^(INDEX|TRIGGER)$/i.test(textOf(at) ?? '')) &&
    !/^TABLE$/i.test(textOf(1) ?? '');
  for (let at = 0; at < tokens.length; at++) {
    const word = tokens[at]?.kind === 'word' ? textOf(at)?.toUpperCase() : undefined;
    if (word === undefined || !(introducers.has(word) || (word === 'ON' && isOfIndex))) continue;
    let next = at + 1;
    while (skipped.has(textOf(next)?.toUpperCase() ?? '')) next++;
    for (;;) {
      const first = textOf(next);
      if (first === undefined) break;
      const second = isSymbol(next + 1, '.') ? textOf(next + 2) : undefined;
      const bare = schema === null ? first : tableName(schema, first);
      const name = second === undefined ? bare : tableName(first, second);
      if (!tables.includes(name)) tables.push(name);
      next += second === undefined ? 1 : 3;
      if (textOf(next)?.toUpperCase() === 'AS') next++;
      if (textOf(next) !== undefined && isSymbol(next + 1, ',')) next++;
      if (!isSymbol(next, ',') || word === 'INTO') break;
      next++;
    }
  }
  return tables;
}
