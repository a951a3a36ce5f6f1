import { z } from 'zod';
import { statementTag } from '../targets/connection.ts';
import { sqlProbe } from './probe.ts';

/** Sessions that have slept for at least this long count as forgotten. */
export interface AccountSessionParams {
  readonly idleSeconds: number;
}

/** A row is an account with the client it comes from: its sessions, how many sleep, how many have slept for long. Replication and our own are left out. */
export const accountSessions = sqlProbe({
  name: 'account-sessions',
  needs: ['PROCESS'],
  sql: ({
    idleSeconds,
  }: AccountSessionParams) => `SELECT user, REGEXP_REPLACE(host, ':[0-9]+$', '') AS client, COUNT(*) AS sessions,
       CAST(SUM(command = 'Sleep') AS INT) AS sleeping, CAST(SUM(command = 'Sleep' AND time_ms >= ${idleSeconds * 1_000}) AS INT) AS long_sleeping,
       MAX(IF(command = 'Sleep', time_ms, 0)) / 1000 AS longest_sleep_seconds
  FROM information_schema.PROCESSLIST
 WHERE id <> CONNECTION_ID() AND user NOT IN ('system user', 'event_scheduler') AND command NOT IN ('Binlog Dump', 'Daemon')
   AND COALESCE(info, '') NOT LIKE '${statementTag}%'
 GROUP BY user, client ORDER BY sessions DESC LIMIT 500`,
  row: z.object({
    user: z.string(),
    client: z.string(),
    sessions: z.coerce.number(),
    sleeping: z.coerce.number(),
    long_sleeping: z.coerce.number(),
    longest_sleep_seconds: z.coerce.number(),
  }),
});
