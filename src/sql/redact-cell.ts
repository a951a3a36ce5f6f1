import { maskLiterals } from './redact.ts';
import { isMonitor, redactMonitor } from './redact-monitor.ts';
import type { Redacted } from './redact-text.ts';

/** Columns that hold statements or values of rows, by their names in the server's tables and in our evidence, without `_`. */
const statementColumns = words(`
  info infobinary sqltext query trxquery statement digesttext argument sample fingerprint querysampletext lockdata
  partitiondescription columndefault checkclause generationexpression viewdefinition routinedefinition eventdefinition
  actionstatement attachedcondition`);
/** Columns that hold sentences of the server with values of rows or pieces of statements in quotes. */
const sentenceColumns = words(`
  lasterror lastsqlerror lastioerror lasterrormessage messagetext message error reason pattern detail columntype`);
/** Columns that hold whatever somebody wrote about an object. */
const commentColumns = words('comment tablecomment columncomment indexcomment schemacomment partitioncomment');

const verbs = `select|insert|update|delete|replace|with|call|set|alter|create|drop|truncate|rename|load|grant|revoke|
  begin|start|commit|rollback|xa|lock|unlock|use|show|explain|describe|desc|analyze|optimize|check|repair|kill|flush|do|
  execute|prepare|handler|values|change|install|purge`.replaceAll(/\s+/g, '');
const statement = new RegExp(String.raw`^(?:[\s(;]|/\*[^]*?\*/|(?:#|--\s).*\n)*(?:${verbs})\b(?=[\s(\`'"*;/]|$)`, 'i');

/** Masks literals and comments in a cell that comes from a server, by its column's name and by what it looks like. */
export function maskCell(column: string, text: string): Redacted {
  const name = column.toLowerCase().replaceAll('_', '');
  if (commentColumns.has(name)) return text === '' ? { text, masked: 0 } : { text: '?', masked: 1 };
  if (isMonitor(text)) return redactMonitor(text);
  if (statementColumns.has(name) || looksLikeStatement(text)) return maskLiterals(text);
  return sentenceColumns.has(name) ? maskQuoted(text) : { text, masked: 0 };
}

export function looksLikeStatement(text: string): boolean {
  return statement.test(text);
}

/** Words before which the server puts a name in quotes, and no value. */
const namesFollow = /(?:\bfor key|\btable|\bcolumn|\buser|\bdatabase|\bindex|\bplugin|\bvariable|@)\s*$/i;

/** What a server quotes in its messages may be a value, `Duplicate entry 'x' for key 'y'`; accounts and names stay. */
export function maskQuoted(text: string): Redacted {
  let masked = 0;
  const kept = text.replaceAll(/'(?:[^'\\]|\\.|'')*'?|"(?:[^"\\]|\\.|"")*"?/g, (found, at: number) => {
    if (namesFollow.test(text.slice(Math.max(0, at - 20), at))) return found;
    masked++;
    return "'?'";
  });
  return { text: kept, masked };
}

type Cells = Readonly<Record<string, string | number | boolean | null>>;

/** Rows of a server without literals and comments, and how many were masked. */
export function maskRows<Row extends Cells>(rows: readonly Row[]): { readonly rows: Cells[]; readonly masked: number } {
  let masked = 0;
  const clean = rows.map((row) => {
    const cells = Object.entries(row).map(([column, value]) => {
      if (typeof value !== 'string') return [column, value];
      const cell = maskCell(column, value);
      masked += cell.masked;
      return [column, cell.text];
    });
    return Object.fromEntries(cells) as Cells;
  });
  return { rows: clean, masked };
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
