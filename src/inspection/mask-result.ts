import type { Row } from '../report/evidence.ts';
import { lexicalMode } from '../sql/lexer.ts';
import { readParts } from '../sql/part.ts';
import { maskLiterals } from '../sql/redact.ts';
import { commentColumns, foldColumn, maskRows, sentenceColumns, statementColumns } from '../sql/redact-cell.ts';

/** Functions that leave a statement whole or cut off its end; any other could take a literal out of it. */
const wholeFunctions = new Set(
  `count left length charlength coalesce ifnull nullif if max min sum avg round floor ceil now currenttimestamp unixtimestamp
  timestampdiff dateformat sectotime timetosec database user version connectionid in and or not where on using values as
  by from select exists over`.split(/\s+/),
);

/**
 * Masks the rows of a statement that somebody else wrote. A column is known by its name; where a statement renames one
 * that holds text of strangers, or computes with it, nothing tells its values apart any more: then all text is masked.
 */
export function maskResult(sql: string, rows: readonly Row[]): { readonly rows: Row[]; readonly masked: number } {
  const distrust = distrustOf(sql, Object.keys(rows[0] ?? {}));
  const known = maskRows(rows);
  if (distrust === 'none') return known;
  let masked = known.masked;
  const strict = known.rows.map((row) =>
    mapText(row, (text) => {
      const clean = distrust === 'all' ? { text: '?', masked: text === '?' ? 0 : 1 } : maskLiterals(text);
      masked += clean.masked;
      return clean.text;
    }),
  );
  return { rows: strict, masked };
}

/** `literals`: any text may be a statement, whole or cut at its end; `all`: any text may be anything. */
function distrustOf(sql: string, outputs: readonly string[]): 'none' | 'literals' | 'all' {
  const parts = readParts(sql, lexicalMode(''));
  if (/^(SHOW|DESC|DESCRIBE|EXPLAIN|HELP)$/.test(parts[0]?.keyword ?? '')) return 'none';
  const shown = new Set(outputs.map(foldColumn));
  const named = new Set(parts.map(({ name }) => foldColumn(name)).filter((name) => name !== ''));
  const lost = [...named].filter((name) => !shown.has(name));
  // Names of columns can change behind a star too, where several queries make one result.
  const isMixed = parts.some(({ keyword }) => /^(UNION|EXCEPT|INTERSECT|WITH|MINUS)$/.test(keyword));
  if (isMixed && parts.some(({ keyword }) => keyword === '*')) return 'all';
  if (lost.some((name) => commentColumns.has(name) || sentenceColumns.has(name))) return 'all';
  const namesStatement = [...named].some((name) => statementColumns.has(name));
  if (!namesStatement) return 'none';
  const computes = parts.some(
    ({ name, keyword }, at) =>
      parts[at + 1]?.keyword === '(' && keyword !== ',' && name !== '' && !wholeFunctions.has(foldColumn(name)),
  );
  if (computes) return 'all';
  return isMixed || lost.some((name) => statementColumns.has(name)) ? 'literals' : 'none';
}

function mapText(row: Row, change: (text: string) => string): Row {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, typeof value === 'string' ? change(value) : value]),
  );
}
