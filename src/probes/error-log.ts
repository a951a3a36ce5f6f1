import { type LogEntry, parseEntries } from '../error-log/entry.ts';
import type { kindOf } from '../error-log/kind.ts';
import { type LastEnd, livesOf, type Restart } from '../error-log/life.ts';
import { groupByPattern, type LogPattern } from '../error-log/pattern.ts';
import { type RefusedAccount, refusedAccounts } from '../error-log/refused-login.ts';
import { joinForgedLines } from '../error-log/stranger.ts';
import { readTail } from '../error-log/tail.ts';
import { DbcheckError } from '../errors.ts';
import type { Cell, Row } from '../report/evidence.ts';
import { tableName } from '../sql/quote.ts';
import { errorLogLines } from '../targets/cloud-logs.ts';
import { isBesideServer, serverPath } from '../targets/locality.ts';
import type { ServerFacts } from '../targets/server-facts.ts';
import type { Target } from '../targets/target.ts';
import type { Blindness, Collected, Probe, ProbeSource } from './probe.ts';

export interface ErrorLogParams {
  /** Lines from the end that are read at most. */
  readonly lines: number;
  /** How far back patterns are counted. Restarts are told as far back as the lines reach. */
  readonly hours: number;
}

export interface ErrorLog {
  readonly path: string;
  /** The server's clock at the reading, ms since 1970; what "the last hour" means in its log. */
  readonly serverNowMs: number;
  readonly fromMs: number;
  /** Time of the oldest entry that was read; undefined in an empty log. */
  readonly readBackToMs: number | undefined;
  /** True where the lines ran out before the window did. */
  readonly windowCut: boolean;
  readonly patterns: readonly LogPattern[];
  readonly restarts: readonly Restart[];
  /** How the last life ended, where the log tells; a server that answers has begun another one. */
  readonly lastEnd?: LastEnd | undefined;
  /** Logins refused in the window, by account, most first. */
  readonly refusedLogins: readonly RefusedAccount[];
  /** Deadlocks that innodb_print_all_deadlocks wrote in the window, by table. */
  readonly deadlocks: { readonly count: number; readonly tables: readonly (readonly [string, number])[] };
}

/** The end of the error log: the configured file, else the archive, else the file that the server names where dbcheck runs beside it. */
export const errorLog = errorLogProbe('error-log', readClock);

/** The same for a server that does not answer: its clock and zone are taken to be those of this machine. */
export const lastWords = errorLogProbe('last-words', async (source) => ({
  nowMs: source.now(),
  zoneOffsetSeconds: -60 * new Date(source.now()).getTimezoneOffset(),
  sql: 'clock of this machine',
}));

interface Clock {
  readonly nowMs: number;
  readonly zoneOffsetSeconds: number;
  /** Where the two come from. */
  readonly sql: string;
}

function errorLogProbe(
  name: string,
  clockOf: (source: ProbeSource) => Promise<Clock>,
): Probe<ErrorLogParams, ErrorLog> {
  return { name, needs: [], collect: (source, params) => collectErrorLog(source, params, clockOf) };
}

async function collectErrorLog(
  source: ProbeSource,
  { lines, hours }: ErrorLogParams,
  clockOf: (source: ProbeSource) => Promise<Clock>,
): Promise<Collected<ErrorLog> | Blindness> {
  const path = errorLogPath(source.target, source.facts);
  if (path === undefined && !source.cloudLogs) return noErrorLog(source);
  const tail =
    path === undefined
      ? await readArchived(source, lines, hours)
      : await readFileTail(path, lines).catch((error: unknown) => unreadable(path, error, source.target));
  if ('fix' in tail) return tail;
  const clock = await clockOf(source);
  const entries = joinForgedLines(parseEntries(tail.lines, { zoneOffsetSeconds: clock.zoneOffsetSeconds }));
  const fromMs = clock.nowMs - hours * 3_600_000;
  const { restarts, lastEnd } = livesOf(entries);
  const recent = entries.filter(({ atMs }) => atMs !== undefined && atMs >= fromMs);
  const readBackToMs = entries.find(({ atMs }) => atMs !== undefined)?.atMs;
  const data: ErrorLog = {
    path: tail.path,
    serverNowMs: clock.nowMs,
    fromMs,
    readBackToMs,
    windowCut: tail.cut && (readBackToMs === undefined || readBackToMs > fromMs),
    patterns: groupByPattern(recent),
    restarts,
    lastEnd,
    refusedLogins: refusedAccounts(recent),
    deadlocks: deadlocksIn(recent),
  };
  const sql = `${tail.what}; ${clock.sql}`;
  return { data, rows: evidenceRows(data), sql, truncated: data.windowCut };
}

interface ReadLines {
  readonly path: string;
  readonly lines: readonly string[];
  readonly cut: boolean;
  /** What was read, for the evidence. */
  readonly what: string;
}

async function readFileTail(path: string, maxLines: number): Promise<ReadLines> {
  const { lines, cut, bytesRead, sizeBytes } = await readTail(path, maxLines);
  return { path, lines, cut, what: `read ${path}, last ${lines.length} lines (${bytesRead} of ${sizeBytes} bytes)` };
}

/** Restarts are told as far back as a day, like those of a file that goes back so far. */
const archivedHours = 24;

async function readArchived(source: ProbeSource, maxLines: number, hours: number): Promise<ReadLines | Blindness> {
  const { target, cloudLogs } = source;
  const toMs = source.now();
  const back = Math.max(hours, archivedHours);
  const window = { fromMs: toMs - back * 3_600_000, toMs };
  const service = `service ${target.serviceId} at MariaDB Cloud`;
  try {
    const log = await cloudLogs?.read('error-log', window, source.signal);
    if (!log || log.files.length === 0) {
      return {
        code: 'coverage.error_log_unreadable',
        summary: `the error log of ${target.name}: the archive of ${service} holds none of the last ${back} h`,
        fix: `check serviceId of ${target.name} in dbcheck.yml against the service in the portal`,
      };
    }
    const lines = errorLogLines(log);
    const kept = lines.slice(-maxLines);
    return { path: service, lines: kept, cut: log.truncated || kept.length < lines.length, what: log.asked };
  } catch (error) {
    if (!(error instanceof DbcheckError) || error.code !== 'cloud_logs') throw error;
    return {
      code: 'coverage.error_log_unreadable',
      summary: `the error log of ${target.name}: ${error.message}`,
      fix: 'check SKYSQL_API_KEY and SKYSQL_API_URL in the environment of dbcheck',
    };
  }
}

function errorLogPath(target: Target, facts: ServerFacts): string | undefined {
  if (target.errorLog !== undefined) return target.errorLog;
  if (target.serviceId !== undefined) return undefined;
  return isBesideServer(target, facts) ? serverPath(facts, 'log_error') : undefined;
}

/** The log holds the local time of the server's host, and its clock may not agree with ours. */
async function readClock(source: ProbeSource): Promise<Clock> {
  const sql =
    'SELECT UNIX_TIMESTAMP() AS now, ' +
    "TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM')) AS zoneOffsetSeconds";
  const { rows } = await source.query(sql);
  return {
    nowMs: Number(rows[0]?.['now'] ?? source.now() / 1_000) * 1_000,
    zoneOffsetSeconds: Number(rows[0]?.['zoneOffsetSeconds'] ?? 0),
    sql,
  };
}

/** Patterns without their samples: those hold the words of strangers and literals of statements. */
function evidenceRows({ patterns, restarts, deadlocks, refusedLogins }: ErrorLog): Row[] {
  return [
    ...restarts.map((restart) => ({
      event: 'start',
      at: time(restart.startedAtMs),
      readyAt: time(restart.readyAtMs),
      previousEnd: restart.previousEnd ?? 'unknown',
      endedAt: time(restart.endedAtMs),
      signal: restart.signal ?? null,
      recovered: restart.recovered,
    })),
    ...refusedLogins.map(({ count, lastAtMs }) => ({
      event: 'refused logins of one account',
      count,
      lastAt: time(lastAtMs),
    })),
    ...deadlocks.tables.map(([table, count]) => ({ event: 'deadlock', table, count })),
    ...patterns.slice(0, 200).map(({ pattern, severity, count, firstAtMs, lastAtMs }) => ({
      event: 'pattern',
      severity,
      count,
      pattern,
      firstAt: time(firstAtMs),
      lastAt: time(lastAtMs),
    })),
  ];
}

function time(ms: number | undefined): Cell {
  return ms === undefined ? null : new Date(ms).toISOString();
}

/** A deadlock's dump goes over several entries; each names the locked index as "of table `schema`.`table`". */
function deadlocksIn(entries: readonly LogEntry[]): ErrorLog['deadlocks'] {
  const tables = new Map<string, number>();
  let count = 0;
  let named = new Set<string>();
  for (const entry of entries) {
    if (/^InnoDB: Transactions deadlock detected/.test(entry.message)) {
      count++;
      named = new Set();
    }
    for (const line of entry.details) {
      const [, schema, table] = /^(?:RECORD|TABLE) LOCKS? .*?table `([^`]+)`\.`([^`]+)` trx id/.exec(line) ?? [];
      if (count === 0 || schema === undefined || table === undefined) continue;
      const name = tableName(schema, table);
      if (named.has(name)) continue;
      named.add(name);
      tables.set(name, (tables.get(name) ?? 0) + 1);
    }
  }
  return { count, tables: [...tables].sort((a, b) => b[1] - a[1]) };
}

function noErrorLog({ target, facts }: ProbeSource): Blindness {
  const stderr = (facts.variables['log_error'] ?? '') === '';
  const where = stderr ? 'the server writes it to its standard error' : 'it lies on the host of the server';
  return {
    code: 'coverage.error_log_unreadable',
    summary: `the error log of ${target.name} is out of reach: ${where}`,
    fix: stderr
      ? 'set log_error = /var/log/mysql/error.log in the [mariadb] section, restart, and name the file as errorLog in dbcheck.yml'
      : `make ${facts.variables['log_error']} readable where dbcheck runs and name it as errorLog in dbcheck.yml`,
  };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read by this account',
  EPERM: 'may not be read by this account',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a directory',
};

function unreadable(path: string, error: unknown, target: Target): Blindness {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = reasons[code] ?? (code === '' ? 'is not a regular file' : `cannot be read (${code})`);
  const missing = code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
  return {
    code: 'coverage.error_log_unreadable',
    summary: `the error log ${path} of ${target.name} ${why}`,
    fix:
      missing || code === ''
        ? `name the file that SHOW GLOBAL VARIABLES LIKE 'log_error' gives as errorLog of ${target.name} in dbcheck.yml`
        : `setfacl -m u:${process.getuid?.() ?? 'dbcheck'}:r ${path}`,
  };
}

/** Whether anything of a kind happened in the window. */
export function countOfKind(log: ErrorLog, kind: ReturnType<typeof kindOf>): number {
  return log.patterns.filter((pattern) => pattern.kind === kind).reduce((sum, { count }) => sum + count, 0);
}
