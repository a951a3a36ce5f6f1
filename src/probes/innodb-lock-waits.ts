import { z } from 'zod';
import { sqlProbe } from './probe.ts';

const lockWait = z.object({
  waiting_thread: z.number(),
  blocking_thread: z.number(),
  blocking_trx: z.coerce.string(),
  lock_table: z.string(),
  lock_index: z.string().nullable(),
  lock_mode: z.string(),
  waited_seconds: z.coerce.number(),
});

export type LockWait = z.output<typeof lockWait>;

/** A row is one session that waits for a lock of InnoDB, with one session that holds it up. */
export const innodbLockWaits = sqlProbe({
  name: 'innodb-lock-waits',
  needs: ['PROCESS'],
  sql: `SELECT r.trx_mysql_thread_id AS waiting_thread, b.trx_mysql_thread_id AS blocking_thread, b.trx_id AS blocking_trx,
       l.lock_table, l.lock_index, l.lock_mode,
       COALESCE(TIMESTAMPDIFF(MICROSECOND, r.trx_wait_started, SYSDATE(6)) / 1000000, 0) AS waited_seconds
  FROM information_schema.INNODB_LOCK_WAITS w
  JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id
  JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id
  JOIN information_schema.INNODB_LOCKS l ON l.lock_id = w.requested_lock_id
 LIMIT 5001`,
  row: lockWait,
  maxRows: 5_000,
});
