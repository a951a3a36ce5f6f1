import { z } from 'zod';
import { isOn } from '../targets/server-facts.ts';
import { sqlProbe } from './probe.ts';

/** A row is an index that was read since userstat was switched on or the server started. */
export const indexUse = sqlProbe({
  name: 'index-use',
  needs: ['PROCESS'],
  blocked: (facts) =>
    isOn(facts, 'userstat')
      ? undefined
      : {
          code: 'coverage.instrument_off',
          summary: 'unused indexes: userstat is off, so nothing counts which index is read',
          fix: 'SET GLOBAL userstat = ON; and look again after a full business cycle',
        },
  sql: 'SELECT table_schema AS table_schema, table_name AS table_name, index_name AS index_name, rows_read AS rows_read FROM information_schema.INDEX_STATISTICS',
  row: z.object({
    table_schema: z.string(),
    table_name: z.string(),
    index_name: z.string(),
    rows_read: z.coerce.number(),
  }),
  maxRows: 50_000,
});
