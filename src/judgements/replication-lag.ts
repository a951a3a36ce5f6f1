import type { Thresholds } from '../agents/thresholds.ts';
import type { ReplicaChannel } from '../probes/replica-status.ts';
import type { ReplicationThread } from '../probes/replication-threads.ts';
import type { TableInUse } from '../probes/tables-in-use.ts';
import type { Confidence, FindingDraft } from '../report/finding.ts';
import { quotedTable } from '../sql/quote.ts';
import { showHolders } from './lock-actions.ts';
import { type ChannelContext, channelSubject } from './replication-threads.ts';

export interface ApplierTransaction {
  readonly thread: number;
  readonly user: string | null;
  readonly age_seconds: number;
  readonly rows_modified: number;
  readonly blocked_by: number | null;
  readonly waited_seconds: number | null;
}

export interface LocalSession {
  readonly id: number;
  readonly user: string;
  readonly host: string;
  readonly command: string;
  readonly seconds: number;
  readonly state: string | null;
}

/** What is known of a replica beside the status of its channels. */
export interface ApplierView {
  readonly threads: readonly ReplicationThread[];
  readonly transactions: readonly ApplierTransaction[];
  readonly tables: readonly TableInUse[];
  readonly sessions: readonly LocalSession[];
  /** slave_parallel_threads. */
  readonly parallelThreads: number;
}

const isApplier = ({ command, user }: ReplicationThread) =>
  command === 'Slave_SQL' || command === 'Slave_worker' || (user === 'system user' && command !== 'Slave_IO');

/** Lag beyond what was intended, and what holds the applier up at this moment. NULL lag is judged by judgeThreads, not here. */
export function judgeLag(
  channel: ReplicaChannel,
  view: ApplierView,
  thresholds: Thresholds,
  context: ChannelContext,
): FindingDraft[] {
  const findings: FindingDraft[] = [];
  const subject = channelSubject(context.target, channel);
  const behind = channel.Seconds_Behind_Master;
  const delay = channel.SQL_Delay;
  if (delay > 0) findings.push(delayed(subject, delay, behind, context));
  if (behind === null || channel.Slave_SQL_Running !== 'Yes') return findings;
  const lag = Math.max(0, behind - delay);
  const causes = lag >= thresholds.replicationCauseSeconds ? causesOf(lag, view, thresholds, context, subject) : [];
  findings.push(...causes);
  if (lag < thresholds.replicationLagSeconds) return findings;
  const critical = lag >= thresholds.replicationLagCriticalSeconds;
  findings.push({
    code: 'repl.lag',
    severity: critical ? 'critical' : 'warning',
    subject,
    title: `Replica is ${lag} s behind`,
    summary: `Seconds_Behind_Master is ${behind}${delay > 0 ? `, ${delay} of them intended` : ''}; applier threads: ${Math.max(1, view.parallelThreads)}.`,
    confidence: 'certain',
    facts: { lagSeconds: lag, secondsBehind: behind, delaySeconds: delay, parallelThreads: view.parallelThreads },
    evidence: context.evidence,
    impact: lag,
    thresholds: [critical ? 'replicationLagCriticalSeconds' : 'replicationLagSeconds'],
    recommendations:
      causes.length > 0 || view.parallelThreads > 0
        ? []
        : [
            {
              action:
                'The applier works with a single thread; where it is busy all the time, let several apply in parallel (needs a short stop of the applier)',
              sql: 'STOP SLAVE SQL_THREAD; SET GLOBAL slave_parallel_threads = 4; START SLAVE SQL_THREAD;',
              risk: 'needs_staging',
              rollback: 'SET GLOBAL slave_parallel_threads = 0 in the same way',
            },
          ],
  });
  return findings;
}

function delayed(subject: string, delay: number, behind: number | null, context: ChannelContext): FindingDraft {
  return {
    code: 'repl.delayed',
    severity: 'info',
    subject,
    title: `Delayed on purpose by ${delay} s`,
    summary: `MASTER_DELAY is ${delay} s; ${behind === null ? 'how far it is behind is unknown' : `it is ${behind} s behind, which is intended up to that`}.`,
    confidence: 'certain',
    facts: { delaySeconds: delay, secondsBehind: behind },
    evidence: context.evidence,
    recommendations: [],
  };
}

function causesOf(
  lag: number,
  view: ApplierView,
  thresholds: Thresholds,
  context: ChannelContext,
  subject: string,
): FindingDraft[] {
  const appliers = view.threads.filter(isApplier);
  const waiting = appliers.find(({ state }) => /^waiting for .*(lock|flush)$/i.test(state ?? ''));
  const lockWait = view.transactions.find(
    ({ thread, blocked_by }) => blocked_by !== null && appliers.some(({ id }) => id === thread),
  );
  const local = lockWait ? rowLock(lockWait, view, lag) : waiting ? tableLock(waiting, view, lag) : undefined;
  if (local) return [{ ...local, evidence: context.evidence }];
  const scanning = appliers.find(({ state }) => /find_row/.test(state ?? ''));
  const keyless = view.tables.filter(({ hasUniqueKey }) => !hasUniqueKey);
  if (scanning && keyless.length > 0) return keyless.map(({ table }) => noKey(table, keyless.length, lag, context));
  const big = view.transactions.find(
    ({ thread, rows_modified, age_seconds }) =>
      appliers.some(({ id }) => id === thread) &&
      (rows_modified >= thresholds.bigTransactionRows || age_seconds >= thresholds.bigTransactionSeconds),
  );
  const [inUse, ...others] = view.tables;
  const table = others.length === 0 ? inUse?.table : undefined;
  return big ? [bigTransaction(big, lag, subject, table, context)] : [];
}

type Undecorated = Omit<FindingDraft, 'evidence'>;

function localFinding(
  session: LocalSession,
  confidence: Confidence,
  what: string,
  lag: number,
  waited: number,
  others: readonly LocalSession[] = [],
): Undecorated {
  const could = others.map(({ id }) => `thread ${id}`).join(', ');
  return {
    code: 'repl.lag_local_lock',
    severity: 'critical',
    subject: `thread ${session.id}`,
    title: 'A local session blocks the applier',
    summary: `The applier waits ${Math.round(waited)} s for ${what}; thread ${session.id} (${session.user}@${session.host}, ${session.command}, ${Math.round(session.seconds)} s) ${confidence === 'certain' ? 'holds it' : 'is the session that most likely holds it'}.${could ? ` It is inferred: ${could} could hold it as well.` : ''}`,
    confidence,
    facts: {
      lagSeconds: lag,
      waitedSeconds: Math.round(waited),
      user: session.user,
      host: session.host,
      command: session.command,
      idleSeconds: Math.round(session.seconds),
      ...(could ? { couldAlsoBe: could } : {}),
    },
    impact: lag,
    thresholds: ['replicationCauseSeconds'],
    recommendations: [
      ...(could ? [showHolders] : []),
      {
        action: `End thread ${session.id}; the applier goes on by itself`,
        sql: `KILL ${session.id};`,
        risk: 'disruptive',
        rollback: 'none: the session loses its connection and what it had not committed',
      },
    ],
  };
}

/** Others that could hold the lock, the likeliest first; more are of no use to anybody. */
const mostRivals = 5;

function rowLock(wait: ApplierTransaction, view: ApplierView, lag: number): Undecorated | undefined {
  const holder = view.sessions.find(({ id }) => id === wait.blocked_by);
  return holder && localFinding(holder, 'certain', 'a row lock', lag, wait.waited_seconds ?? 0);
}

/**
 * Nothing tells who holds a table or metadata lock while the instrument is off. A holder has had it since before the applier
 * began to wait, so it is a session whose own clock is at least that old; of those, one with an open transaction,
 * else the one that became idle last before the wait.
 */
function tableLock(applier: ReplicationThread, view: ApplierView, lag: number): Undecorated | undefined {
  const waited = applier.seconds;
  const since = view.sessions.filter(
    ({ seconds, state }) => seconds + 1 >= Math.min(waited, lag) && !/^Waiting for/.test(state ?? ''),
  );
  const isGlobal = /backup|global/i.test(applier.state ?? '');
  const inTransaction = isGlobal
    ? undefined
    : since.find(({ id }) => view.transactions.some(({ thread }) => thread === id));
  const [last, ...others] = since.toSorted((a, b) => a.seconds - b.seconds);
  const holder = inTransaction ?? last;
  const rivals = inTransaction ? [] : others.slice(0, mostRivals);
  const what = `"${applier.state}"${isGlobal ? ' (FLUSH TABLES WITH READ LOCK or BACKUP STAGE, usually of a backup)' : ''}`;
  return holder && localFinding(holder, rivals.length > 0 ? 'possible' : 'likely', what, lag, waited, rivals);
}

function noKey(table: string, candidates: number, lag: number, context: ChannelContext): FindingDraft {
  return {
    code: 'repl.lag_no_pk',
    severity: 'critical',
    subject: table,
    title: 'The applier scans a table without a key for every row',
    summary: `The applier is in find_row() on ${table}, which has no primary or unique key, and is ${lag} s behind: each changed row costs a scan of the table.`,
    confidence: candidates === 1 ? 'certain' : 'likely',
    facts: { lagSeconds: lag, table },
    evidence: context.evidence,
    impact: lag,
    thresholds: ['replicationCauseSeconds'],
    recommendations: [
      {
        action: `Give ${table} a primary key on the primary; until this transaction is through, the applier needs its time`,
        sql: `ALTER TABLE ${quotedTable(table)} ADD COLUMN id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY FIRST;`,
        risk: 'needs_staging',
        rollback: `ALTER TABLE ${quotedTable(table)} DROP COLUMN id;`,
      },
    ],
  };
}

function bigTransaction(
  trx: ApplierTransaction,
  lag: number,
  subject: string,
  table: string | undefined,
  context: ChannelContext,
): FindingDraft {
  return {
    code: 'repl.lag_big_transaction',
    severity: 'warning',
    subject,
    title: 'The applier works on one large transaction',
    summary: `One transaction has changed ${trx.rows_modified} rows${table === undefined ? '' : ` of ${table}`} in ${trx.age_seconds} s and is not through; the replica is ${lag} s behind until it is.`,
    confidence: 'certain',
    facts: { lagSeconds: lag, rowsModified: trx.rows_modified, ageSeconds: trx.age_seconds, table: table ?? null },
    evidence: context.evidence,
    impact: lag,
    thresholds: ['bigTransactionRows', 'bigTransactionSeconds'],
    recommendations: [
      {
        action:
          'Wait for it; do not restart the applier, it would begin the transaction again. In the application: change rows in batches of a few thousand',
        risk: 'safe',
        rollback: 'nothing changes',
      },
    ],
  };
}
