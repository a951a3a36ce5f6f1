import { type Connection, createConnection, type SqlError } from 'mariadb';
import pLimit from 'p-limit';
import { ProbeError, StoppedError, TargetUnreachableError, TimedOutError } from '../errors.ts';
import type { Cell, Row } from '../report/evidence.ts';
import { readCapped } from './capped-read.ts';
import { describeAddress, type Target } from './target.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string | undefined;
}

export interface SessionLimits {
  /** The server ends a statement of ours after this time (max_statement_time). */
  readonly statementTimeoutMs: number;
  /** How long one attempt to connect may take. */
  readonly connectTimeoutMs: number;
  readonly connectTries: number;
  /** Connections to one server at a time. */
  readonly connections: number;
  readonly maxRows: number;
  readonly maxBytes: number;
}

export const defaultLimits: SessionLimits = {
  statementTimeoutMs: 5_000,
  connectTimeoutMs: 3_000,
  connectTries: 3,
  // One: a server at its limit must not be pushed over it by us, and a fleet run adds no second one anywhere.
  connections: 1,
  maxRows: 20_000,
  maxBytes: 8 * 1024 * 1024,
};

export interface QueryOptions {
  /** Names the reader in the statement's comment and in errors. */
  readonly probe: string;
  readonly signal?: AbortSignal;
  readonly maxRows?: number;
  /** Reads row by row and stops at this many bytes: for statements whose result nobody knows beforehand. */
  readonly maxBytes?: number;
  /** The default schema for this statement, set on the same connection before it. */
  readonly schema?: string;
}

export interface QueryResult {
  readonly rows: readonly Row[];
  readonly truncated: boolean;
}

/** What a session has cost its server so far. */
export interface SessionCost {
  readonly statements: number;
  readonly connections: number;
}

/** The tag that marks every statement of ours on the server, so that no report counts it. */
export const statementTag = '/* dbcheck';

/**
 * Read-only access to one server over at most `limits.connections` connections, opened when needed and kept.
 * Throws TargetUnreachableError when the server does not let us in, ProbeError when it refuses a statement,
 * TimedOutError when it stays silent, StoppedError when the signal fires (the statement is then killed on the server).
 */
export interface TargetSession {
  readonly target: Target;
  query(sql: string, options: QueryOptions): Promise<QueryResult>;
  cost(): SessionCost;
  /** True while a statement runs or waits for its turn; whoever has time asks first and gives way. */
  isBusy(): boolean;
  close(): Promise<void>;
}

const fullServerErrnos: ReadonlySet<number> = new Set([1040, 1203, 1226]);
const deniedErrnos: ReadonlySet<number> = new Set([1044, 1045, 1129, 1130, 1131, 1698, 1862, 4151]);
/** Time that a statement may overrun the server's own limit before we take the server for hung. */
const hangGraceMs = 2_000;

export function openSession(
  target: Target,
  credentials: Credentials,
  limits: SessionLimits = defaultLimits,
): TargetSession {
  const limit = pLimit(limits.connections);
  const idle: Connection[] = [];
  const open = new Set<Connection>();
  let statements = 0;
  let connections = 0;
  /** Statements that are being killed over connections of their own. Never rejects; connectTimeout bounds it. */
  const kills = new Set<Promise<void>>();
  let closed = false;

  async function connect(signal: AbortSignal | undefined): Promise<Connection> {
    for (let attempt = 1; ; attempt++) {
      try {
        signal?.throwIfAborted();
        const connection = await connectOnce(target, credentials, limits);
        connections++;
        statements++;
        open.add(connection);
        connection.on('error', () => forget(connection));
        return connection;
      } catch (error) {
        if (signal?.aborted) throw new StoppedError();
        const unreachable = asUnreachable(error, target, attempt);
        if (unreachable.code === 'access_denied' || attempt >= limits.connectTries) throw unreachable;
        await new Promise((resolve) => setTimeout(resolve, 150 * attempt));
      }
    }
  }

  function forget(connection: Connection): void {
    open.delete(connection);
    const at = idle.indexOf(connection);
    if (at >= 0) idle.splice(at, 1);
    connection.destroy();
  }

  async function lease(signal: AbortSignal | undefined): Promise<{ connection: Connection; reused: boolean }> {
    for (let kept = idle.pop(); kept; kept = idle.pop()) {
      if (kept.isValid()) return { connection: kept, reused: true };
      forget(kept);
    }
    return { connection: await connect(signal), reused: false };
  }

  async function run(sql: string, options: QueryOptions): Promise<QueryResult> {
    const { connection, reused } = await lease(options.signal);
    const text = `${statementTag}:${options.probe} */ ${sql}`;
    try {
      if (options.schema !== undefined) {
        statements++;
        const use = `${statementTag}:${options.probe} */ USE \`${options.schema.replaceAll('`', '``')}\``;
        await withDeadline(connection, use, options);
      }
      statements++;
      const { maxRows = limits.maxRows, maxBytes } = options;
      if (maxBytes !== undefined) {
        const { rows, more } = await withDeadline(connection, text, options, () =>
          readCapped(connection, text, { rows: maxRows, bytes: maxBytes }),
        );
        // What was not read is still on its way; only a new connection is free of it.
        if (more) forget(connection);
        else idle.push(connection);
        return { ...cap(rows, maxRows, maxBytes * 2), ...(more ? { truncated: true } : {}) };
      }
      const rows = await withDeadline(connection, text, options);
      idle.push(connection);
      return cap(rows, maxRows, limits.maxBytes);
    } catch (error) {
      const lost = !(error instanceof ProbeError) || !connection.isValid();
      if (lost) forget(connection);
      else idle.push(connection);
      // A kept connection may have been closed by wait_timeout or a restart since it was last used.
      if (lost && reused && error instanceof TargetUnreachableError && !options.signal?.aborted)
        return run(sql, options);
      throw error;
    }
  }

  async function withDeadline<Answer = unknown[]>(
    connection: Connection,
    text: string,
    options: QueryOptions,
    send: () => Promise<Answer> = () => connection.query({ sql: text }),
  ): Promise<Answer> {
    const { signal } = options;
    let timer: NodeJS.Timeout | undefined;
    let stop: (() => void) | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const seconds = (limits.statementTimeoutMs + hangGraceMs) / 1_000;
        reject(new TimedOutError(`${target.name} did not answer a statement within ${seconds} s`));
      }, limits.statementTimeoutMs + hangGraceMs);
      if (!signal) return;
      stop = () => {
        const kill = killOurs(connection.threadId).finally(() => kills.delete(kill));
        kills.add(kill);
        reject(new StoppedError());
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
    const answer = send();
    answer.catch(() => {});
    try {
      return await Promise.race([answer, silence]);
    } catch (error) {
      if (error instanceof TimedOutError || error instanceof StoppedError) throw error;
      throw asQueryError(error, target, options.probe);
    } finally {
      clearTimeout(timer);
      if (stop) signal?.removeEventListener('abort', stop);
    }
  }

  /** The connector cannot cancel: the statement is killed over a second connection; where that fails, max_statement_time ends it. */
  async function killOurs(threadId: number | null): Promise<void> {
    if (threadId === null) return;
    try {
      const killer = await connectOnce(target, credentials, limits);
      connections++;
      statements++;
      await killer.query(`KILL QUERY ${threadId}`).finally(() => killer.end());
    } catch {
      // Nothing more can be done from here; the statement's own time limit ends it.
    }
  }

  return {
    target,
    query: (sql, options) => {
      if (closed) return Promise.reject(new StoppedError('the session to the server is closed'));
      return limit(() => run(sql, options));
    },
    cost: () => ({ statements, connections }),
    isBusy: () => limit.activeCount + limit.pendingCount > 0,
    async close() {
      closed = true;
      limit.clearQueue();
      idle.length = 0;
      await Promise.all(kills);
      await Promise.all([...open].map((connection) => endQuietly(connection)));
      open.clear();
    },
  };
}

async function endQuietly(connection: Connection): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 500);
  });
  await Promise.race([connection.end().catch(() => {}), patience]);
  clearTimeout(timer);
  connection.destroy();
}

async function connectOnce(target: Target, credentials: Credentials, limits: SessionLimits): Promise<Connection> {
  const timeoutSeconds = limits.statementTimeoutMs / 1_000;
  const attempt = createConnection({
    ...(target.socket ? { socketPath: target.socket } : { host: target.host ?? 'localhost', port: target.port }),
    user: credentials.user,
    ...(credentials.password === undefined ? {} : { password: credentials.password }),
    ...(target.database === undefined ? {} : { database: target.database }),
    ...(target.tls === 'off' ? {} : { ssl: target.tls === 'required' ? true : { rejectUnauthorized: false } }),
    connectTimeout: limits.connectTimeoutMs,
    bigIntAsNumber: true,
    decimalAsNumber: true,
    dateStrings: true,
    checkNumberRange: false,
    multipleStatements: false,
    permitLocalInfile: false,
    trace: false,
    connectAttributes: { program_name: 'dbcheck' },
    // sql_mode is ours, so that a global ANSI_QUOTES or NO_BACKSLASH_ESCAPES cannot change how our SQL is read;
    // slow_query_log keeps us out of the patient's slow log; times are UTC.
    initSql: [
      `SET SESSION tx_read_only = 1, max_statement_time = ${timeoutSeconds}, lock_wait_timeout = 2, ` +
        "innodb_lock_wait_timeout = 2, slow_query_log = 0, time_zone = '+00:00', sql_mode = 'NO_ENGINE_SUBSTITUTION'",
    ],
  });
  // connectTimeout ends at the TCP handshake: a server that is stopped (SIGSTOP) accepts and then says nothing.
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOutError('no answer')), limits.connectTimeoutMs + 500);
  });
  attempt.then(
    (connection) => timer === undefined && connection.destroy(),
    () => {},
  );
  try {
    return await Promise.race([attempt, silence]);
  } finally {
    clearTimeout(timer);
    timer = undefined;
  }
}

/** Tells apart a full server, a refused login and a server that is not there. The driver's text is replaced by ours. */
function asUnreachable(error: unknown, target: Target, tries: number): TargetUnreachableError {
  const { errno, code } = fields(error);
  const cause = { cause: error, ...(errno === undefined ? {} : { errno }) };
  const where = `${target.name} (${describeAddress(target)})`;
  if (errno !== undefined && fullServerErrnos.has(errno)) {
    return new TargetUnreachableError(
      'too_many_connections',
      `${where} refuses new connections: error ${errno}`,
      cause,
    );
  }
  if (errno !== undefined && deniedErrnos.has(errno)) {
    const message = `${where} refuses the login of ${target.user}: error ${errno}, check the account and its password`;
    return new TargetUnreachableError('access_denied', message, cause);
  }
  const after = tries > 1 ? ` (${tries} tries)` : '';
  const why =
    error instanceof TimedOutError ? 'no answer' : (networkReasons[code ?? ''] ?? tlsReason(error) ?? 'no connection');
  return new TargetUnreachableError('target_unreachable', `${where} cannot be reached: ${why}${after}`, cause);
}

const networkReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOENT: 'the socket does not exist',
  EACCES: 'no permission for the socket',
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'the host name does not resolve',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the host',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  ER_CONNECTION_TIMEOUT: 'no answer',
  ER_SERVER_SSL_DISABLED: 'the server offers no TLS (set tls: off to go without)',
  ER_SOCKET_UNEXPECTED_CLOSE: 'the server closed the connection',
};

function tlsReason(error: unknown): string | undefined {
  const text = error instanceof Error ? error.message : '';
  return /certificate|self.signed|TLS|SSL/i.test(text) ? 'the TLS handshake failed' : undefined;
}

function asQueryError(error: unknown, target: Target, probe: string): ProbeError | TargetUnreachableError {
  const { errno, code, sqlState, fatal } = fields(error);
  if (fatal) {
    const why = networkReasons[code ?? ''] ?? 'the connection was lost';
    return new TargetUnreachableError('target_unreachable', `${target.name}: ${why} in the middle of a statement`, {
      cause: error,
      ...(errno === undefined ? {} : { errno }),
    });
  }
  const what = errno === 1969 ? 'took longer than its time limit' : `failed with error ${errno ?? code ?? 'unknown'}`;
  return new ProbeError(probe, `reading ${probe} on ${target.name} ${what}`, {
    cause: error,
    ...(errno === undefined ? {} : { errno }),
    ...(sqlState === undefined ? {} : { sqlState }),
  });
}

function fields(error: unknown): { errno?: number; code?: string; sqlState?: string; fatal: boolean } {
  if (!(error instanceof Error)) return { fatal: true };
  const { errno, code, sqlState, fatal } = error as Partial<SqlError>;
  // The connector gives its own failures numbers from 45,000 up; they are not the server's.
  const server = typeof errno === 'number' && errno > 0 && errno < 45_000 ? errno : undefined;
  return {
    ...(server === undefined ? {} : { errno: server }),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof sqlState === 'string' ? { sqlState } : {}),
    // The connector calls a statement that hit max_statement_time fatal too, but the connection lives on.
    fatal: server === undefined || (fatal === true && server !== 1969 && server !== 1317),
  };
}

function cap(raw: readonly unknown[], maxRows: number, maxBytes: number): QueryResult {
  const rows: Row[] = [];
  let bytes = 0;
  if (!Array.isArray(raw)) return { rows, truncated: false };
  for (const record of raw as readonly Record<string, unknown>[]) {
    if (rows.length >= maxRows) return { rows, truncated: true };
    const row: Record<string, Cell> = {};
    for (const [name, value] of Object.entries(record)) {
      const cell = asCell(value);
      row[name] = cell;
      bytes += typeof cell === 'string' ? cell.length : 8;
    }
    if (bytes > maxBytes) return { rows, truncated: true };
    rows.push(row);
  }
  return { rows, truncated: false };
}

function asCell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return JSON.stringify(value);
}
