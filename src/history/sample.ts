import { z } from 'zod';
import type { Kind } from '../store/store.ts';

const count = z.number();

/** [key of the pattern, executions, total time in µs, lock time in µs, rows examined, rows sent] */
const patternGrowth = z.tuple([z.string(), count, count, count, count, count]);
export type PatternGrowth = z.output<typeof patternGrowth>;

const sample = z.object({
  /** Seconds since the server started; a smaller one than before means that counters began anew. */
  uptime: count,
  /** Statements that the sampling process had sent to the server by then. */
  sent: count.optional(),
  /** In the order of `counterNames`; null where the server has no such counter. */
  counters: z.array(count.nullable()),
  /** In the order of `gaugeNames`; means where the sample stands for several. */
  gauges: z.array(count),
  /** The highest of each gauge, where the sample stands for several. */
  highest: z.array(count).optional(),
  /** Seconds behind by channel; null where replication stood. The longest where the sample stands for several. */
  lag: z.record(z.string(), count.nullable()).optional(),
  /** [used bytes, bytes of the whole] by the first directory of the server on the volume. */
  volumes: z.record(z.string(), z.tuple([count, count])).optional(),
  /** What each statement pattern added since the sample before; absent where nothing could be compared. */
  patterns: z.array(patternGrowth).optional(),
  patternSource: z.enum(['statement digests', 'slow log file', 'mysql.slow_log']).optional(),
});

/** What a server showed at one moment, or over the time since the sample before. Numbers and names only. */
export type Sample = z.output<typeof sample>;

/** Samples of one density: about one every `stepMs`, kept for `keepMs`. */
export interface Tier {
  readonly kind: Kind<Sample>;
  readonly stepMs: number;
  readonly keepMs: number;
  /** Patterns of a sample at most, those with most time first. */
  readonly patterns: number;
}

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

function tier(name: string, stepMs: number, keepDays: number, patterns: number): Tier {
  return {
    kind: { name: `history-${name}`, schema: sample, keepDays },
    stepMs,
    keepMs: keepDays * dayMs,
    patterns,
  };
}

/** Finest first: a minute for a day, ten minutes for a month, an hour for a year. */
export const tiers: readonly [Tier, Tier, Tier] = [
  tier('1m', minuteMs, 1.1, 24),
  tier('10m', 10 * minuteMs, 31, 30),
  tier('1h', hourMs, 366, 30),
];

const size = z.tuple([z.string(), count, count]);

const sizes = z.object({
  /** Data and indexes of all tables of all users' schemas. */
  totalBytes: count,
  tables: count,
  /** [schema, bytes, tables] */
  schemas: z.array(size),
  /** [schema.table, bytes of data and indexes, rows by the server's estimate], the largest. */
  largest: z.array(size),
});

export type SizesSample = z.output<typeof sizes>;

export const sizesKind: Kind<SizesSample> = { name: 'history-sizes', schema: sizes, keepDays: 366 };

const settingChange = z.object({
  name: z.string(),
  /** Undefined where the variable was not there, or where its value is not kept. */
  from: z.string().optional(),
  to: z.string().optional(),
  /** When the variable was last seen with its former value; it changed between then and the time of the entry. */
  afterMs: count,
});

/** A global variable that has another value than at the look before. */
export type SettingChange = z.output<typeof settingChange>;

export const settingChangeKind: Kind<SettingChange> = {
  name: 'history-setting-changes',
  schema: settingChange,
  keepDays: 366,
};

const settings = z.object({ seenAtMs: count, values: z.record(z.string(), z.string()) });

/** The variables as they were last seen, so that a change is seen across restarts of dbcheck too. Key: the target. */
export const settingsKind: Kind<z.output<typeof settings>> = {
  name: 'history-settings',
  schema: settings,
  keepDays: 366,
};

const pattern = z.object({
  id: z.string(),
  /** Without literals. */
  fingerprint: z.string(),
  schema: z.string(),
  firstSeenMs: count,
});

/** A statement pattern of a target. Key: `target/key of the pattern`. */
export type PatternRecord = z.output<typeof pattern>;

export const patternKind: Kind<PatternRecord> = { name: 'history-patterns', schema: pattern, keepDays: 366 };

/** Samples name patterns by the beginning of their id: 48 bits tell thousands apart, and are a third of the bytes. */
export function patternKey(id: string): string {
  return id.slice(0, 12);
}

const trouble = z.object({ reason: z.string(), since: z.enum(['down', 'up']) });

/** When a target stopped or began to be sampled, and why. Stream: the target. */
export const troubleKind: Kind<z.output<typeof trouble>> = {
  name: 'history-trouble',
  schema: trouble,
  keepDays: 366,
};
