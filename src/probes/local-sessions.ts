import { z } from 'zod';
import { statementTag } from '../targets/connection.ts';
import { sqlProbe } from './probe.ts';

/** A row is a session of people or applications on a replica that could hold what the applier waits for. */
export const localSessions = sqlProbe({
  name: 'local-sessions',
  needs: ['PROCESS'],
  sql: `SELECT id, user, host, command, time_ms / 1000 AS seconds, LEFT(state, 100) AS state
  FROM information_schema.PROCESSLIST
 WHERE user <> 'system user' AND command NOT IN ('Binlog Dump', 'Daemon', 'Slave_IO', 'Slave_SQL', 'Slave_worker')
   AND id <> CONNECTION_ID() AND COALESCE(info, '') NOT LIKE '${statementTag}%'
 ORDER BY time_ms LIMIT 500`,
  row: z.object({
    id: z.number(),
    user: z.string(),
    host: z.string(),
    command: z.string(),
    seconds: z.coerce.number(),
    state: z.string().nullable(),
  }),
});
