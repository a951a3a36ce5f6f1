import { z } from 'zod';
import { innodbNow } from './innodb-transactions.ts';
import { sqlProbe } from './probe.ts';

/**
 * A row is an open InnoDB transaction of the applier or of a session that the applier may wait for,
 * with the session that blocks it where InnoDB knows one.
 */
export const applierTransactions = sqlProbe({
  name: 'applier-transactions',
  needs: ['PROCESS'],
  sql: `SELECT t.trx_mysql_thread_id AS thread, p.user AS user, p.command AS command,
       TIMESTAMPDIFF(SECOND, t.trx_started, ${innodbNow}) AS age_seconds, t.trx_rows_modified AS rows_modified,
       t.trx_state AS state, b.trx_mysql_thread_id AS blocked_by,
       TIMESTAMPDIFF(SECOND, t.trx_wait_started, ${innodbNow}) AS waited_seconds
  FROM information_schema.INNODB_TRX t
  LEFT JOIN information_schema.PROCESSLIST p ON p.id = t.trx_mysql_thread_id
  LEFT JOIN information_schema.INNODB_LOCK_WAITS w ON w.requesting_trx_id = t.trx_id
  LEFT JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id
 ORDER BY t.trx_started LIMIT 500`,
  row: z.object({
    thread: z.number(),
    user: z.string().nullable(),
    command: z.string().nullable(),
    age_seconds: z.coerce.number(),
    rows_modified: z.coerce.number(),
    state: z.string(),
    blocked_by: z.number().nullable(),
    waited_seconds: z.number().nullable(),
  }),
});
