import { checkCharacters } from './guard-characters.ts';
import { checkExpressions } from './guard-expression.ts';
import { checkShow } from './guard-show.ts';
import { checkTables, type SchemaRules } from './guard-table.ts';
import { lexicalMode } from './lexer.ts';
import { type Part, readParts } from './part.ts';
import type { Refusal } from './refusal.ts';
import { readCommonTables } from './table-reference.ts';

export interface GuardOptions extends SchemaRules {
  /** The session's `@@sql_mode`; it decides where strings end. MariaDB's default when absent. */
  readonly sqlMode?: string;
}

export type GuardVerdict = { readonly allow: true } | { readonly allow: false; readonly reason: string };

const queryStarts = new Set(['SELECT', 'WITH', 'VALUES', 'TABLE']);

/**
 * Lets through exactly one statement that only reads: a query, SHOW, DESCRIBE, EXPLAIN of a query, or HELP.
 *
 * It is an allow-list: an unknown verb, SHOW, function or character is refused. It knows neither the server's views
 * nor its data, so it is the third wall behind an account that cannot write and a session that is read-only.
 */
export function guardStatement(sql: string, options: GuardOptions = {}): GuardVerdict {
  const reason = refuse(sql, options);
  return reason === undefined ? { allow: true } : { allow: false, reason };
}

function refuse(sql: string, options: GuardOptions): Refusal {
  const all = readParts(sql, lexicalMode(options.sqlMode));
  const parts = all.at(-1)?.keyword === ';' ? all.slice(0, -1) : all;
  if (parts.length === 0) return 'no statement';
  return (
    checkCharacters(sql, parts) ??
    (parts.some((part) => part.keyword === ';') ? 'more than one statement' : undefined) ??
    checkVerb(parts) ??
    checkTables(parts, options)
  );
}

function checkVerb(parts: readonly Part[]): Refusal {
  const verb = parts.find((part) => part.keyword !== '(')?.keyword ?? '';
  if (queryStarts.has(verb)) return checkQuery(parts);
  switch (parts[0]?.keyword) {
    case 'SHOW':
      return checkShow(parts);
    case 'EXPLAIN':
    case 'DESCRIBE':
    case 'DESC':
      return checkExplain(parts);
    case 'HELP':
      return parts.length === 2 ? undefined : 'HELP takes one topic';
    case '':
      return 'not a statement that only reads';
    default:
      return `${verb.slice(0, 30)} is not a statement that only reads`;
  }
}

function checkQuery(parts: readonly Part[]): Refusal {
  if (parts.length < 2) return 'the statement is incomplete';
  return checkMainQuery(parts) ?? checkExpressions(parts);
}

/** A WITH clause may be followed by UPDATE or DELETE as well as by SELECT. */
function checkMainQuery(parts: readonly Part[]): Refusal {
  const start = parts.findIndex((part) => part.keyword !== '(');
  if (parts[start]?.keyword !== 'WITH') return undefined;
  const names = start + (parts[start + 1]?.keyword === 'RECURSIVE' ? 2 : 1);
  let end: number | undefined;
  for (const table of readCommonTables(parts, names)) end = table.end;
  if (end === undefined) return 'WITH without a query';
  const main = parts.slice(end).find((part) => part.keyword !== '(')?.keyword ?? '';
  return main === 'SELECT' || main === 'VALUES' ? undefined : 'WITH leads to something other than SELECT';
}

/** EXPLAIN of a query, of a running connection, or of a table's columns. */
function checkExplain(parts: readonly Part[]): Refusal {
  let at = 1;
  const option = parts[at]?.keyword;
  if (option === 'EXTENDED' || option === 'PARTITIONS') at += 1;
  else if (option === 'FORMAT' && parts[at + 1]?.keyword === '=') {
    const format = parts[at + 2]?.keyword;
    if (format !== 'JSON' && format !== 'TRADITIONAL') return 'EXPLAIN in an unknown format';
    at += 3;
  }
  const rest = parts.slice(at);
  const verb = rest.find((part) => part.keyword !== '(')?.keyword ?? '';
  if (queryStarts.has(verb) && verb !== 'TABLE') return checkQuery(rest);
  if (verb === 'FOR') {
    const ofConnection = rest.length === 3 && rest[1]?.keyword === 'CONNECTION' && rest[2]?.kind === 'number';
    return ofConnection ? undefined : 'EXPLAIN FOR takes CONNECTION and a number';
  }
  return at === 1 ? checkDescribe(rest) : 'EXPLAIN of something other than a query';
}

/** `table`, `schema.table`, each with a column's name or pattern. */
function checkDescribe(parts: readonly Part[]): Refusal {
  const refusal = checkExpressions(parts);
  if (refusal !== undefined) return refusal;
  const isName = (part: Part | undefined): boolean => part !== undefined && part.name !== '';
  const nameParts = parts[1]?.keyword === '.' ? 3 : 1;
  if (!isName(parts[0]) || !isName(parts[nameParts - 1])) return 'EXPLAIN or DESCRIBE of something other than a query';
  const column = parts[nameParts];
  const complete = column === undefined || isName(column) || column.kind === 'string';
  return complete && parts.length <= nameParts + 1 ? undefined : 'DESCRIBE takes a table and a column';
}
