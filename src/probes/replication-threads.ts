import { z } from 'zod';
import { sqlProbe } from './probe.ts';

const thread = z.object({
  id: z.number(),
  user: z.string(),
  host: z.string(),
  command: z.string(),
  seconds: z.coerce.number(),
  state: z.string().nullable(),
});

export type ReplicationThread = z.output<typeof thread>;

/** A row is a thread of replication: on a replica the receiver, applier and workers, on a primary a Binlog Dump per replica. */
export const replicationThreads = sqlProbe({
  name: 'replication-threads',
  needs: ['PROCESS'],
  sql: `SELECT id, user, host, command, time_ms / 1000 AS seconds, LEFT(state, 200) AS state
  FROM information_schema.PROCESSLIST
 WHERE command IN ('Slave_IO', 'Slave_SQL', 'Slave_worker', 'Binlog Dump') OR (user = 'system user' AND command <> 'Daemon')
 ORDER BY id LIMIT 500`,
  row: thread,
});
