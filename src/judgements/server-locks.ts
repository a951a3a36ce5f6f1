import { metadataLockFix } from '../probes/metadata-locks.ts';
import { accountOf, type Session } from '../probes/processlist.ts';
import type { Confidence, FindingDraft } from '../report/finding.ts';
import {
  describeSession,
  endSession,
  isDdl,
  isIdle,
  type SessionView,
  sessionOf,
  transactionOf,
  waitsForServerLock,
} from './sessions.ts';
import { inWords, shortStatement } from './statement.ts';
import { tablesIn } from './statement-tables.ts';

interface Holder {
  readonly session: Session;
  readonly confidence: Confidence;
}

/** Sessions that wait for the same object in the same way. */
interface Queue {
  readonly kind: 'metadata' | 'table' | 'global' | 'user' | 'flush';
  readonly table: string | undefined;
  readonly waiters: readonly Session[];
}

/**
 * Waits that InnoDB knows nothing of: metadata locks, table locks, global read locks, user locks. One finding per holder.
 * A waiting ALTER is a victim like those who queue behind it; the holder is who had the lock before all of them.
 */
export function judgeServerLocks(view: SessionView): FindingDraft[] {
  const byHolder = new Map<number, { holder: Holder; queues: Queue[] }>();
  for (const queue of queuesOf(view)) {
    const holder = holderOf(queue, view);
    if (!holder) continue;
    const known = byHolder.get(holder.session.id);
    if (known) known.queues.push(queue);
    else byHolder.set(holder.session.id, { holder, queues: [queue] });
  }
  return [...byHolder.values()].flatMap(({ holder, queues }) => {
    const waited = Math.max(...queues.flatMap(({ waiters }) => waiters.map(({ seconds }) => seconds)));
    return waited < view.thresholds.lockWaitWarningSeconds ? [] : [lockFinding(holder, queues, waited, view)];
  });
}

function queuesOf(view: SessionView): Queue[] {
  const waiting = view.sessions.filter(waitsForServerLock);
  const groups = Map.groupBy(waiting, (session) => {
    const kind = kindOf(session.state ?? '');
    return kind === 'metadata' || kind === 'table' || kind === 'flush'
      ? `${kind} ${tablesIn(session.info, session.db)[0] ?? ''}`
      : kind;
  });
  return [...groups.values()].map((waiters) => {
    const [first] = waiters as [Session, ...Session[]];
    return { kind: kindOf(first.state ?? ''), table: tablesIn(first.info, first.db)[0], waiters };
  });
}

function kindOf(state: string): Queue['kind'] {
  if (/^User lock|user lock/i.test(state)) return 'user';
  if (/global read|backup|commit lock/i.test(state)) return 'global';
  if (/table level/i.test(state)) return 'table';
  if (/flush/i.test(state)) return 'flush';
  return 'metadata';
}

/** Seen by the instrument, the holder is certain; else it is the session that can have had the lock before the first waiter came. */
function holderOf(queue: Queue, view: SessionView): Holder | undefined {
  const seen = view.metadataLocks && instrumentedHolder(queue, view);
  if (seen) return { session: seen, confidence: 'certain' };
  const since = Math.max(...queue.waiters.map(({ seconds }) => seconds));
  const waitingIds = new Set(view.sessions.filter(waitsForServerLock).map(({ id }) => id));
  const free = view.sessions.filter(({ id }) => !waitingIds.has(id));
  const running = free.filter((session) => !isIdle(session) && session.seconds + 0.2 >= since);
  const onTable = running.filter(
    ({ info, db }) => queue.table !== undefined && tablesIn(info, db).includes(queue.table),
  );
  if (onTable[0]) return { session: oldest(onTable), confidence: queue.kind === 'table' ? 'certain' : 'likely' };
  const inTransaction = free.filter((session) => {
    const trx = transactionOf(view, session.id);
    return trx !== undefined && trx.age_seconds + 0.2 >= since && waitingIds.has(session.id) === false;
  });
  // An idle transaction explains a metadata lock better than a statement on other tables; a table lock outlives no transaction.
  const idle = inTransaction.filter(isIdle);
  const sameSchema = idle.filter(({ db }) => db !== null && queue.waiters.some((waiter) => waiter.db === db));
  const candidates = sameSchema.length > 0 ? sameSchema : idle.length > 0 ? idle : inTransaction;
  if (queue.kind !== 'global' && candidates[0])
    return { session: oldest(candidates), confidence: candidates.length === 1 ? 'likely' : 'possible' };
  // LOCK TABLES, FLUSH TABLES WITH READ LOCK and GET_LOCK need no transaction: the session that fell idle last before the wait.
  const sleepers = free
    .filter((session) => isIdle(session) && session.seconds + 0.2 >= since)
    .toSorted((a, b) => a.seconds - b.seconds);
  const holder = sleepers[0] ?? candidates[0] ?? running.filter(({ info }) => !/^\s*show\b/i.test(info ?? ''))[0];
  return holder && { session: holder, confidence: sleepers.length > 1 ? 'possible' : 'likely' };
}

function oldest(sessions: readonly Session[]): Session {
  return sessions.toSorted((a, b) => b.seconds - a.seconds)[0] as Session;
}

function instrumentedHolder(queue: Queue, view: SessionView): Session | undefined {
  const waiters = new Set(queue.waiters.map(({ id }) => id));
  const locks = view.metadataLocks ?? [];
  const wanted = locks
    .filter(({ thread, lock_status }) => waiters.has(thread) && lock_status === 'PENDING')
    .map(({ kind, object }) => `${kind} ${object}`);
  const granted = locks.filter(
    ({ thread, lock_status, kind, object }) =>
      !waiters.has(thread) && lock_status === 'GRANTED' && wanted.includes(`${kind} ${object}`),
  );
  const sessions = granted.flatMap(({ thread }) => sessionOf(view, thread) ?? []);
  return sessions.find((session) => !waitsForServerLock(session));
}

const titles: Readonly<Record<Queue['kind'], string>> = {
  metadata: 'a metadata lock',
  table: 'a table lock',
  global: 'a global or backup lock',
  user: 'a user lock',
  flush: 'a table flush',
};

function lockFinding(
  { session, confidence }: Holder,
  queues: readonly Queue[],
  waited: number,
  view: SessionView,
): FindingDraft {
  const waiters = queues.flatMap((queue) => queue.waiters);
  const [{ kind, table }] = queues as [Queue];
  const critical =
    waited >= view.thresholds.lockWaitCriticalSeconds || waiters.length >= view.thresholds.lockCriticalWaiters;
  const ddl = waiters.find(({ info }) => isDdl(info));
  const wait = `${waiters.length} ${waiters.length === 1 ? 'session waits' : 'sessions wait'}`;
  const where = table ? ` on ${table}` : '';
  const trx = transactionOf(view, session.id);
  const sure = confidence === 'certain' ? 'holds it' : 'most likely holds it';
  const doing = isIdle(session)
    ? `idle${trx ? ' in a transaction' : ''} for ${inWords(session.seconds)}`
    : `running for ${inWords(session.seconds)}`;
  return {
    code:
      kind === 'user'
        ? 'lock.user'
        : kind === 'metadata' && (trx !== undefined || !isIdle(session))
          ? 'lock.mdl'
          : kind === 'flush'
            ? 'lock.mdl'
            : 'lock.table',
    severity: critical ? 'critical' : 'warning',
    subject: `thread ${session.id}`,
    title: `${wait} for ${titles[kind]}${where}`,
    summary: `Thread ${session.id} (${accountOf(session)}), ${doing}, ${sure}; ${wait}${where}, the longest for ${inWords(waited)}.${ddl ? ` The waiting ${shortStatement(ddl.info, 40)} of thread ${ddl.id} is a victim; those behind it queue for it.` : ''}`,
    confidence,
    facts: {
      waiters: waiters.length,
      waitedSeconds: Math.round(waited),
      table: table ?? null,
      user: session.user,
      host: session.host,
      command: session.command,
      idleSeconds: isIdle(session) ? Math.round(session.seconds) : 0,
      rowsModified: trx?.rows_modified ?? null,
      waitingDdlThread: ddl?.id ?? null,
      thread: session.id,
      queryId: session.query_id,
    },
    evidence: view.evidence,
    impact: waiters.length + waited / 1_000,
    thresholds: ['lockWaitWarningSeconds', 'lockWaitCriticalSeconds', 'lockCriticalWaiters'],
    picture: pictureOf(session, waiters, view),
    recommendations: [
      ...endSession(view, session.id),
      ...(confidence === 'certain'
        ? []
        : [
            {
              action: 'To know holders for certain next time, turn the instrument on (performance_schema must be on)',
              sql: metadataLockFix,
              risk: 'safe' as const,
              rollback: "the same with enabled = 'NO'",
            },
          ]),
    ],
  };
}

function pictureOf(holder: Session, waiters: readonly Session[], view: SessionView): string[] {
  const longestFirst = waiters.toSorted((a, b) => b.seconds - a.seconds);
  const lines = longestFirst
    .slice(0, 8)
    .map(
      ({ id, info, seconds }, at) =>
        `${at === 0 ? '└' : '  └'} ${id}  ${shortStatement(info, 70)}   waits ${inWords(seconds)}`,
    );
  const more = waiters.length > 8 ? [`  └ and ${waiters.length - 8} more`] : [];
  return [`${holder.id}  ${describeSession(view, holder.id)}`, ...lines, ...more];
}
