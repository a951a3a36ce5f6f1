import { z } from 'zod';
import { sqlProbe } from './probe.ts';

/** One row: seconds since the server started. */
export const serverUptime = sqlProbe({
  name: 'server-uptime',
  needs: [],
  sql: "SHOW GLOBAL STATUS LIKE 'Uptime'",
  row: z.object({ Value: z.coerce.number() }),
});
