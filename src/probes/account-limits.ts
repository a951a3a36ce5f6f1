import { z } from 'zod';
import { sqlProbe } from './probe.ts';

/** A row is an account whose user has, at this host or another, a limit of its own on simultaneous connections; 0 is none. */
export const accountLimits = sqlProbe({
  name: 'account-limits',
  needs: ['SELECT'],
  sql: `SELECT User AS user, Host AS host, CAST(max_user_connections AS INT) AS max_user_connections
  FROM mysql.user WHERE User IN (SELECT User FROM mysql.user WHERE max_user_connections > 0) ORDER BY 1, 2 LIMIT 500`,
  row: z.object({ user: z.string(), host: z.string(), max_user_connections: z.coerce.number() }),
});
