import { describeError, ProbeError, StoppedError, TargetUnreachableError, TimedOutError } from '../errors.ts';
import type { Evidence } from '../report/evidence.ts';
import type { FindingTable } from '../report/finding.ts';
import type { Inspection } from '../report/report.ts';
import { guardStatement } from '../sql/guard.ts';
import { redactLiterals } from '../sql/redact.ts';
import type { TargetSession } from '../targets/connection.ts';
import type { Target } from '../targets/target.ts';
import { maskResult } from './mask-result.ts';

/** The name under which a model and traces know it. */
export const runReadOnlyQuery = 'run_read_only_query';

/** What an inspection may bring home; its time is limited by the session, as that of every statement. */
export const inspectionCaps = { rows: 200, bytes: 256 * 1024 } as const;

/** What our sessions set; the guard must read a statement as the server will. */
const sessionSqlMode = 'NO_ENGINE_SUBSTITUTION';
/** Where names without a schema are looked up when the target has no database of its own: nothing of a user is there. */
const neutralSchema = 'information_schema';

export interface Inspected {
  readonly inspection: Inspection;
  /** Without an id: it is numbered with the report. Absent where the server was not asked. */
  readonly evidence?: Omit<Evidence, 'id'>;
}

/**
 * Runs a statement that a person or a model wrote: behind the guard, in the read-only session of the account that can
 * only read, and no more than the caps of it. Rejects with StoppedError alone; every other failure is a result.
 */
export async function inspect(
  session: TargetSession,
  target: Target,
  sql: string,
  signal: AbortSignal | undefined,
): Promise<Inspected> {
  const statement = redactLiterals(sql, sessionSqlMode);
  const base = { target: target.name, statement, rowCount: 0, truncated: false, durationMs: 0 };
  const schema = target.database ?? neutralSchema;
  const verdict = guardStatement(sql, {
    sqlMode: sessionSqlMode,
    allowedSchemas: target.inspectSchemas,
    defaultSchema: schema,
  });
  if (!verdict.allow) {
    const reason = `${redactLiterals(verdict.reason)}. ${whatIsAllowed(target)}`;
    return { inspection: { ...base, status: 'refused', reason } };
  }
  const startedAtMs = Date.now();
  try {
    const { rows: maxRows, bytes: maxBytes } = inspectionCaps;
    const { rows, truncated } = await session.query(withoutEnd(sql), {
      probe: 'inspection',
      maxRows,
      maxBytes,
      schema,
      ...(signal ? { signal } : {}),
    });
    const durationMs = Date.now() - startedAtMs;
    const clean = maskResult(sql, rows);
    const evidence = {
      probe: 'inspection',
      target: target.name,
      sql: statement,
      takenAt: new Date(startedAtMs).toISOString(),
      durationMs,
      windowSeconds: 0,
      truncated,
      masked: clean.masked,
      rows: clean.rows,
    };
    const inspection: Inspection = { ...base, status: 'answered', rowCount: rows.length, truncated, durationMs };
    const table = tableOf(statement, clean.rows);
    return { inspection: { ...inspection, ...(table ? { table } : {}) }, evidence };
  } catch (error) {
    if (error instanceof StoppedError && signal?.aborted) throw error;
    const durationMs = Date.now() - startedAtMs;
    return { inspection: { ...base, status: 'failed', durationMs, reason: reasonOf(error, target) } };
  }
}

function whatIsAllowed({ name, inspectSchemas }: Target): string {
  const schemas = ['information_schema', 'performance_schema', 'mysql', 'sys', ...inspectSchemas].join(', ');
  return (
    'Allowed is one statement that only reads (SELECT, WITH, VALUES, SHOW, EXPLAIN, DESCRIBE, HELP) and reads tables ' +
    `of ${schemas} only, without passwords; inspectSchemas of ${name} in dbcheck.yml allows more schemas`
  );
}

/** The connector sends a lone semicolon as a second, empty statement. */
function withoutEnd(sql: string): string {
  return sql.replace(/[\s;]+$/, '');
}

const words: Readonly<Record<number, string>> = {
  1044: 'our account may not use that schema',
  1046: 'no schema is chosen; write schema.table',
  1049: 'there is no such schema',
  1051: 'there is no such table',
  1052: 'a column is in several of the tables; write table.column',
  1054: 'there is no such column',
  1064: 'the server does not understand the statement',
  1109: 'there is no such table',
  1142: 'our account may not read that',
  1143: 'our account may not read that column',
  1146: 'there is no such table',
  1227: 'our account lacks a global privilege for that',
  1305: 'there is no such function',
  1370: 'our account may not call that',
  1792: 'the statement would write, and the session is read-only',
};

/** The server's own message repeats the statement, so only its number is told. */
function reasonOf(error: unknown, target: Target): string {
  if (error instanceof ProbeError && error.code === 'timed_out') return `${target.name} ended it at its time limit`;
  if (error instanceof ProbeError && error.errno !== undefined) {
    return `${words[error.errno] ?? 'the server refused it'} (error ${error.errno} on ${target.name})`;
  }
  if (error instanceof TargetUnreachableError || error instanceof TimedOutError) return error.message;
  return describeError(error).message;
}

function tableOf(statement: string, rows: Evidence['rows']): FindingTable | undefined {
  const columns = Object.keys(rows[0] ?? {});
  if (columns.length === 0) return undefined;
  const cells = rows.map((row) => columns.map((column) => cellOf(row[column])));
  return { caption: statement.replaceAll(/\s+/g, ' ').slice(0, 120), columns, rows: cells };
}

function cellOf(value: string | number | boolean | null | undefined): string | number {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'boolean' ? String(value) : value;
}
