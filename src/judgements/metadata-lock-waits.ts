import type { MetadataLock } from '../probes/metadata-locks.ts';
import { isIdle, type SessionView, sessionOf, subjectOf, transactionOf } from './sessions.ts';
import type { Wait, WaitKind } from './wait-graph.ts';

/** Locks of a table that a request must wait for, by MariaDB's compatibility matrix (sql/mdl.cc). */
const conflicts: Readonly<Record<string, readonly string[]>> = {
  SHARED: ['EXCLUSIVE'],
  SHARED_HIGH_PRIO: ['EXCLUSIVE'],
  SHARED_READ: ['SHARED_NO_READ_WRITE', 'EXCLUSIVE'],
  SHARED_WRITE: ['SHARED_READ_ONLY', 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE', 'EXCLUSIVE'],
  SHARED_WRITE_LOW_PRIO: ['SHARED_READ_ONLY', 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE', 'EXCLUSIVE'],
  SHARED_UPGRADABLE: ['SHARED_UPGRADABLE', 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE', 'EXCLUSIVE'],
  SHARED_READ_ONLY: ['SHARED_WRITE', 'SHARED_WRITE_LOW_PRIO', 'SHARED_NO_READ_WRITE', 'EXCLUSIVE'],
  SHARED_NO_WRITE: [
    ...['SHARED_WRITE', 'SHARED_WRITE_LOW_PRIO', 'SHARED_UPGRADABLE'],
    ...['SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE', 'EXCLUSIVE'],
  ],
};
const strong: ReadonlySet<string> = new Set(['SHARED_NO_READ_WRITE', 'EXCLUSIVE']);
const weak: ReadonlySet<string> = new Set(['SHARED', 'SHARED_HIGH_PRIO']);
/** What an ALTER or LOCK TABLES may have been upgraded from: performance_schema keeps showing the first type. */
const upgradable: ReadonlySet<string> = new Set([...strong, 'SHARED_UPGRADABLE', 'SHARED_NO_WRITE']);
/** What statements take of the backup lock; everything else of it is a backup or FLUSH TABLES WITH READ LOCK. */
const backupUsers = /^BACKUP_(?:DML|TRANS_DML|SYS_DML|DDL|ALTER_COPY|COMMIT)$/;

/** Waits that the instrument shows from both sides: a pending lock, and locks that it must wait for. */
export function watchedWaits(view: SessionView): Wait[] {
  const locks = view.metadataLocks ?? [];
  const byObject = Map.groupBy(locks, objectOf);
  return locks
    .filter(({ lock_status }) => lock_status === 'PENDING')
    .flatMap((pending) => {
      const others = (byObject.get(objectOf(pending)) ?? []).filter(({ thread }) => thread !== pending.thread);
      return [...new Set(blockersOf(pending, others, view).map(({ thread }) => thread))].map(
        (thread): Wait => ({
          waiter: subjectOf(pending.thread),
          blocker: subjectOf(thread),
          kind: kindOf(pending),
          object: pending.kind === 'BACKUP' ? undefined : pending.object,
          waitedSeconds: sessionOf(view, pending.thread)?.seconds ?? 0,
          confidence: 'certain',
        }),
      );
    });
}

function blockersOf(
  pending: MetadataLock,
  others: readonly MetadataLock[],
  view: SessionView,
): readonly MetadataLock[] {
  const granted = others.filter(({ lock_status }) => lock_status === 'GRANTED');
  const holding = granted.filter((lock) => mustWait(pending.lock_type, lock.lock_type));
  if (holding.length > 0) return holding;
  const ahead = others.filter(
    ({ lock_status, lock_type }) =>
      lock_status === 'PENDING' && queuesFirst(lock_type) && mustWait(pending.lock_type, lock_type),
  );
  if (ahead.length > 0) return ahead;
  const upgraded = granted.filter(({ lock_type }) => upgradable.has(lock_type));
  if (upgraded.length > 0) return upgraded;
  // LOCK TABLES … READ shows as SHARED_READ: its session sleeps without a transaction and holds the lock all the same.
  return granted.filter(({ thread }) => {
    const session = sessionOf(view, thread);
    return session !== undefined && isIdle(session) && transactionOf(view, thread) === undefined;
  });
}

/** Whether a request waits for a lock that somebody else holds. */
export function mustWait(wanted: string, held: string): boolean {
  if (wanted.startsWith('BACKUP_')) return !(backupUsers.test(wanted) && backupUsers.test(held));
  if (strong.has(wanted)) return wanted === 'EXCLUSIVE' || !weak.has(held);
  return conflicts[wanted]?.includes(held) ?? true;
}

/** Requests that later, weaker ones queue behind. */
function queuesFirst(lockType: string): boolean {
  return upgradable.has(lockType) || (lockType.startsWith('BACKUP_') && !backupUsers.test(lockType));
}

function kindOf({ kind }: MetadataLock): WaitKind {
  if (kind === 'USER LEVEL LOCK') return 'user';
  return kind === 'BACKUP' || kind === 'GLOBAL' || kind === 'COMMIT' ? 'global' : 'metadata';
}

function objectOf({ kind, object }: MetadataLock): string {
  return `${kind} ${object}`;
}
