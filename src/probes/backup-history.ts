import { z } from 'zod';
import { sqlProbe } from './probe.ts';

/** A row is a run that mariadb-backup recorded with --history (10.11 and later), newest first. */
export const backupHistory = sqlProbe({
  name: 'backup-history',
  needs: ['SELECT'],
  sql: `SELECT tool_command IS NOT NULL AS recorded, TIMESTAMPDIFF(SECOND, end_time, NOW()) AS age_seconds,
       incremental, LEFT(binlog_pos, 300) AS binlog_position
  FROM mysql.mariadb_backup_history WHERE end_time IS NOT NULL ORDER BY end_time DESC LIMIT 5`,
  row: z.object({
    age_seconds: z.coerce.number(),
    incremental: z.string().nullable(),
    binlog_position: z.string().nullable(),
  }),
});
