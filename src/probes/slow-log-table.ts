import { z } from 'zod';
import { fingerprint, fingerprintId } from '../sql/fingerprint.ts';
import { isOn, numericVariable, type ServerFacts } from '../targets/server-facts.ts';
import type { Probe } from './probe.ts';
import { evidenceRow, type SlowPattern, type SlowPatterns } from './slow-pattern.ts';

export interface WindowParams {
  /** The window ends this many hours ago; 0 is now. */
  readonly endHoursAgo: number;
  readonly hours: number;
}

const event = z.object({
  user_host: z.string(),
  seconds: z.coerce.number(),
  lock_seconds: z.coerce.number(),
  rows_sent: z.coerce.number(),
  rows_examined: z.coerce.number(),
  db: z.string(),
  sql_text: z.string(),
  started: z.string(),
});

/** A statement text is read up to here; what is longer is grouped but not explained. */
const maxText = 8_000;
const maxEvents = 20_000;

export function writesSlowLogTable(facts: ServerFacts): boolean {
  return isOn(facts, 'slow_query_log') && /table/i.test(facts.variables['log_output'] ?? '');
}

/** mysql.slow_log grouped by fingerprint. It is a CSV table: every read is one scan, so it is read once per window. */
export const slowLogTable: Probe<WindowParams, SlowPatterns> = {
  name: 'slow-log-table',
  needs: ['SELECT'],
  async collect(source, { hours, endHoursAgo }) {
    const from = Math.round((hours + endHoursAgo) * 3_600);
    const until = Math.round(endHoursAgo * 3_600);
    const sql = `SELECT user_host, TIME_TO_SEC(query_time) AS seconds, TIME_TO_SEC(lock_time) AS lock_seconds, rows_sent, rows_examined,
       db, LEFT(CONVERT(sql_text USING utf8mb4), ${maxText + 1}) AS sql_text, DATE_FORMAT(start_time, '%Y-%m-%dT%H:%i:%sZ') AS started
  FROM mysql.slow_log WHERE start_time >= NOW(6) - INTERVAL ${from} SECOND AND start_time <= NOW(6) - INTERVAL ${until} SECOND
 ORDER BY query_time DESC LIMIT ${maxEvents + 1}`;
    const { rows, truncated } = await source.query(sql, { maxRows: maxEvents });
    const events = rows.map((row) => event.parse(row)).filter(({ sql_text }) => !sql_text.startsWith('/* dbcheck'));
    const data: SlowPatterns = {
      source: 'mysql.slow_log',
      windowSeconds: hours * 3_600,
      patterns: group(events),
      events: events.length,
      oneIn: numericVariable(source.facts, 'log_slow_rate_limit') ?? 1,
    };
    return { data, rows: data.patterns.slice(0, 100).map(evidenceRow), sql, windowSeconds: hours * 3_600, truncated };
  },
};

type Event = z.output<typeof event>;

function group(events: readonly Event[]): SlowPattern[] {
  const groups = Map.groupBy(events, ({ sql_text }) => fingerprint(sql_text));
  return [...groups]
    .map(([text, members]): SlowPattern => {
      const [slowest] = members as [Event];
      const sum = (of: (one: Event) => number) => members.reduce((total, one) => total + of(one), 0);
      const times = members.map(({ seconds }) => seconds).toSorted((a, b) => a - b);
      const started = members.map((one) => one.started).toSorted();
      return {
        id: fingerprintId(text),
        fingerprint: text,
        count: members.length,
        totalSeconds: sum(({ seconds }) => seconds),
        lockSeconds: sum(({ lock_seconds }) => lock_seconds),
        p95Seconds: times[Math.min(times.length - 1, Math.floor(times.length * 0.95))],
        maxSeconds: times.at(-1),
        rowsExamined: sum(({ rows_examined }) => rows_examined),
        rowsSent: sum(({ rows_sent }) => rows_sent),
        tmpDiskTables: 0,
        users: [...new Set(members.map(({ user_host }) => user_host.split('[')[0] ?? ''))].slice(0, 5),
        schema: slowest.db,
        sample: slowest.sql_text.length <= maxText ? slowest.sql_text : undefined,
        firstSeen: started[0],
        lastSeen: started.at(-1),
      };
    })
    .toSorted((a, b) => b.totalSeconds - a.totalSeconds);
}
