import { z } from 'zod';
import { isOn } from '../targets/server-facts.ts';
import { sqlProbe } from './probe.ts';

/** A row is a binary log file of this server, oldest first. Blind where the binary log is off. */
export const binaryLogs = sqlProbe({
  name: 'binary-logs',
  needs: ['BINLOG MONITOR'],
  blocked: (facts) =>
    isOn(facts, 'log_bin')
      ? undefined
      : {
          code: 'coverage.binlog_off',
          summary: 'the binary log is off',
          fix: 'log_bin in the configuration, then a restart',
        },
  sql: 'SHOW BINARY LOGS',
  row: z.object({ Log_name: z.string(), File_size: z.coerce.number() }),
});
