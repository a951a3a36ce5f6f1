import { type Point, robustSlope, type Slope } from '../history/statistics.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** When a volume is full if it fills on as it did, with 95 % confidence between `soonest` and `latest`. */
export interface Forecast {
  readonly days: number;
  readonly soonestDays: number;
  readonly latestDays: number;
  readonly bytesPerDay: number;
  /** How long the past is that the forecast rests on. */
  readonly historyHours: number;
}

export interface ForecastLimits {
  /** Less history than this forecasts nothing. */
  readonly minimumHours: number;
  /** A forecast reaches at most this many times as far as its history. */
  readonly reach: number;
}

/** The last hours are also looked at by themselves: a volume that began to fill at noon is no trend of a month. */
const lately = { hours: 3, afterHours: 12 } as const;

/**
 * The earliest of what the whole past and the last hours say; undefined where it is not growing for sure, where it has
 * stopped growing, or where the history is too short to say so much.
 */
export function forecastFull(
  used: readonly Point[],
  freeBytes: number,
  nowMs: number,
  limits: ForecastLimits,
): Forecast | undefined {
  const [first] = used;
  if (!first) return undefined;
  const whole = extrapolate(used, freeBytes, limits);
  const goesOn = whole && stillGrows(used) ? whole : undefined;
  if (nowMs - first.atMs < lately.afterHours * hourMs) return goesOn;
  const fromMs = nowMs - lately.hours * hourMs;
  const recent = used.filter(({ atMs }) => atMs >= fromMs);
  const sudden = hasRisenSoBefore(used, fromMs, nowMs) ? undefined : extrapolate(recent, freeBytes, limits);
  return [goesOn, sudden].filter((one) => one !== undefined).toSorted((a, b) => a.days - b.days)[0];
}

function extrapolate(used: readonly Point[], freeBytes: number, limits: ForecastLimits): Forecast | undefined {
  const [first, last] = [used[0], used.at(-1)];
  const slope = robustSlope(used);
  if (!first || !last || !slope || slope.low <= 0) return undefined;
  const spanMs = last.atMs - first.atMs;
  // Samples of a whole number of hours end a minute before the hour is full.
  if (spanMs < limits.minimumHours * hourMs * 0.95 || freeBytes / slope.slope > spanMs * limits.reach) return undefined;
  const days = (bytesPerMs: number) => freeBytes / bytesPerMs / dayMs;
  return {
    days: days(slope.slope),
    soonestDays: days(slope.high),
    latestDays: days(slope.low),
    bytesPerDay: slope.slope * dayMs,
    historyHours: spanMs / hourMs,
  };
}

/** An import of last week that has ended is no growth: the last quarter must have a fifth of the whole's pace. */
function stillGrows(used: readonly Point[]): boolean {
  const whole = robustSlope(used);
  const late = robustSlope(used.slice(Math.floor(used.length * 0.75)));
  return whole !== undefined && (late === undefined || late.slope >= whole.slope / 5);
}

/** A nightly job fills and empties: a rise that has come before, and went, is none. */
function hasRisenSoBefore(used: readonly Point[], fromMs: number, nowMs: number): boolean {
  const begin = used.find(({ atMs }) => atMs >= fromMs);
  const end = used.at(-1);
  if (!begin || !end) return false;
  const rise = end.value - begin.value;
  const earlier = used.filter(({ atMs }) => atMs < fromMs);
  const span = nowMs - fromMs;
  for (const [at, low] of earlier.entries()) {
    for (let later = at + 1; later < earlier.length; later++) {
      const high = earlier[later] as Point;
      if (high.atMs - low.atMs > span) break;
      if (high.value - low.value >= 0.8 * rise) return true;
    }
  }
  return false;
}

export type Growth = { readonly [Name in keyof Slope as `${Name}PerDay`]: number };

/** Growth a day with its interval; undefined where there are too few points. */
export function growthPerDay(points: readonly Point[]): Growth | undefined {
  const slope = robustSlope(points);
  return slope && { slopePerDay: slope.slope * dayMs, lowPerDay: slope.low * dayMs, highPerDay: slope.high * dayMs };
}
