import { z } from 'zod';
import { durationInWords } from '../report/units.ts';
import { isOn } from '../targets/server-facts.ts';
import type { Probe } from './probe.ts';

const row = z.object({ unnamed: z.coerce.number(), executions: z.coerce.number(), total: z.coerce.number() });

/** Below this part of the time the digests tell enough. Our choice: what ranks the patterns does not change by it. */
const SMALL_SHARE = 0.05;

const sql = `SELECT COALESCE(SUM(IF(event_name = 'statement/com/Execute', sum_timer_wait, 0)), 0) / 1000000000000 AS unnamed,
       COALESCE(SUM(IF(event_name = 'statement/com/Execute', count_star, 0)), 0) AS executions,
       COALESCE(SUM(sum_timer_wait), 0) / 1000000000000 AS total
  FROM performance_schema.events_statements_summary_global_by_event_name`;

/**
 * How much of the statements' time the digests leave out: MariaDB counts what prepared statements of the binary protocol
 * execute under one name, without text and digest (measured on 10.5, 10.11 and 11.8). Blind where that is more than a little.
 */
export const unnamedStatements: Probe<void, z.infer<typeof row>> = {
  name: 'unnamed-statements',
  needs: ['SELECT'],
  blocked: (facts) =>
    isOn(facts, 'performance_schema')
      ? undefined
      : { code: 'coverage.performance_schema_off', summary: 'prepared statements: performance_schema is off', fix: '' },
  async collect(source) {
    const { rows } = await source.query(sql);
    const data = row.parse(rows[0]);
    const { unnamed, executions, total } = data;
    if (unnamed <= total * SMALL_SHARE) return { data, rows, sql };
    const share = Math.round((100 * unnamed) / total);
    return {
      code: 'coverage.prepared_statements',
      summary: `statement digests: ${share} % of the time of all statements since the server started (${durationInWords(unnamed)}, ${executions.toLocaleString('en-US')} executions) went to prepared statements of the binary protocol, which the digests leave out`,
      fix: 'SET GLOBAL slow_query_log = ON; the slow log names them',
    };
  },
};
