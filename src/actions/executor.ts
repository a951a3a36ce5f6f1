import { z } from 'zod';
import { DbcheckError, ProbeError, TargetUnreachableError } from '../errors.ts';
import { shortStatement } from '../judgements/statement.ts';
import { innodbNow } from '../probes/innodb-transactions.ts';
import { accountOf } from '../probes/processlist.ts';
import type { Row } from '../report/evidence.ts';
import type { Kill } from '../report/finding.ts';
import { quotedText } from '../sql/quote.ts';
import { statementTag, type TargetSession } from '../targets/connection.ts';
import type { TargetRegistry } from '../targets/registry.ts';

/** A session as it is just now. */
export interface Sighting {
  readonly thread: number;
  readonly user: string;
  readonly host: string;
  readonly command: string;
  readonly seconds: number;
  readonly queryId: number;
  /** Without literals; undefined for a session that runs nothing. */
  readonly statement: string | undefined;
  /** Of its open transaction, which a kill rolls back; 0 without one. */
  readonly rowsModified: number;
  readonly transactionSeconds: number | undefined;
  readonly isOurs: boolean;
}

/** Looks with the account that looks, where it is let in, and kills with the account that acts, over a connection made for it alone. */
export interface Executor {
  /** Undefined where no session has the thread id. Rejects where the server cannot be asked. */
  look(target: string, thread: number): Promise<Sighting | undefined>;
  /**
   * Ends a query or a connection if it is still what was approved; the server itself decides that in the same statement.
   * Rejects with DbcheckError where the account of actions may not, or the server cannot be reached.
   */
  kill(target: string, kill: Kill): Promise<'killed' | 'changed'>;
}

const row = z.object({
  id: z.number(),
  user: z.string(),
  host: z.string(),
  command: z.string(),
  seconds: z.coerce.number(),
  query_id: z.coerce.number(),
  info: z.string().nullable(),
  rows_modified: z.coerce.number(),
  transaction_seconds: z.coerce.number().nullable(),
});

/** Threads of the server itself. The processlist shows replication as commands, and its appliers as `system user`. */
const systemCommands: readonly string[] = ['Binlog Dump', 'Slave_IO', 'Slave_SQL', 'Slave_worker', 'Daemon'];
const systemUsers: readonly string[] = ['system user', 'event_scheduler'];

const shownStatementCharacters = 600;
/** SIGNAL SQLSTATE '45000', and an unknown thread or query id. */
const changedErrnos: readonly number[] = [1644, 1094, 1957];
/** Not the owner of the thread; a missing privilege; no access to a table. */
const forbiddenErrnos: readonly number[] = [1095, 1227, 1142];
/** Time that a session may seem younger than it was, by rounding. */
const clockErrorSeconds = 1;

export function createExecutor(targets: TargetRegistry): Executor {
  /** Where the server is full, the account of actions is still let in: CONNECTION ADMIN has a place of its own. */
  async function read(target: string, sql: string): Promise<readonly Row[]> {
    try {
      return (await targets.session(target).query(sql, { probe: 'action' })).rows;
    } catch (error) {
      const isFull = error instanceof TargetUnreachableError && error.code === 'too_many_connections';
      if (!isFull || targets.actionUser(target) === undefined) throw error;
      const session = targets.openActionSession(target);
      return await session
        .query(sql, { probe: 'action' })
        .then(({ rows }) => rows)
        .finally(() => session.close());
    }
  }

  async function look(target: string, thread: number): Promise<Sighting | undefined> {
    const rows = await read(
      target,
      `SELECT p.id, p.user, p.host, p.command, p.time_ms / 1000 AS seconds, p.query_id, LEFT(p.info, 4000) AS info,
       COALESCE(t.trx_rows_modified, 0) AS rows_modified,
       TIMESTAMPDIFF(MICROSECOND, t.trx_started, ${innodbNow}) / 1000000 AS transaction_seconds
  FROM information_schema.PROCESSLIST p
  LEFT JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = p.id
 WHERE p.id = ${Number(thread)}`,
    );
    const [first] = z.array(row).parse(rows);
    if (!first) return undefined;
    const { id, user, host, command, seconds, info } = first;
    const ours = [targets.get(target).user, targets.actionUser(target)];
    return {
      thread: id,
      user,
      host,
      command,
      seconds,
      queryId: first.query_id,
      statement: info === null ? undefined : shortStatement(info, shownStatementCharacters),
      rowsModified: first.rows_modified,
      transactionSeconds: first.transaction_seconds ?? undefined,
      isOurs: ours.includes(user) || info?.startsWith(statementTag) === true,
    };
  }

  async function attempt(session: TargetSession, kill: Kill): Promise<'killed' | 'changed'> {
    try {
      await session.query(killStatement(kill), { probe: 'action' });
      return 'killed';
    } catch (error) {
      const errno = error instanceof ProbeError ? error.errno : undefined;
      if (errno !== undefined && changedErrnos.includes(errno)) return 'changed';
      if (errno !== undefined && forbiddenErrnos.includes(errno)) throw forbidden(session, error);
      throw error;
    }
  }

  return {
    look,
    async kill(target, kill) {
      const session = targets.openActionSession(target);
      try {
        const outcome = await attempt(session, kill);
        if (outcome === 'killed') return outcome;
        const sighting = await look(target, kill.thread);
        // We see it as it was, and the other account does not see it at all.
        if (refusalToKill(kill, sighting) === undefined) throw forbidden(session);
        return outcome;
      } finally {
        await session.close();
      }
    },
  };
}

function forbidden({ target }: TargetSession, cause?: unknown): DbcheckError {
  const message = `the action account of ${target.name} may not end sessions of others: GRANT CONNECTION ADMIN, PROCESS ON *.* to it`;
  return new DbcheckError('not_allowed', message, { cause });
}

/** Checks and kills as one statement: nothing can change in between that takes longer than microseconds. */
function killStatement({ kind, thread, queryId, user }: Kill): string {
  const kill = kind === 'query' ? `KILL SOFT QUERY ID ${Number(queryId)}` : `KILL SOFT CONNECTION ${Number(thread)}`;
  return `BEGIN NOT ATOMIC
  IF EXISTS (SELECT 1 FROM information_schema.PROCESSLIST WHERE id = ${Number(thread)} AND query_id = ${Number(queryId)}
      AND user = ${quotedText(user)} AND user NOT IN (${quoted(systemUsers)}) AND command NOT IN (${quoted(systemCommands)})) THEN
    ${kill};
  ELSE
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the session is not what was approved';
  END IF;
END`;
}

function quoted(names: readonly string[]): string {
  return names.map(quotedText).join(', ');
}

/** Why a session must not be ended, as a sentence; undefined where it is still what was approved. */
export function refusalToKill(kill: Kill, sighting: Sighting | undefined): string | undefined {
  const { thread } = kill;
  if (!sighting) return `Thread ${thread} is not connected any more: there is nothing to end.`;
  if (systemUsers.includes(sighting.user) || systemCommands.includes(sighting.command))
    return `Thread ${thread} belongs to the server or to replication, which dbcheck never ends.`;
  if (sighting.isOurs) return `Thread ${thread} is a session of dbcheck itself.`;
  const isSame = sighting.queryId === kill.queryId && sighting.user === kill.user && sighting.host === kill.host;
  if (!isSame || sighting.seconds + clockErrorSeconds < kill.seconds)
    return `Thread ${thread} (${accountOf(sighting)}) has gone on since it was judged: it ran another statement. Re-check first.`;
  if (kill.kind === 'query' && sighting.command === 'Sleep')
    return `The statement of thread ${thread} has ended by itself: there is nothing to end.`;
  return undefined;
}
