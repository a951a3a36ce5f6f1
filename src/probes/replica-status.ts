import { z } from 'zod';
import { sqlProbe } from './probe.ts';

const text = z
  .union([z.string(), z.null()])
  .transform((value) => value ?? '')
  .default('');
const count = z.coerce.number().default(0);

const channel = z.object({
  Connection_name: text,
  Master_Host: text,
  Master_Port: count,
  Slave_IO_State: text,
  Slave_IO_Running: text,
  Slave_SQL_Running: text,
  Last_IO_Errno: count,
  Last_IO_Error: text,
  Last_SQL_Errno: count,
  Last_SQL_Error: text,
  /** NULL means broken or stopped, never "no lag". */
  Seconds_Behind_Master: z.number().nullable().catch(null),
  SQL_Delay: count,
  Using_Gtid: text,
  /** `None`, or what START SLAVE … UNTIL waits for. */
  Until_Condition: text,
  Replicate_Do_DB: text,
  Replicate_Ignore_DB: text,
  Replicate_Do_Table: text,
  Replicate_Ignore_Table: text,
  Replicate_Wild_Do_Table: text,
  Replicate_Wild_Ignore_Table: text,
  Gtid_Slave_Pos: text,
});

export type ReplicaChannel = z.output<typeof channel>;

/** A row is a replication channel of this server. SHOW SLAVE STATUS would hide every named one. */
export const replicaStatus = sqlProbe({
  name: 'replica-status',
  needs: ['REPLICA MONITOR'],
  sql: 'SHOW ALL SLAVES STATUS',
  row: channel,
});
