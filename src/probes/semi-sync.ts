import { z } from 'zod';
import { isOn } from '../targets/server-facts.ts';
import { sqlProbe } from './probe.ts';

/** A row is a counter of semi-synchronous replication on a primary. */
export const semiSync = sqlProbe({
  name: 'semi-sync',
  needs: [],
  sql: "SHOW GLOBAL STATUS WHERE Variable_name IN ('Rpl_semi_sync_master_status', 'Rpl_semi_sync_master_clients', 'Rpl_semi_sync_master_no_times', 'Rpl_semi_sync_master_no_tx')",
  row: z.object({ Variable_name: z.string(), Value: z.string() }),
  blocked: (facts) =>
    isOn(facts, 'rpl_semi_sync_master_enabled')
      ? undefined
      : { code: 'coverage.instrument_off', summary: 'semi-synchronous replication is not enabled', fix: 'none needed' },
});
