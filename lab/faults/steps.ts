import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from 'mariadb';
import type { Account } from '../mariadb/accounts.ts';
import type { LabServer } from '../mariadb/server.ts';

/** A client's connection and the thread that it is on the server. */
export type Session = {
  readonly connection: Connection;
  readonly thread: number;
  /** The subject of findings about it. */
  readonly subject: string;
  /** Settles when the statement that `startStatement` sent has ended, well or badly. */
  ended?: Promise<void>;
};

/** Opens a connection of the application, or of another account, on the shop. */
export async function openSession(server: LabServer, account: Account = server.accounts.app): Promise<Session> {
  const connection = await server.connect({ ...account, database: 'shop', initSql: patientSession });
  const thread = connection.threadId;
  if (thread === null) throw new Error('a connection without a thread');
  return { connection, thread, subject: `thread ${thread}` };
}

/** A blocked statement waits as long as the fault lasts, rather than giving up in the middle of a diagnosis. */
const patientSession = 'SET SESSION innodb_lock_wait_timeout = 3600, lock_wait_timeout = 3600';

/** Opens sessions one after the other, so that their threads are in order. */
export async function openSessions(server: LabServer, count: number, account?: Account): Promise<Session[]> {
  const sessions: Session[] = [];
  while (sessions.length < count) sessions.push(await openSession(server, account));
  return sessions;
}

/** Opens a transaction, runs the statements in it and leaves it open. */
export async function openTransaction(
  server: LabServer,
  statements: readonly string[],
  account?: Account,
): Promise<Session> {
  const session = await openSession(server, account);
  await session.connection.query('START TRANSACTION');
  for (const statement of statements) await session.connection.query(statement);
  return session;
}

/** Sends a statement and does not wait for it; how it ends is nobody's business. */
export function startStatement(session: Session, sql: string): Session {
  session.ended = session.connection.query(sql).then(
    () => {},
    () => {},
  );
  return session;
}

/** Ends sessions by rolling back and disconnecting, without asking what they do. */
export async function endSessions(server: LabServer, sessions: readonly Session[]): Promise<void> {
  // Not `destroy()`: for a busy connection the connector opens one more to kill it, on a server that may be full.
  for (const { thread } of sessions) await server.query(`KILL ${thread}`).catch(() => {});
  const threads = new Set(sessions.map((session) => session.thread));
  await waitFor('the sessions to be gone', async () => {
    const rows = await server.query<{ ID: number }>('SELECT ID FROM information_schema.PROCESSLIST');
    return !rows.some((row) => threads.has(row.ID));
  });
}

/** Polls until the predicate is true; throws with what was waited for. */
export async function waitFor(
  what: string,
  predicate: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
  pauseMs = 40,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await predicate())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s for ${what}`);
    await delay(pauseMs);
  }
}

/** The first row of a query that always gives one. */
export async function firstRow<Row = Record<string, string | number | null>>(
  server: LabServer,
  sql: string,
  values?: readonly unknown[],
): Promise<Row> {
  const [row] = await server.query<Row>(sql, values);
  if (row === undefined) throw new Error(`no row from: ${sql}`);
  return row;
}

/** A counter or gauge of SHOW GLOBAL STATUS. */
export async function globalStatus(server: LabServer, name: string): Promise<number> {
  const row = await firstRow<{ Value: string }>(server, `SHOW GLOBAL STATUS LIKE '${name}'`);
  return Number(row.Value);
}

/** The value of a global variable. */
export async function globalVariable(server: LabServer, name: string): Promise<string | number> {
  const row = await firstRow<{ value: string | number }>(server, `SELECT @@GLOBAL.${name} AS value`);
  return row.value;
}

/** Waits until a thread shows the given words in its state, for example 'metadata lock'. */
export async function waitForState(server: LabServer, threads: readonly Session[], state: string): Promise<void> {
  await waitFor(`${threads.length} threads in state ${state}`, async () => {
    const states = await threadStates(server, threads);
    return states.length === threads.length && states.every((row) => row.STATE.includes(state));
  });
}

export async function threadStates(
  server: LabServer,
  threads: readonly Session[],
): Promise<{ ID: number; STATE: string; TIME_MS: number }[]> {
  const ids = threads.map((session) => session.thread).join(',');
  return await server.query(
    `SELECT ID, COALESCE(STATE, '') AS STATE, TIME_MS FROM information_schema.PROCESSLIST WHERE ID IN (${ids})`,
  );
}

/**
 * InnoDB takes a new snapshot for INNODB_TRX and INNODB_LOCK_WAITS only when nobody has read them for 0.1 s:
 * reading faster shows the same old picture for ever.
 */
async function letInnodbRefresh(): Promise<void> {
  await delay(110);
}

/** Which thread waits for a row lock of which, as [waiting, blocking]. */
export async function rowLockWaits(server: LabServer): Promise<[waiting: number, blocking: number][]> {
  await letInnodbRefresh();
  const rows = await server.query<{ waiting: number; blocking: number }>(
    `SELECT r.trx_mysql_thread_id AS waiting, b.trx_mysql_thread_id AS blocking
     FROM information_schema.INNODB_LOCK_WAITS w
     JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id
     JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id`,
  );
  return rows.map((row) => [row.waiting, row.blocking]);
}

/** Waits until so many sessions wait for row locks. */
export async function waitForRowLockWaits(server: LabServer, waiting: readonly Session[]): Promise<void> {
  await waitFor(`${waiting.length} row lock waits`, async () => {
    const threads = new Set((await rowLockWaits(server)).map(([thread]) => thread));
    return waiting.every((session) => threads.has(session.thread));
  });
}

/** Seconds since the open transaction of a thread began; undefined when it has none. */
export async function transactionAge(server: LabServer, thread: number): Promise<number | undefined> {
  await letInnodbRefresh();
  const [row] = await server.query<{ age: number }>(
    `SELECT TIMESTAMPDIFF(MICROSECOND, trx_started, NOW(6)) / 1000000 AS age
     FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = ${thread}`,
  );
  return row && Number(row.age);
}

/** Waits until the session has sat idle in its transaction for so long, in real seconds. */
export async function waitForIdle(server: LabServer, session: Session, seconds: number): Promise<void> {
  await waitFor(
    `thread ${session.thread} to be idle for ${seconds} s`,
    async () => {
      const [row] = await server.query<{ TIME_MS: number; COMMAND: string }>(
        `SELECT COMMAND, TIME_MS FROM information_schema.PROCESSLIST WHERE ID = ${session.thread}`,
      );
      return row !== undefined && row.COMMAND === 'Sleep' && Number(row.TIME_MS) >= seconds * 1000;
    },
    (seconds + 20) * 1000,
  );
}

/** Throws unless the fact holds; gates are made of these. */
export function prove(fact: boolean, otherwise: string): void {
  if (!fact) throw new Error(`the fault is not there: ${otherwise}`);
}
