import { z } from 'zod';
import { statementTag } from '../targets/connection.ts';
import { sqlProbe } from './probe.ts';

const session = z.object({
  id: z.number(),
  user: z.string(),
  host: z.string(),
  db: z.string().nullable(),
  command: z.string(),
  seconds: z.coerce.number(),
  state: z.string().nullable(),
  info: z.string().nullable(),
  stage: z.coerce.number(),
  max_stage: z.coerce.number(),
  progress: z.coerce.number(),
  examined_rows: z.coerce.number(),
  query_id: z.coerce.number(),
});

export type Session = z.output<typeof session>;

/** Threads of the server itself: replication, the event scheduler, background work. They are nobody's long query. */
const systemCommands = "'Binlog Dump', 'Slave_IO', 'Slave_SQL', 'Slave_worker', 'Daemon'";

/**
 * A row is a session of people and applications: first those that run something or have an open transaction, longest first,
 * so that on a server with thousands who wait the oldest blocker is never cut off; then the other sleepers.
 * Our own sessions and the server's threads are left out.
 */
export const processlist = sqlProbe({
  name: 'processlist',
  needs: ['PROCESS'],
  sql: `SELECT id, user, host, db, command, time_ms / 1000 AS seconds, LEFT(state, 120) AS state, LEFT(info, 4000) AS info,
       stage, max_stage, progress, examined_rows, query_id
  FROM information_schema.PROCESSLIST
 WHERE id <> CONNECTION_ID() AND command NOT IN (${systemCommands}) AND user NOT IN ('system user', 'event_scheduler')
   AND COALESCE(info, '') NOT LIKE '${statementTag}%'
 ORDER BY command = 'Sleep' AND id NOT IN (SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX), time_ms DESC
 LIMIT 3001`,
  row: session,
  maxRows: 3_000,
});

/** `app@10.2.3.4`: the account and the client without its port. Names may hold line breaks; a report's line does not. */
export function accountOf({ user, host }: Pick<Session, 'user' | 'host'>): string {
  return `${user}@${host.replace(/:\d+$/, '')}`.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
