import type { Connection } from 'mariadb';
import pLimit from 'p-limit';
import { ProbeError, StoppedError, TargetUnreachableError, TimedOutError } from '../errors.ts';
import type { Row } from '../report/evidence.ts';
import { readCapped } from './capped-read.ts';
import { type Credentials, connectOnce, defaultLimits, endQuietly, type SessionLimits } from './connect.ts';
import { capRows } from './result-rows.ts';
import { asQueryError, asUnreachable } from './server-errors.ts';
import type { Target } from './target.ts';

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
  /** Disconnects where no statement runs; the next one connects anew. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

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
  /** What a connection was last sent, or the rest of a result that was not read: it is free when this has settled. */
  const busy = new WeakMap<Connection, Promise<unknown>>();
  let statements = 0;
  let connections = 0;
  /** Connections that are being ended, and statements that are being killed over others. None rejects; each is bounded. */
  const endings = new Set<Promise<void>>();
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
    trackEnding(endQuietly(connection, busy.get(connection)));
  }

  function trackEnding(ending: Promise<void>): void {
    const tracked = ending.finally(() => endings.delete(tracked));
    endings.add(tracked);
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
        const { rows, rest } = await withDeadline(connection, text, options, () =>
          readCapped(connection, text, { rows: maxRows, bytes: maxBytes }),
        );
        // Not kept: the kill may come late, and would then end the next statement on it.
        if (rest) {
          busy.set(connection, rest);
          trackEnding(killOurs(connection.threadId));
          forget(connection);
        } else idle.push(connection);
        return { ...capRows(rows, maxRows, maxBytes * 2), ...(rest ? { truncated: true } : {}) };
      }
      const rows = await withDeadline(connection, text, options);
      idle.push(connection);
      return capRows(rows, maxRows, limits.maxBytes);
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
        trackEnding(killOurs(connection.threadId));
        reject(new StoppedError());
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
    const answer = send();
    answer.catch(() => {});
    busy.set(connection, answer);
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
    async rest() {
      const resting = idle.splice(0);
      for (const connection of resting) open.delete(connection);
      await Promise.all([...endings, ...resting.map((connection) => endQuietly(connection))]);
    },
    async close() {
      closed = true;
      limit.clearQueue();
      idle.length = 0;
      // In this order: a killed statement lets its connection say goodbye.
      await Promise.all(endings);
      await Promise.all([...open].map((connection) => endQuietly(connection, busy.get(connection))));
      open.clear();
    },
  };
}
