import type { Thresholds } from '../agents/thresholds.ts';
import type { Collector } from '../probes/collector.ts';
import { historyList } from '../probes/history-list.ts';
import { innodbLockWaits } from '../probes/innodb-lock-waits.ts';
import { innodbReadViews } from '../probes/innodb-read-views.ts';
import { innodbTransactions } from '../probes/innodb-transactions.ts';
import { type MetadataLock, metadataLocks } from '../probes/metadata-locks.ts';
import { dataOf, evidenceOf, lookAgain, type Reading } from '../probes/probe.ts';
import { processlist } from '../probes/processlist.ts';
import { userLocks } from '../probes/user-locks.ts';
import { userLockName } from './inferred-waits.ts';
import { type SessionView, waitsForServerLock } from './sessions.ts';

export type SessionReadings = Awaited<ReturnType<typeof readSessions>>;

const maxUserLocks = 20;
/** Far below any threshold: who pins the purge is asked only where something may be pinned. */
const longHistory = 1_000;
/** Long enough for a wait that is seen twice to pass `lockWaitWarningSeconds` at its default. */
const secondLookSeconds = 1.1;
const again = {
  sessions: lookAgain(processlist, secondLookSeconds),
  transactions: lookAgain(innodbTransactions, secondLookSeconds),
  lockWaits: lookAgain(innodbLockWaits, secondLookSeconds),
};

/**
 * Reads what every judgement of sessions needs. Where somebody has begun to wait for a lock only just now, it looks once more
 * after a second, so that a passing wait is told from one that stays. Metadata locks are read only where somebody waits for one.
 */
export async function readSessions(collector: Collector) {
  const essential = { essential: true } as const;
  const look = async (probes: typeof again) => {
    const [sessions, transactions, lockWaits] = await Promise.all([
      collector.read(probes.sessions, undefined, essential),
      collector.read(probes.transactions, undefined, essential),
      collector.read(probes.lockWaits, undefined, essential),
    ]);
    return { sessions, transactions, lockWaits };
  };
  const first = await look({ sessions: processlist, transactions: innodbTransactions, lockWaits: innodbLockWaits });
  const waiting = dataOf(first.sessions, []).filter(waitsForServerLock);
  const ages = [
    ...waiting.map(({ seconds }) => seconds),
    ...dataOf(first.lockWaits, []).map(({ waited_seconds }) => waited_seconds),
  ];
  const young = ages.length > 0 && Math.max(...ages) < 2;
  const seen = young ? await look(again) : first;
  const queued = dataOf(seen.sessions, []).some(waitsForServerLock);
  const locks: Reading<readonly MetadataLock[]> | undefined = queued ? await collector.read(metadataLocks) : undefined;
  const names = [...new Set(dataOf(seen.sessions, []).flatMap((session) => userLockName(session) ?? []))];
  const named = names.length > 0 ? await collector.read(userLocks, { names: names.slice(0, maxUserLocks) }) : undefined;
  const history = await collector.read(historyList, undefined, { optional: true });
  const length = dataOf(history, [])[0]?.Value ?? 0;
  const views =
    length >= longHistory ? await collector.read(innodbReadViews, undefined, { optional: true }) : undefined;
  return { ...seen, locks, named, history, views };
}

function userLock(name: string, thread: number): MetadataLock {
  return { thread, object: name, kind: 'USER LEVEL LOCK', lock_type: 'SHARED_NO_WRITE', lock_status: 'GRANTED' };
}

export function sessionView(readings: SessionReadings, target: string, thresholds: Thresholds): SessionView {
  const { sessions, transactions, lockWaits, locks, named, history, views } = readings;
  const userLocksHeld = named ? dataOf(named, []) : [];
  const seen: MetadataLock[] = [
    ...(locks ? dataOf(locks, []) : []),
    ...userLocksHeld.flatMap(({ name, thread }) => (thread === null ? [] : [userLock(name, thread)])),
  ];
  // trx_wait_started is cut to whole seconds; the statement's own clock is finer and can only be longer.
  const runsFor = new Map(dataOf(sessions, []).map(({ id, seconds }) => [id, seconds]));
  const waits = dataOf(lockWaits, []).map((wait) => ({
    ...wait,
    waited_seconds: Math.min(wait.waited_seconds, runsFor.get(wait.waiting_thread) ?? wait.waited_seconds),
  }));
  return {
    target,
    sessions: dataOf(sessions, []),
    transactions: dataOf(transactions, []),
    lockWaits: waits,
    // An instrument that was off when the locks were taken shows nothing: that is not "no holder".
    metadataLocks: seen.length > 0 ? seen : undefined,
    historyLength: dataOf(history, [])[0]?.Value,
    readViews: views?.status === 'read' ? views.data : undefined,
    thresholds,
    evidence: evidenceOf(
      sessions,
      transactions,
      lockWaits,
      ...(locks ? [locks] : []),
      ...(named ? [named] : []),
      history,
    ),
  };
}
