import { z } from 'zod';
import type { Row } from '../report/evidence.ts';
import { innodbNow } from './innodb-transactions.ts';
import type { Probe } from './probe.ts';

const maxRows = 5_000;

/** One session that waits for a lock of InnoDB, with one session that holds it up. */
export interface LockWait {
  readonly waiting_thread: number;
  /** 0 for a prepared XA transaction, which no session holds. */
  readonly blocking_thread: number;
  readonly blocking_trx: string;
  readonly lock_table: string;
  readonly lock_index: string | null;
  readonly lock_mode: string;
  readonly waited_seconds: number;
  /** False where several transactions without a number could be the blocker, and the oldest was taken. */
  readonly certain: boolean;
}

const rawWait = z.object({
  requesting_trx: z.coerce.string(),
  requested_lock: z.string(),
  blocking_trx: z.coerce.string(),
  blocking_lock: z.string(),
  /** 1 where the blocker itself only queues for that lock, ahead of the other. */
  queues: z.coerce.number(),
});
const rawLock = z.object({
  lock_id: z.string(),
  lock_table: z.string(),
  lock_index: z.string().nullable(),
  lock_mode: z.string(),
});
const rawTransaction = z.object({
  trx_id: z.coerce.string(),
  thread: z.number(),
  requested_lock: z.string().nullable(),
  waited_seconds: z.coerce.number().nullable(),
  age_seconds: z.coerce.number(),
  lock_structs: z.coerce.number(),
});

export interface RawWaits {
  readonly waits: readonly z.output<typeof rawWait>[];
  readonly locks: readonly z.output<typeof rawLock>[];
  readonly transactions: readonly z.output<typeof rawTransaction>[];
}

/**
 * InnoDB lists each waiter beside everyone ahead of it, which grows with the square of the queue:
 * of those that only queue, one is kept per waiter. Joining here would cost the cube.
 */
const waitsSql = `SELECT requesting_trx_id AS requesting_trx, requested_lock_id AS requested_lock,
       MIN(blocking_trx_id) AS blocking_trx, MIN(blocking_lock_id) AS blocking_lock, queues
  FROM (SELECT requesting_trx_id, requested_lock_id, blocking_trx_id, blocking_lock_id,
               blocking_lock_id IN (SELECT requested_lock_id FROM information_schema.INNODB_LOCK_WAITS) AS queues
          FROM information_schema.INNODB_LOCK_WAITS) AS w
 GROUP BY requesting_trx_id, requested_lock_id, queues, IF(queues, '', blocking_lock_id) LIMIT ${maxRows}`;

/** `lock_data` holds values of rows and is left alone. */
const locksSql = `SELECT lock_id, lock_table, lock_index, lock_mode FROM information_schema.INNODB_LOCKS LIMIT ${maxRows}`;

const transactionsSql = `SELECT trx_id, trx_mysql_thread_id AS thread, trx_requested_lock_id AS requested_lock,
       TIMESTAMPDIFF(MICROSECOND, trx_wait_started, ${innodbNow}) / 1000000 AS waited_seconds,
       TIMESTAMPDIFF(MICROSECOND, trx_started, ${innodbNow}) / 1000000 AS age_seconds, trx_lock_structs AS lock_structs
  FROM information_schema.INNODB_TRX WHERE trx_lock_structs > 0 ORDER BY trx_started LIMIT ${maxRows}`;

/** Who waits for whose lock in InnoDB. One statement where nobody waits. */
export const innodbLockWaits: Probe<void, readonly LockWait[]> = {
  name: 'innodb-lock-waits',
  needs: ['PROCESS'],
  async collect(source) {
    const waits = await source.query(waitsSql);
    if (waits.rows.length === 0) return { data: [], rows: [], sql: waitsSql };
    const locks = await source.query(locksSql);
    const transactions = await source.query(transactionsSql);
    const data = resolveWaits({
      waits: waits.rows.map((row) => rawWait.parse(row)),
      locks: locks.rows.map((row) => rawLock.parse(row)),
      transactions: transactions.rows.map((row) => rawTransaction.parse(row)),
    });
    return {
      data,
      rows: data.map((wait): Row => ({ ...wait })),
      sql: [waitsSql, locksSql, transactionsSql].join(';\n'),
      truncated: [waits, locks, transactions].some(({ rows }) => rows.length >= maxRows),
    };
  },
};

/** Puts threads and tables to the numbers of transactions and locks. */
export function resolveWaits({ waits, locks, ...raw }: RawWaits): LockWait[] {
  const transactions = raw.transactions.map((trx) => ({
    ...trx,
    trx_id: numberOf(trx.trx_id),
    requested_lock: trx.requested_lock?.replace(/^\d+/, numberOf) ?? null,
  }));
  const lockOf = new Map(locks.map((lock) => [lock.lock_id, lock]));
  const byRequest = Map.groupBy(transactions, ({ requested_lock }) => requested_lock);
  const byNumber = Map.groupBy(transactions, ({ trx_id }) => trx_id);
  return waits.flatMap((wait) => {
    const lock = lockOf.get(wait.requested_lock) ?? lockOf.get(wait.blocking_lock);
    const waiters = (byRequest.get(wait.requested_lock) ?? []).filter(({ trx_id }) => trx_id === wait.requesting_trx);
    return waiters.flatMap((waiter): LockWait[] => {
      const able = ableToBlock(wait, waiter, byNumber.get(wait.blocking_trx) ?? []);
      const [blocker] = able;
      if (!blocker) return [];
      return [
        {
          waiting_thread: waiter.thread,
          blocking_thread: blocker.thread,
          blocking_trx: blocker.trx_id,
          lock_table: lock?.lock_table ?? '',
          lock_index: lock?.lock_index ?? null,
          lock_mode: lock?.lock_mode ?? '',
          waited_seconds: Math.max(0, waiter.waited_seconds ?? 0),
          certain: able.length === 1,
        },
      ];
    });
  });
}

/** MariaDB 10.5 shows an address instead of the number of a transaction that has none; numbers have 48 bits at most. */
function numberOf(trxId: string): string {
  return Number(trxId) >= 2 ** 48 ? '0' : trxId;
}

/**
 * A transaction that has changed nothing has the number 0, and so have others: then the blocker
 * is one that holds locks and began before the wait, oldest first. A second is allowed for the cut of InnoDB's times.
 */
function ableToBlock(
  wait: RawWaits['waits'][number],
  waiter: RawWaits['transactions'][number],
  named: RawWaits['transactions'],
): RawWaits['transactions'] {
  const others = named.filter((one) => one !== waiter);
  if (wait.blocking_trx !== '0') return others.slice(0, 1);
  const queued = others.filter(({ requested_lock }) => wait.queues === 1 && requested_lock === wait.blocking_lock);
  if (queued.length > 0) return queued.slice(0, 1);
  return others
    .filter(({ age_seconds }) => age_seconds + 1 >= (waiter.waited_seconds ?? 0))
    .toSorted((a, b) => b.age_seconds - a.age_seconds);
}
