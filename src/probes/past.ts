import type { PastSample, TargetHistory } from '../history/history.ts';
import { sumPatterns } from '../history/roll-up.ts';
import { patternKey, type SettingChange, type SizesSample } from '../history/sample.ts';
import { thin } from '../history/statistics.ts';
import type { Row } from '../report/evidence.ts';
import { durationInWords, momentInWords } from '../report/units.ts';
import type { Logged } from '../store/store.ts';
import type { Blindness, Probe, ProbeSource, Reading } from './probe.ts';
import { evidenceRow, type SlowPattern, type SlowPatterns } from './slow-pattern.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What history a look needs, and what for. */
interface Need {
  /** For people: "growth", "the comparison". */
  readonly what: string;
  readonly hours: number;
}

/** The part of what is known of a server's past that a look needs, or how much there is of it yet. */
async function historyOf(source: ProbeSource, need: Need): Promise<TargetHistory | Blindness> {
  const { history, target } = source;
  const nowMs = source.now();
  if (!history) {
    return noHistory(
      `${need.what} of ${target.name}: no history yet, none is kept`,
      'start the bot (npm start) with history enabled in dbcheck.yml; it looks at each server once a minute',
    );
  }
  const sinceMs = await history.sinceMs(nowMs);
  if (sinceMs !== undefined && nowMs - sinceMs >= need.hours * hourMs) return history;
  const needed = durationInWords(Math.ceil(need.hours * 3_600));
  if (sinceMs === undefined) {
    return noHistory(
      `${need.what} of ${target.name}: no history yet, ${needed} are needed`,
      'let the bot run with history enabled in dbcheck.yml; it looks at each server once a minute',
    );
  }
  return noHistory(
    `${need.what} of ${target.name}: history since ${momentInWords(sinceMs, nowMs)}, ${needed} are needed`,
    `ask again after ${momentInWords(sinceMs + need.hours * hourMs, nowMs)}`,
  );
}

function noHistory(summary: string, fix: string): Blindness {
  return { code: 'coverage.no_history', summary, fix };
}

function isHistory(found: TargetHistory | Blindness): found is TargetHistory {
  return 'samples' in found;
}

/** How much history there is where a look needed more; nothing where none is kept at all, or where there was enough. */
export function tooLittle(reading: Reading<unknown>, { remembers }: { readonly remembers: boolean }): string[] {
  return remembers && reading.status === 'blind' ? [reading.blindness.summary] : [];
}

/** What a server took of its disks, and how large its tables were. */
export interface PastSizes {
  readonly samples: readonly PastSample[];
  readonly sizes: readonly Logged<SizesSample>[];
}

/** Samples of the last `days`; blind where there are not yet `hours` of them. */
export const pastSizes: Probe<{ readonly days: number; readonly hours: number }, PastSizes> = {
  name: 'past-sizes',
  needs: [],
  async collect(source, { days, hours }) {
    const history = await historyOf(source, { what: 'growth', hours });
    if (!isHistory(history)) return history;
    const nowMs = source.now();
    const fromMs = nowMs - days * dayMs;
    const stepMs = days <= 2 ? 60_000 : days <= 31 ? 600_000 : hourMs;
    const samples = await history.samples(fromMs, nowMs, stepMs);
    const sizes = await history.sizes(fromMs, nowMs);
    const rows: Row[] = thin(samples, 60).flatMap(({ atMs, volumes }) =>
      Object.entries(volumes ?? {}).map(([path, [usedBytes, sizeBytes]]) => ({
        at: new Date(atMs).toISOString(),
        path,
        usedBytes,
        sizeBytes,
      })),
    );
    for (const { atMs, value } of thin(sizes, 30))
      rows.push({ at: new Date(atMs).toISOString(), totalBytes: value.totalBytes, tables: value.tables });
    return { data: { samples, sizes }, rows, sql: `history of ${samples.length} samples`, ...windowOf(samples) };
  },
};

/** The samples of the last hours, about one every `stepMs`. Blind where there are none for as long as `need` says. */
export const pastSamples: Probe<
  { readonly hours: number; readonly stepMs: number; readonly needHours: number; readonly what: string },
  readonly PastSample[]
> = {
  name: 'past-samples',
  needs: [],
  async collect(source, { hours, stepMs, needHours, what }) {
    const history = await historyOf(source, { what, hours: needHours });
    if (!isHistory(history)) return history;
    const nowMs = source.now();
    const samples = await history.samples(nowMs - hours * hourMs, nowMs, stepMs);
    return { data: samples, rows: rowsOf(samples), sql: `history of ${samples.length} samples`, ...windowOf(samples) };
  },
};

/** The last day, for a chart of it, once there are two hours. */
export function trendOf(what: string) {
  return { hours: 24, stepMs: 600_000, needHours: 2, what: `the course of ${what}` };
}

/** The last hours, the same time before them, and the same hours of former weeks or days. */
export interface PastHours {
  readonly now: readonly PastSample[];
  readonly before: readonly PastSample[];
  readonly weeks: readonly (readonly PastSample[])[];
  readonly days: readonly (readonly PastSample[])[];
  /** Sizes of tables from before these hours until now. */
  readonly sizes: readonly Logged<SizesSample>[];
}

/** As many as samples are kept that are finer than an hour. */
const formerWeeks = 4;
const formerDays = 14;
/** Longer windows are compared with what was before them; no hour of the week is alike for longer. */
const longestHours = 6;

/** What is needed to say whether these hours are usual. Blind until the time before them is known. */
export const pastHours: Probe<{ readonly hours: number }, PastHours> = {
  name: 'past-hours',
  needs: [],
  async collect(source, { hours }) {
    const history = await historyOf(source, {
      what: 'what is usual',
      hours: hours * 1.5,
    });
    if (!isHistory(history)) return history;
    const nowMs = source.now();
    const lengthMs = hours * hourMs;
    const ending = (untilMs: number, stepMs = 0) => history.samples(untilMs - lengthMs, untilMs, stepMs);
    const former = async (count: number, apartMs: number) => {
      if (hours > longestHours) return [];
      const spans = Array.from({ length: count }, (_, at) => ending(nowMs - (at + 1) * apartMs));
      return (await Promise.all(spans)).filter((samples) => samples.length > 1);
    };
    const data: PastHours = {
      now: await ending(nowMs),
      before: await ending(nowMs - lengthMs),
      weeks: await former(formerWeeks, 7 * dayMs),
      days: await former(formerDays, dayMs),
      // Sizes are looked at once an hour: the last look before these hours is needed too.
      sizes: await history.sizes(nowMs - lengthMs - 1.5 * hourMs, nowMs),
    };
    const samples = [...data.before, ...data.now];
    return { data, rows: rowsOf(samples), sql: `history of ${samples.length} samples`, ...windowOf(samples) };
  },
};

/** Variables that changed within the last hours. */
export const settingChanges: Probe<{ readonly hours: number }, readonly Logged<SettingChange>[]> = {
  name: 'setting-changes',
  needs: [],
  async collect(source, { hours }) {
    const history = await historyOf(source, { what: 'changes of variables', hours: 0 });
    if (!isHistory(history)) return history;
    const nowMs = source.now();
    const changes = await history.settingChanges(nowMs - hours * hourMs, nowMs);
    const rows = changes.map(({ atMs, value: { name, from, to, afterMs } }) => ({
      name,
      from: from ?? null,
      to: to ?? null,
      after: new Date(afterMs).toISOString(),
      before: new Date(atMs).toISOString(),
    }));
    return { data: changes, rows, sql: 'history of the global variables', windowSeconds: hours * 3_600 };
  },
};

/** Statement patterns of a window of the past, summed up from the samples. */
export interface PastPatterns extends SlowPatterns {
  /** Seconds of the window that samples of one source stand for. */
  readonly coveredSeconds: number;
}

/** Two windows of equal length: the last hours, and as many before them, both from one source. */
export interface ComparedPatterns {
  readonly now: PastPatterns;
  readonly before: PastPatterns;
}

/** Blind where less than half of one of the windows is known. */
export const comparedPatterns: Probe<{ readonly hours: number }, ComparedPatterns> = {
  name: 'past-patterns',
  needs: [],
  async collect(source, { hours }) {
    const what = `the comparison of ${durationInWords(hours * 3_600)} with the time before`;
    const history = await historyOf(source, { what, hours: hours * 1.5 });
    if (!isHistory(history)) return history;
    const nowMs = source.now();
    const lengthMs = hours * hourMs;
    const stepMs = lengthMs <= 6 * hourMs ? 0 : lengthMs <= 3 * dayMs ? 600_000 : hourMs;
    const samples = await history.samples(nowMs - 2 * lengthMs, nowMs, stepMs);
    const kind = samples.findLast(({ patternSource }) => patternSource !== undefined)?.patternSource;
    const alike = samples.filter(({ patternSource }) => kind !== undefined && patternSource === kind);
    const [before, now] = [true, false].map((isBefore) =>
      alike.filter(({ atMs }) => atMs <= nowMs - lengthMs === isBefore),
    ) as [PastSample[], PastSample[]];
    const data = {
      now: await patternsOf(history, now, hours),
      before: await patternsOf(history, before, hours),
    };
    const known = Math.min(data.now.coveredSeconds, data.before.coveredSeconds);
    if (known < hours * 1_800) {
      return noHistory(
        `${what}: samples of statement patterns stand for ${durationInWords(known)} of it on ${source.target.name}`,
        'performance_schema = ON in the server configuration (then a restart), or a slow log that dbcheck can read',
      );
    }
    const rows = [...data.now.patterns, ...data.before.patterns].slice(0, 100).map(evidenceRow);
    return { data, rows, sql: `history of ${alike.length} samples (${kind})`, windowSeconds: 2 * hours * 3_600 };
  },
};

async function patternsOf(
  history: TargetHistory,
  samples: readonly PastSample[],
  hours: number,
): Promise<PastPatterns> {
  const patterns: SlowPattern[] = [];
  for (const [key, count, us, lockUs, rowsExamined, rowsSent] of sumPatterns(samples)) {
    const known = await history.pattern(key);
    if (!known || patternKey(known.id) !== key) continue;
    patterns.push({
      id: known.id,
      fingerprint: known.fingerprint,
      schema: known.schema,
      count,
      totalSeconds: us / 1e6,
      lockSeconds: lockUs / 1e6,
      rowsExamined,
      rowsSent,
      p95Seconds: undefined,
      maxSeconds: undefined,
      tmpDiskTables: 0,
      users: [],
      sample: undefined,
      firstSeen: new Date(known.firstSeenMs).toISOString(),
      lastSeen: undefined,
    });
  }
  const [first, last] = [samples[0], samples.at(-1)];
  return {
    source: 'history',
    windowSeconds: hours * 3_600,
    patterns,
    events: patterns.reduce((sum, { count }) => sum + count, 0),
    oneIn: 1,
    coveredSeconds: first && last ? (last.atMs - first.atMs + first.stepMs) / 1_000 : 0,
  };
}

function windowOf(samples: readonly PastSample[]): { readonly windowSeconds: number } {
  const [first, last] = [samples[0], samples.at(-1)];
  return { windowSeconds: first && last ? Math.round((last.atMs - first.atMs) / 1_000) : 0 };
}

function rowsOf(samples: readonly PastSample[]): Row[] {
  return thin(samples, 60).map(({ atMs, uptime, gauges, lag }) => ({
    at: new Date(atMs).toISOString(),
    uptimeSeconds: uptime,
    connections: gauges[0] ?? null,
    running: gauges[1] ?? null,
    ...(lag ? { lag: JSON.stringify(lag) } : {}),
  }));
}
