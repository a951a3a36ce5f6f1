import type { Logged, Store } from '../store/store.ts';
import { type PatternGrowth, type Sample, type Tier, tiers } from './sample.ts';

/** One sample for several: counters as they stood at the end, gauges as mean and highest, patterns summed up. */
function rollUp(samples: readonly Sample[], maxPatterns: number): Sample | undefined {
  const last = samples.at(-1);
  if (!last) return undefined;
  const lag = worstLag(samples);
  const source = last.patternSource;
  const alike = samples.filter((sample) => sample.patternSource === source);
  return {
    uptime: last.uptime,
    counters: last.counters,
    gauges: last.gauges.map((_, at) => rounded(mean(samples.map(({ gauges }) => gauges[at] ?? 0)))),
    highest: last.gauges.map((_, at) => Math.max(...samples.map((one) => one.highest?.[at] ?? one.gauges[at] ?? 0))),
    ...(lag ? { lag } : {}),
    ...(last.volumes ? { volumes: last.volumes } : {}),
    ...(source ? { patterns: sumPatterns(alike, maxPatterns), patternSource: source } : {}),
  };
}

/** Growth of each pattern over all samples, most time first. */
export function sumPatterns(samples: readonly Sample[], most = Number.POSITIVE_INFINITY): PatternGrowth[] {
  const sums = new Map<string, PatternGrowth>();
  for (const [key, ...values] of samples.flatMap(({ patterns }) => patterns ?? [])) {
    const sum = sums.get(key) ?? [key, 0, 0, 0, 0, 0];
    sums.set(key, [
      key,
      sum[1] + values[0],
      sum[2] + values[1],
      sum[3] + values[2],
      sum[4] + values[3],
      sum[5] + values[4],
    ]);
  }
  return [...sums.values()].sort((a, b) => b[2] - a[2]).slice(0, most);
}

function worstLag(samples: readonly Sample[]): Sample['lag'] {
  const last = samples.findLast(({ lag }) => lag !== undefined)?.lag;
  if (!last) return undefined;
  const worst = Object.keys(last).map((channel) => {
    const seen = samples.flatMap(({ lag }) => lag?.[channel] ?? []);
    return [channel, seen.length === 0 ? null : Math.max(...seen)] as const;
  });
  return Object.fromEntries(worst);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The coarser tiers' samples that are due: each is made once its time has passed, from the samples of the finer tier. */
export async function rollUpDue(store: Store, target: string, nowMs: number): Promise<void> {
  for (const [at, coarse] of tiers.entries()) {
    const fine = tiers[at - 1];
    if (fine) await fillTier(store, target, { fine, coarse }, nowMs);
  }
}

async function fillTier(
  store: Store,
  target: string,
  { fine, coarse }: { readonly fine: Tier; readonly coarse: Tier },
  nowMs: number,
): Promise<void> {
  const due = Math.floor(nowMs / coarse.stepMs) * coarse.stepMs;
  // A clock that once ran ahead has left entries in the future; they decide nothing.
  const [newest] = await store.read(coarse.kind, target, { untilMs: nowMs, limit: 1, newestFirst: true });
  const fromMs = Math.max(nextBucket(newest, coarse), nowMs - fine.keepMs);
  if (fromMs >= due) return;
  const samples = await store.read(fine.kind, target, { fromMs, untilMs: due });
  const buckets = Map.groupBy(samples, ({ atMs }) => Math.floor(atMs / coarse.stepMs));
  for (const bucket of buckets.values()) {
    const sum = rollUp(
      bucket.map(({ value }) => value),
      coarse.patterns,
    );
    if (sum) await store.append(coarse.kind, target, sum, bucket.at(-1)?.atMs);
  }
}

/** An entry carries the time of the last sample that it stands for. */
function nextBucket(newest: Logged<Sample> | undefined, { stepMs }: Tier): number {
  return newest ? (Math.floor(newest.atMs / stepMs) + 1) * stepMs : 0;
}
