import { z } from 'zod';
import { sqlProbe } from './probe.ts';

/** One row: how many undo records InnoDB has not purged yet. */
export const historyList = sqlProbe({
  name: 'history-list',
  needs: [],
  sql: "SHOW GLOBAL STATUS LIKE 'Innodb_history_list_length'",
  row: z.object({ Value: z.coerce.number() }),
});
