import { describe, expect, it } from 'vitest';
import { forecastFull } from '../../src/judgements/forecast.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = Date.parse('2026-03-20T06:00:00Z');
const gib = 1_024 ** 3;
const limits = { minimumHours: 2, reach: 10 };

/** Used bytes every so often over the last hours, by hours before now. */
function past(hours: number, used: (ago: number) => number, stepHours = 1 / 6) {
  const points = [];
  for (let ago = hours; ago >= 0; ago -= stepHours) points.push({ atMs: nowMs - ago * hourMs, value: used(ago) });
  return points;
}

/** Repeatable, from -0.5 to 0.5. */
const noise = (ago: number) => ((Math.sin(ago * 12.9898) * 43_758.5453) % 1) / 2;

describe('forecasting a full volume', () => {
  it('divides what is left by the pace, and its interval holds the truth', () => {
    const forecast = forecastFull(
      past(240, (ago) => (100 - ago / 24 + noise(ago)) * gib),
      5 * gib,
      nowMs,
      limits,
    );
    expect(forecast?.days).toBeGreaterThan(4.5);
    expect(forecast?.days).toBeLessThan(5.5);
    expect(forecast?.soonestDays).toBeLessThanOrEqual(5);
    expect(forecast?.latestDays).toBeGreaterThanOrEqual(5);
    expect(forecast?.bytesPerDay).toBeCloseTo(gib, -8);
    expect(forecast?.historyHours).toBeCloseTo(240);
  });

  it('warns of a volume that began to fill two hours ago, where there is no older history', () => {
    const forecast = forecastFull(
      past(2, (ago) => (100 - 5 * ago) * gib, 1 / 60),
      30 * gib,
      nowMs,
      limits,
    );
    expect((forecast?.days ?? 0) * 24).toBeCloseTo(6, 1);
  });

  it('warns of a sudden rise within a quiet month', () => {
    const used = (ago: number) => (ago > 3 ? 100 : 100 + 8 * (3 - ago)) * gib;
    const forecast = forecastFull(past(720, used), 40 * gib, nowMs, limits);
    expect((forecast?.days ?? 0) * 24).toBeCloseTo(5, 0);
  });

  it.each<[string, number, (ago: number) => number]>([
    ['what does not grow', 240, (ago) => 100 * gib + noise(ago) * gib],
    ['what shrinks', 240, (ago) => (100 + ago / 10) * gib],
    ['an import that has ended', 240, (ago) => (ago > 72 ? 100 - (ago - 72) / 2 : 100) * gib],
    // A dump to the same disk from midnight on, removed at noon; now it is six in the morning.
    [
      'a nightly rise that went away on other days',
      240,
      (ago) => (100 + 3 * ((((6 - ago) % 24) + 24) % 24 < 12 ? (((6 - ago) % 24) + 24) % 24 : 0)) * gib,
    ],
    ['a saw of binary logs', 240, (ago) => (100 + (((240 - ago) * 1.3) % 10)) * gib],
    ['a history of one hour', 1, (ago) => (100 - 10 * ago) * gib],
    ['more than ten times as far as the history reaches', 2, (ago) => (100 - ago / 10) * gib],
  ])('says nothing of %s', (_, hours, used) => {
    expect(forecastFull(past(hours, used), 30 * gib, nowMs, limits)).toBeUndefined();
  });

  it('says nothing without samples', () => {
    expect(forecastFull([], 5 * gib, nowMs, limits)).toBeUndefined();
    expect(forecastFull([{ atMs: nowMs, value: 5 }], 5 * gib, nowMs, limits)).toBeUndefined();
  });

  it('is not moved by samples that a jumping clock put elsewhere', () => {
    const points = past(240, (ago) => (100 - ago / 24) * gib);
    const moved = points
      .map((point, at) => (at % 9 === 0 ? { ...point, atMs: point.atMs - 2 * dayMs } : point))
      .toSorted((a, b) => a.atMs - b.atMs);
    expect(forecastFull(moved, 5 * gib, nowMs, limits)?.days).toBeGreaterThan(4);
    expect(forecastFull(moved, 5 * gib, nowMs, limits)?.days).toBeLessThan(6);
  });
});
