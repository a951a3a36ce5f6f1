import type { Thresholds } from '../agents/thresholds.ts';
import type { LockWait } from '../probes/innodb-lock-waits.ts';
import type { ReadView } from '../probes/innodb-read-views.ts';
import type { Transaction } from '../probes/innodb-transactions.ts';
import type { MetadataLock } from '../probes/metadata-locks.ts';
import { accountOf, type Session } from '../probes/processlist.ts';
import type { Kill, Recommendation } from '../report/finding.ts';
import { tokenize } from '../sql/lexer.ts';
import { inWords } from './statement.ts';

/** What the judgements of sessions, transactions and locks look at; all of one moment. */
export interface SessionView {
  readonly target: string;
  readonly sessions: readonly Session[];
  readonly transactions: readonly Transaction[];
  readonly lockWaits: readonly LockWait[];
  /** undefined where the instrument is off and holders must be inferred. */
  readonly metadataLocks: readonly MetadataLock[] | undefined;
  /** Undo records that are not purged yet; undefined where unknown. */
  readonly historyLength: number | undefined;
  /** Open read views, oldest first; undefined where they were not looked at. */
  readonly readViews: readonly ReadView[] | undefined;
  readonly thresholds: Thresholds;
  readonly evidence: readonly string[];
}

/** What findings about a session call it. */
export function subjectOf(thread: number): string {
  return `thread ${thread}`;
}

export function sessionOf(view: SessionView, thread: number): Session | undefined {
  return view.sessions.find(({ id }) => id === thread);
}

export function transactionOf(view: SessionView, thread: number): Transaction | undefined {
  return thread === 0 ? undefined : view.transactions.find((trx) => trx.thread === thread);
}

/** Waits for a metadata, table, global or user lock show in the state; row lock waits do not. */
export function waitsForServerLock({ state }: Session): boolean {
  return (
    /^Waiting for .*(lock|flush)|^User lock/i.test(state ?? '') && !/^Waiting for (commit|semi)/i.test(state ?? '')
  );
}

export function isDdl(info: string | null): boolean {
  return /^\s*(?:\/\*.*?\*\/\s*)*(alter|create|drop|truncate|rename|optimize|repair|analyze table)\b/is.test(
    info ?? '',
  );
}

/** A plain read: it locks no row, so that the row locks of its session come from earlier statements of the transaction. */
export function isPlainRead(info: string | null): boolean {
  const words: string[] = [];
  for (const { kind, start, end } of tokenize(info ?? '')) {
    if (kind === 'executable-comment') return false;
    if (kind === 'word') words.push((info ?? '').slice(start, end).toUpperCase());
  }
  return /^(SELECT|WITH|SHOW|VALUES)$/.test(words[0] ?? '') && !words.some((word) => locking.has(word));
}

/** Of a SELECT … FOR UPDATE, a LOCK IN SHARE MODE, a WITH … UPDATE or DELETE. */
const locking = new Set(['UPDATE', 'SHARE', 'DELETE']);

/** Its transaction is on its way back already, by KILL, by ROLLBACK or after an error; nothing can hurry that. */
export function isRollingBack(view: SessionView, thread: number): boolean {
  return sessionOf(view, thread)?.command === 'Killed' || transactionOf(view, thread)?.state === 'ROLLING BACK';
}

export function isIdle(session: Session): boolean {
  return session.command === 'Sleep';
}

/** `app@10.2.3.4   idle 312 s, 1 row changed`. */
export function describeSession(view: SessionView, thread: number): string {
  const session = sessionOf(view, thread);
  if (!session) return 'no client: the applier of replication, for example';
  const trx = transactionOf(view, thread);
  const doing = isIdle(session)
    ? `idle ${inWords(session.seconds)}`
    : `${session.command.toLowerCase()} ${inWords(session.seconds)}`;
  const changed =
    trx && trx.rows_modified > 0 ? `, ${trx.rows_modified} ${trx.rows_modified === 1 ? 'row' : 'rows'} changed` : '';
  return `${accountOf(session)}   ${doing}${changed}`;
}

/**
 * How to end what a session does: KILL QUERY first where something runs, KILL where it is idle.
 * Says what is rolled back, and advises to wait where a rollback or a DDL costs more than the end of the work.
 */
export function endSession(view: SessionView, thread: number): Recommendation[] {
  const session = sessionOf(view, thread);
  const rows = transactionOf(view, thread)?.rows_modified ?? 0;
  if (isRollingBack(view, thread)) return [waitForRollback(thread, rows)];
  if (!session) return [lookBeforeEnding(thread)];
  if (isIdle(session)) {
    const idle = `It has been idle for ${inWords(session.seconds)}; ${costInWords(rows, view)}`;
    return [endConnection(view, thread, `End thread ${thread} (${accountOf(session)}). ${idle}`)];
  }
  if (isDdl(session.info)) {
    return [
      {
        action: `Thread ${thread} changes a table's definition: let it finish where that is near, for ending it throws the work away`,
        sql: `SHOW PROCESSLIST;`,
        risk: 'safe',
        rollback: 'nothing changes',
      },
    ];
  }
  const heavy = rows >= view.thresholds.rollbackHeavyRows;
  return [
    {
      action: heavy
        ? `Thread ${thread} has changed ${rows} rows: rolling them back takes about as long as it took to change them; prefer to wait`
        : `Stop the statement of thread ${thread} (${accountOf(session)}); ${rows === 0 ? costInWords(rows, view) : `it rolls back what it changed, ${rowsInWords(rows)} at most`}`,
      sql: `KILL QUERY ${thread};`,
      risk: heavy ? 'destructive' : 'disruptive',
      rollback: 'none: the application sees error 1317 and may repeat the statement',
      kill: killOf('query', session),
    },
  ];
}

/** Ends the connection itself, with the whole transaction. */
export function endConnection(view: SessionView, thread: number, action: string): Recommendation {
  const session = sessionOf(view, thread);
  const rows = transactionOf(view, thread)?.rows_modified ?? 0;
  const undone = rows === 0 ? 'nothing to roll back' : `rolls back ${rowsInWords(rows)}`;
  return {
    action,
    sql: `KILL ${thread};`,
    risk: 'disruptive',
    rollback: `none: ${undone}; the application sees a lost connection`,
    ...(session ? { kill: killOf('connection', session) } : {}),
  };
}

/** What ending a session costs, as the second half of a sentence. */
export function costInWords(rows: number, { thresholds }: Pick<SessionView, 'thresholds'>): string {
  if (rows === 0) return 'it has nothing to roll back';
  const slow = rows >= thresholds.rollbackHeavyRows ? ', which takes about as long as changing them did' : '';
  return `ending it rolls back ${rowsInWords(rows)}${slow}`;
}

function rowsInWords(rows: number): string {
  return `${rows} ${rows === 1 ? 'row' : 'rows'}`;
}

/** Threads of the server itself are not among the sessions; ending the applier breaks replication. */
function lookBeforeEnding(thread: number): Recommendation {
  return {
    action: `Thread ${thread} is no session of a client, or it has ended: see what it is, and end nothing of replication`,
    sql: `SELECT id, user, command, time_ms, state FROM information_schema.PROCESSLIST WHERE id = ${thread};`,
    risk: 'safe',
    rollback: 'nothing changes',
  };
}

function waitForRollback(thread: number, rows: number): Recommendation {
  return {
    action: `Wait: thread ${thread} rolls back already, ${rowsInWords(rows)} at this moment; no statement hurries it, and a restart of the server only moves the rollback behind the start. Watch it`,
    sql: `SELECT trx_state, trx_rows_modified FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = ${thread};`,
    risk: 'safe',
    rollback: 'nothing changes',
  };
}

function killOf(kind: Kill['kind'], { id, query_id: queryId, user, host, seconds }: Session): Kill {
  return { kind, thread: id, queryId, user, host, seconds };
}
