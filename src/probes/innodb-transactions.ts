import { z } from 'zod';
import { sqlProbe } from './probe.ts';

const transaction = z.object({
  trx_id: z.coerce.string(),
  /** 0 for a prepared XA transaction without a session. */
  thread: z.number(),
  state: z.string(),
  age_seconds: z.coerce.number(),
  waited_seconds: z.number().nullable(),
  rows_locked: z.coerce.number(),
  rows_modified: z.coerce.number(),
  tables_locked: z.coerce.number(),
});

export type Transaction = z.output<typeof transaction>;

/**
 * Now, as InnoDB writes its times: in the zone of the operating system, whatever the zone of the session is.
 * Those times have whole seconds, so that an age may be up to a second too large.
 */
export const innodbNow = "CONVERT_TZ(UTC_TIMESTAMP(6), '+00:00', 'SYSTEM')";

/** A row is an open InnoDB transaction, oldest first; a read-only one counts too, for it pins purge and metadata locks. */
export const innodbTransactions = sqlProbe({
  name: 'innodb-transactions',
  needs: ['PROCESS'],
  sql: `SELECT trx_id, trx_mysql_thread_id AS thread, trx_state AS state, TIMESTAMPDIFF(MICROSECOND, trx_started, ${innodbNow}) / 1000000 AS age_seconds,
       TIMESTAMPDIFF(MICROSECOND, trx_wait_started, ${innodbNow}) / 1000000 AS waited_seconds, trx_rows_locked AS rows_locked,
       trx_rows_modified AS rows_modified, trx_tables_locked AS tables_locked
  FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id <> CONNECTION_ID() ORDER BY trx_started LIMIT 3001`,
  row: transaction,
  maxRows: 3_000,
});
