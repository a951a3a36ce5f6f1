import { maskLiterals } from './redact.ts';
import { isMonitor, redactMonitor } from './redact-monitor.ts';
import type { Redacted } from './redact-text.ts';

/** Columns that hold statements or values of rows, by their names in the server's tables and in our evidence, without `_`. */
export const statementColumns = words(`
  info infobinary sqltext query trxquery statement digesttext argument sample fingerprint querysampletext lockdata
  partitiondescription columndefault checkclause generationexpression viewdefinition routinedefinition eventdefinition
  actionstatement attachedcondition currentstatement laststatement waitingquery blockingquery`);
/** Columns that hold sentences of the server with values of rows or pieces of statements in quotes. */
export const sentenceColumns = words(`
  lasterror lastsqlerror lastioerror lasterrormessage messagetext message error reason pattern detail columntype`);
/** Columns that hold whatever somebody wrote about an object, or a value as it is: nothing in them tells what it is. */
export const commentColumns = words(
  'default comment tablecomment columncomment indexcomment schemacomment partitioncomment',
);

const verbs = `select|insert|update|delete|replace|with|call|set|alter|create|drop|truncate|rename|load|grant|revoke|
  begin|start|commit|rollback|xa|lock|unlock|use|show|explain|describe|desc|analyze|optimize|check|repair|kill|flush|do|
  execute|prepare|handler|values|change|install|purge`.replaceAll(/\s+/g, '');
const statement = new RegExp(
  String.raw`^(?:[\s(;]|/\*[\s\S]*?\*/|(?:#|--\s).*\n)*(?:${verbs})\b(?=[\s(\`'"*;/]|$)`,
  'i',
);

/** Masks literals and comments in a cell that comes from a server, by its column's name and by what it looks like. */
export function maskCell(column: string, text: string): Redacted {
  const name = foldColumn(column);
  if (commentColumns.has(name)) return text === '' ? { text, masked: 0 } : { text: '?', masked: 1 };
  if (isMonitor(text)) return redactMonitor(text);
  if (statementColumns.has(name) || looksLikeStatement(text)) return maskStatement(text);
  if (text.startsWith('{')) return maskJson(text);
  return sentenceColumns.has(name) ? maskQuoted(text) : { text, masked: 0 };
}

/** A column's name as the sets above hold it. */
export function foldColumn(column: string): string {
  return column.toLowerCase().replaceAll('_', '');
}

/** Lengths of types and of parts of keys, which a definition is worth nothing without. */
const lengthFollows =
  /(?:\b(?:(?:var)?(?:char|binary)|bit|dec(?:imal)?|numeric|float|double|(?:tiny|small|medium|big)?int|year|datetime|timestamp|time)|`)\((?:\d+,)?$/i;

function maskStatement(text: string): Redacted {
  // The sys schema cuts the middle out of a statement: what follows may begin inside a string.
  const whole = text.replace(/ \.\.\. [\s\S]*$/, ' ...');
  const isDefinition = /^\s*create\s+(?:temporary\s+)?table\b/i.test(whole);
  const clean = maskLiterals(whole, undefined, isDefinition ? (before) => lengthFollows.test(before) : undefined);
  return whole === text ? clean : { ...clean, masked: clean.masked + 1 };
}

/** EXPLAIN FORMAT=JSON and its like: conditions hold literals. */
function maskJson(text: string): Redacted {
  let masked = 0;
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string' && (/['"]/.test(value) || /[=<>]/.test(value))) {
      const clean = maskLiterals(value);
      masked += clean.masked;
      return clean.text;
    }
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]));
  };
  try {
    return { text: JSON.stringify(walk(JSON.parse(text)), undefined, 2), masked };
  } catch {
    return maskQuoted(text);
  }
}

function looksLikeStatement(text: string): boolean {
  return statement.test(text);
}

/** Words before which the server puts a name in quotes, and no value. */
const namesFollow = /(?:\bfor key|\btable|\bcolumn|\buser|\bdatabase:?|\bindex|\bplugin|\bvariable|@)\s*$/i;

/** Where the server quotes a value as it is, whatever quotes stand in it: from these words to the last of those. */
const rawValues: readonly { readonly from: string; readonly to: readonly string[] }[] = [
  { from: "Query: '", to: [] },
  { from: "entry '", to: ["' for key "] },
  { from: "value: '", to: ["' for ", "' at row "] },
  { from: "value '", to: ["' for ", "' at row "] },
];

/** The sentence without its raw values. Searches by plain words: a pattern would take the square of a hostile length. */
function maskRawValues(sentence: string): Redacted {
  let text = sentence;
  let masked = 0;
  for (const { from, to } of rawValues) {
    const start = text.indexOf(from);
    if (start < 0) continue;
    const valueAt = start + from.length;
    const ends = to.map((words) => text.lastIndexOf(words)).filter((at) => at >= valueAt);
    const end = ends.length > 0 ? Math.max(...ends) : text.length;
    text = `${text.slice(0, valueAt)}?'${text.slice(end + 1)}`;
    masked++;
  }
  return { text, masked };
}

/** What a server quotes in its messages may be a value, `Duplicate entry 'x' for key 'y'`; accounts and names stay. */
export function maskQuoted(sentence: string): Redacted {
  let { text, masked } = maskRawValues(sentence);
  // Replication wraps the message in quotes of its own.
  text = text.replace(/^Error '([\s\S]*)' on query\./, 'Error: $1 on query.');
  const kept = text.replaceAll(/'(?:[^'\\]|\\.|'')*'?|"(?:[^"\\]|\\.|"")*"?/g, (found, at: number) => {
    if (found === "'?'" || namesFollow.test(text.slice(Math.max(0, at - 20), at))) return found;
    masked++;
    return "'?'";
  });
  return { text: kept, masked };
}

/** Settings whose value opens a door: report_password, wsrep_sst_auth. */
const secretSetting = /password|passphrase|secret|token|credential|(^|_)auth(_|$)/i;
const harmlessValue = /^(on|off|yes|no|\d*|\*+)$/i;
const nameColumns = new Set(['name', 'variablename', 'optionname']);

function isSecretSetting(row: Cells): boolean {
  return Object.entries(row).some(
    ([column, value]) =>
      typeof value === 'string' &&
      nameColumns.has(foldColumn(column)) &&
      /^\w{1,64}$/.test(value) &&
      secretSetting.test(value),
  );
}

type Cells = Readonly<Record<string, string | number | boolean | null>>;

/** Rows of a server without literals and comments, and how many were masked. */
export function maskRows<Row extends Cells>(rows: readonly Row[]): { readonly rows: Cells[]; readonly masked: number } {
  let masked = 0;
  const clean = rows.map((row) => {
    const hidesValue = isSecretSetting(row);
    const cells = Object.entries(row).map(([column, value]) => {
      if (typeof value !== 'string') return [column, value];
      const isValue = /value/i.test(column) && !harmlessValue.test(value);
      const cell = hidesValue && isValue ? { text: '?', masked: 1 } : maskCell(column, value);
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
