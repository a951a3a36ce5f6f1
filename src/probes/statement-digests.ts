import { z } from 'zod';
import { fingerprint, fingerprintId } from '../sql/fingerprint.ts';
import { isOn } from '../targets/server-facts.ts';
import type { Probe } from './probe.ts';
import { evidenceRow, type SlowPattern, type SlowPatterns } from './slow-pattern.ts';

const digest = z.object({
  schema_name: z.string().nullable(),
  digest_text: z.string().nullable(),
  executions: z.coerce.number(),
  seconds: z.coerce.number(),
  lock_seconds: z.coerce.number(),
  max_seconds: z.coerce.number(),
  rows_examined: z.coerce.number(),
  rows_sent: z.coerce.number(),
  tmp_disk_tables: z.coerce.number(),
  first_seen: z.string(),
  last_seen: z.string(),
});

/** Leaves out what servers and tools ask about the server itself. */
export const applicationStatements = `COALESCE(schema_name, '') NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')
   AND digest_text NOT LIKE '%_schema%' AND digest_text NOT LIKE '%\`mysql\` . %' AND digest_text NOT LIKE '%\`sys\` . %' AND digest_text NOT LIKE 'SHOW %' AND digest_text NOT LIKE 'USE %'
   AND digest_text NOT LIKE 'SET %' AND digest_text NOT LIKE 'EXPLAIN %'`;

const sql = `SELECT schema_name, LEFT(digest_text, 2000) AS digest_text, count_star AS executions, sum_timer_wait / 1000000000000 AS seconds,
       sum_lock_time / 1000000000000 AS lock_seconds, max_timer_wait / 1000000000000 AS max_seconds, sum_rows_examined AS rows_examined,
       sum_rows_sent AS rows_sent, sum_created_tmp_disk_tables AS tmp_disk_tables,
       DATE_FORMAT(first_seen, '%Y-%m-%dT%H:%i:%sZ') AS first_seen, DATE_FORMAT(last_seen, '%Y-%m-%dT%H:%i:%sZ') AS last_seen,
       UNIX_TIMESTAMP() AS now
  FROM performance_schema.events_statements_summary_by_digest
 WHERE ${applicationStatements}
 ORDER BY sum_timer_wait DESC LIMIT 500`;

/**
 * Statement digests of performance_schema, counted since the server started. They have no window of their own, which
 * the report says; what has not run within the hours asked for is left out.
 */
export const statementDigests: Probe<{ readonly hours: number }, SlowPatterns> = {
  name: 'statement-digests',
  needs: ['SELECT'],
  blocked: (facts) =>
    isOn(facts, 'performance_schema')
      ? undefined
      : {
          code: 'coverage.performance_schema_off',
          summary: 'statement digests: performance_schema is off',
          fix: 'performance_schema = ON in the server configuration, then a restart',
        },
  async collect(source, { hours }) {
    const { rows, truncated } = await source.query(sql);
    // Times in the digests are the server's, whose clock may not agree with ours.
    const nowMs = rows[0] === undefined ? source.now() : Number(rows[0]['now']) * 1_000;
    const from = nowMs - hours * 3_600_000;
    const patterns = rows
      .map((row) => digest.parse(row))
      .filter(({ digest_text, last_seen }) => digest_text !== null && Date.parse(last_seen) >= from)
      .map((row): SlowPattern => {
        const text = fingerprint(row.digest_text ?? '');
        return {
          id: fingerprintId(text),
          fingerprint: text,
          count: row.executions,
          totalSeconds: row.seconds,
          lockSeconds: row.lock_seconds,
          p95Seconds: undefined,
          maxSeconds: row.max_seconds,
          rowsExamined: row.rows_examined,
          rowsSent: row.rows_sent,
          tmpDiskTables: row.tmp_disk_tables,
          users: [],
          schema: row.schema_name ?? '',
          sample: undefined,
          firstSeen: row.first_seen,
          lastSeen: row.last_seen,
        };
      });
    // The sums are of all time since the first digest, and a share of the time must be a share of that.
    const firstSeen = Math.min(
      nowMs,
      ...rows.map((row) => Date.parse(String(row['first_seen']))).filter(Number.isFinite),
    );
    const windowSeconds = Math.max(hours * 3_600, (nowMs - firstSeen) / 1_000);
    const data: SlowPatterns = {
      source: 'statement digests',
      windowSeconds,
      patterns,
      events: patterns.reduce((sum, { count }) => sum + count, 0),
      oneIn: 1,
    };
    return {
      data,
      rows: patterns.slice(0, 100).map(evidenceRow),
      sql,
      windowSeconds: Math.round(windowSeconds),
      truncated,
    };
  },
};
