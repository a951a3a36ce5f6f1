export interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** The middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear between the two nearest values, as in Hyndman & Fan 1996, type 7. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/**
 * Median absolute deviation, scaled by 1.4826 so that it is the standard deviation of normally distributed values
 * (Rousseeuw & Croux 1993). One outlier in four changes it little.
 */
export function spread(values: readonly number[]): number {
  const middle = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - middle)));
}

/** A slope in units a millisecond, and where it lies with 95 % confidence. */
export interface Slope {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

/** Pairs grow with the square of the points; more points than this are thinned out evenly. */
const maxPoints = 240;

/**
 * Theil–Sen: the median of the slopes between all pairs of points, which up to 29 % wild points do not move
 * (Theil 1950, Sen 1968). The interval is Sen's, from the variance of Kendall's S without ties: the slopes of rank
 * (N ∓ 1.96 σ) / 2 with σ² = n (n − 1) (2 n + 5) / 18. Samples in a row are not independent, so the real interval is
 * somewhat wider. Undefined below four points.
 */
export function robustSlope(points: readonly Point[]): Slope | undefined {
  const used = thin(points, maxPoints);
  const slopes: number[] = [];
  for (const [at, first] of used.entries())
    for (const second of used.slice(at + 1))
      if (second.atMs !== first.atMs) slopes.push((second.value - first.value) / (second.atMs - first.atMs));
  const n = used.length;
  if (n < 4 || slopes.length === 0) return undefined;
  slopes.sort((a, b) => a - b);
  const reach = 1.96 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const rank = (place: number) => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(place)))] as number;
  return {
    slope: median(slopes),
    low: rank((slopes.length - reach) / 2 - 1),
    high: rank((slopes.length + reach) / 2),
  };
}

/** Keeps the ends and evenly chosen points between. */
export function thin<T>(points: readonly T[], most: number): T[] {
  if (points.length <= most) return [...points];
  const step = (points.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => points[Math.round(index * step)] as T);
}
