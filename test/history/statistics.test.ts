import { describe, expect, it } from 'vitest';
import { median, quantile, robustSlope, spread, thin } from '../../src/history/statistics.ts';

const line = (count: number, slope: number, noise: (at: number) => number = () => 0) =>
  Array.from({ length: count }, (_, at) => ({ atMs: at * 1_000, value: 50 + slope * at * 1_000 + noise(at) }));

describe('statistics of a past', () => {
  it('give median, quantile and spread as textbooks do', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(quantile([1, 2, 3, 4, 5], 0.25)).toBe(2);
    expect(spread([1, 1, 2, 2, 4, 6, 9])).toBeCloseTo(1.4826);
    expect(median([])).toBeNaN();
  });

  it('find the slope of a line exactly, with an interval of no width', () => {
    const found = robustSlope(line(50, 0.25));
    for (const value of [found?.slope, found?.low, found?.high]) expect(value).toBeCloseTo(0.25, 9);
  });

  it('are not moved by a quarter of wild points', () => {
    const found = robustSlope(line(100, 2, (at) => (at % 4 === 3 ? 1e9 * Math.sin(at) : 0)));
    expect(found?.slope).toBeGreaterThan(1.5);
    expect(found?.slope).toBeLessThan(2.5);
  });

  it('hold the true slope in the interval for about 95 of 100 noisy lines', () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31 - 0.5;
    };
    const inside = Array.from({ length: 200 }, () => {
      const found = robustSlope(line(40, 1e-3, () => 20 * (random() + random() + random())));
      return found !== undefined && found.low <= 1e-3 && 1e-3 <= found.high;
    }).filter(Boolean).length;
    expect(inside).toBeGreaterThanOrEqual(180);
    expect(inside).toBeLessThan(200);
  });

  it('say nothing of three points, nor of points at one moment', () => {
    expect(robustSlope(line(3, 1))).toBeUndefined();
    expect(robustSlope(Array.from({ length: 9 }, (_, value) => ({ atMs: 5, value })))).toBeUndefined();
  });

  it('thin out evenly and keep both ends', () => {
    expect(thin([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
    expect(thin([1, 2], 3)).toEqual([1, 2]);
  });
});
