import { type CounterName, counterNames, type GaugeName, gaugeNames } from './counter-names.ts';
import type { PastSample } from './history.ts';
import type { Point } from './statistics.ts';

/** Two samples further apart than this many steps have a gap between them, and say nothing of the time in it. */
const gapSteps = 3;

/**
 * The rate of a counter per second between each two samples that follow each other; a point is at the later one.
 * None over a gap, a restart of the server, or a counter that was reset.
 */
export function rates(samples: readonly PastSample[], name: CounterName): Point[] {
  const at = counterNames.indexOf(name);
  return pairs(samples).flatMap(([before, after, seconds]) => {
    const [first, last] = [before.counters[at], after.counters[at]];
    if (first == null || last == null || last < first) return [];
    return [{ atMs: after.atMs, value: (last - first) / seconds }];
  });
}

/** How much a counter grew over all samples, as far as it can be known, and over how many seconds. */
export function growth(samples: readonly PastSample[], name: CounterName): { count: number; seconds: number } {
  const at = counterNames.indexOf(name);
  const sum = { count: 0, seconds: 0 };
  for (const [before, after, seconds] of pairs(samples)) {
    const [first, last] = [before.counters[at], after.counters[at]];
    if (first == null || last == null || last < first) continue;
    sum.count += last - first;
    sum.seconds += seconds;
  }
  return sum;
}

/** Means of a gauge; the highest values where `highest` is asked for. */
export function gauges(samples: readonly PastSample[], name: GaugeName, highest = false): Point[] {
  const at = gaugeNames.indexOf(name);
  return samples.flatMap((sample) => {
    const value = (highest ? sample.highest?.[at] : undefined) ?? sample.gauges[at];
    return value === undefined ? [] : [{ atMs: sample.atMs, value }];
  });
}

/** Seconds behind of one channel; no point where replication stood. */
export function lags(samples: readonly PastSample[], channel: string): Point[] {
  return samples.flatMap(({ atMs, lag }) => {
    const value = lag?.[channel];
    return value == null ? [] : [{ atMs, value }];
  });
}

/** How far our clock and the server's uptime may disagree about the time between two samples. */
const toleranceSeconds = 5;

/**
 * The seconds between two samples, undefined where nothing may be compared: over a gap, after a restart of the server,
 * or where our clock jumped. Our clock and the server's uptime must agree; a restart or a jump sets them apart.
 */
export function secondsBetween(
  before: Pick<PastSample, 'atMs' | 'uptime'>,
  after: Pick<PastSample, 'atMs' | 'uptime'>,
): number | undefined {
  const seconds = (after.atMs - before.atMs) / 1_000;
  const uptime = after.uptime - before.uptime;
  const agree = Math.abs(seconds - uptime) <= toleranceSeconds + seconds / 100;
  return seconds > 0 && uptime >= 0 && agree ? seconds : undefined;
}

function pairs(samples: readonly PastSample[]): [PastSample, PastSample, number][] {
  return samples.slice(1).flatMap((after, at): [PastSample, PastSample, number][] => {
    const before = samples[at] as PastSample;
    const seconds = secondsBetween(before, after);
    const widest = gapSteps * Math.max(before.stepMs, after.stepMs);
    return seconds === undefined || seconds * 1_000 > widest ? [] : [[before, after, seconds]];
  });
}
