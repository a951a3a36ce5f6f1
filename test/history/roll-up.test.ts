import { describe, expect, it } from 'vitest';
import { writePast } from '../../lab/history/past.ts';
import { counterNames } from '../../src/history/counter-names.ts';
import { createHistories } from '../../src/history/history.ts';
import { rollUpDue } from '../../src/history/roll-up.ts';
import { type Sample, tiers } from '../../src/history/sample.ts';
import { rates } from '../../src/history/series.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';

const target = 'orders-prod';
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const startMs = Date.parse('2026-03-02T00:00:00Z');
const questions = counterNames.indexOf('Questions');

function sample(minute: number, change: Partial<Sample> = {}): Sample {
  const counters = counterNames.map((_, at) => (at === questions ? minute * 600 : 0));
  return { uptime: minute * 60, counters, gauges: [minute % 10, 1], ...change };
}

function open(nowMs = startMs) {
  const clock = { nowMs };
  const store = createSqliteStore({ path: ':memory:', now: () => clock.nowMs });
  return { clock, store, history: createHistories(store)(target) };
}

/** A minute after the other, as the sampler does it. */
async function live(
  bench: ReturnType<typeof open>,
  minutes: Iterable<number>,
  change: (minute: number) => Partial<Sample>,
) {
  for (const minute of minutes) {
    bench.clock.nowMs = startMs + minute * minuteMs;
    await bench.store.append(tiers[0].kind, target, sample(minute, change(minute)), bench.clock.nowMs);
    await rollUpDue(bench.store, target, bench.clock.nowMs);
  }
}

const range = (from: number, until: number) => Array.from({ length: until - from }, (_, at) => from + at);

describe('rolling up', () => {
  it('makes one sample of ten minutes and one of an hour: last counters, mean and highest gauges, sums of patterns', async () => {
    const bench = open();
    await live(bench, range(0, 125), () => ({
      patterns: [['a', 2, 1_000, 10, 20, 2]],
      patternSource: 'statement digests',
      lag: { '': 3 },
    }));
    const ten = await bench.store.read(tiers[1].kind, target);
    const hour = await bench.store.read(tiers[2].kind, target);
    expect(ten).toHaveLength(12);
    expect(hour.map(({ atMs }) => atMs)).toEqual([startMs + 59 * minuteMs, startMs + 119 * minuteMs]);
    expect(ten[1]?.value).toMatchObject({ uptime: 19 * 60, gauges: [4.5, 1], highest: [9, 1], lag: { '': 3 } });
    expect(ten[1]?.value.counters[questions]).toBe(19 * 600);
    expect(ten[1]?.value.patterns).toEqual([['a', 20, 10_000, 100, 200, 20]]);
    expect(hour[1]?.value.patterns).toEqual([['a', 120, 60_000, 600, 1_200, 120]]);
    expect(hour[1]?.value.highest).toEqual([9, 1]);
  });

  it('catches up after the bot was away, and makes nothing of the time without samples', async () => {
    const bench = open();
    await live(bench, range(0, 15), () => ({}));
    for (const minute of range(15, 42))
      await bench.store.append(tiers[0].kind, target, sample(minute), startMs + minute * minuteMs);
    await live(bench, [200], () => ({}));
    const ten = await bench.store.read(tiers[1].kind, target);
    expect(ten.map(({ atMs }) => (atMs - startMs) / minuteMs)).toEqual([9, 19, 29, 39, 41]);
  });

  it('goes on when the clock was set back, and when it once ran a year ahead', async () => {
    const bench = open();
    await live(bench, range(0, 60), () => ({}));
    await live(bench, [525_600, 525_610, 525_620], () => ({}));
    await live(bench, range(30, 90), () => ({}));
    const ten = await bench.store.read(tiers[1].kind, target, { untilMs: startMs + dayMs });
    expect(new Set(ten.map(({ atMs }) => Math.floor((atMs - startMs) / minuteMs / 10))).size).toBeGreaterThanOrEqual(8);
    const samples = await bench.history.samples(startMs, bench.clock.nowMs + 1);
    expect(samples.every(({ atMs }) => atMs <= bench.clock.nowMs)).toBe(true);
    expect(rates(samples, 'Questions').every(({ value }) => value >= 0 && value <= 11)).toBe(true);
  });

  it('reads a span without holes or doubles where tiers meet', async () => {
    const bench = open(startMs + 40 * dayMs);
    await writePast(bench.store, target, {
      fromMs: startMs,
      untilMs: bench.clock.nowMs,
      at: (ms) => ({ counters: { Questions: (ms - startMs) / 100 } }),
    });
    for (const stepMs of [0, 600_000, hourMs]) {
      const samples = await bench.history.samples(startMs, bench.clock.nowMs, stepMs);
      const times = samples.map(({ atMs }) => atMs);
      expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
      expect(times[0]).toBeLessThanOrEqual(startMs + hourMs);
      expect(times.at(-1)).toBeGreaterThanOrEqual(bench.clock.nowMs - 2 * minuteMs);
      const values = rates(samples, 'Questions').map(({ value }) => value);
      expect(values.length).toBeGreaterThanOrEqual(samples.length - 3);
      for (const value of values) expect(value).toBeCloseTo(10, 5);
    }
  });

  it('makes no rate over a restart of the server, a reset of its counters, a gap, or a jump of our clock', async () => {
    const bench = open();
    const restartAt = 20;
    await live(bench, [...range(0, 40), ...range(70, 80)], (minute) => ({
      uptime: minute < restartAt ? minute * 60 : (minute - restartAt) * 60 + 5 + (minute >= 75 ? 900 : 0),
      counters: counterNames.map((_, at) => (at === questions ? (minute === 30 ? 1 : minute * 600) : 0)),
    }));
    const samples = await bench.history.samples(startMs, bench.clock.nowMs + 1);
    const points = rates(samples, 'Questions');
    const at = points.map(({ atMs }) => (atMs - startMs) / minuteMs);
    for (const minute of [restartAt, 30, 70, 75]) expect(at).not.toContain(minute);
    expect(at).toContain(29);
    // What was reset is counted from there on.
    expect(points.filter(({ atMs }) => atMs !== startMs + 31 * minuteMs).every(({ value }) => value === 10)).toBe(true);
  });
});

describe('ten years of history in one file', () => {
  it('is read by its span, at once, and what is past its time is gone', async () => {
    const nowMs = startMs + 3_650 * dayMs;
    const bench = open(nowMs);
    for (let ms = startMs; ms < nowMs; ms += hourMs)
      await bench.store.append(tiers[2].kind, target, sample((ms - startMs) / minuteMs), ms);
    expect(await bench.history.sinceMs(nowMs)).toBeGreaterThan(nowMs - 367 * dayMs);
    const month = await bench.history.samples(nowMs - 30 * dayMs, nowMs, hourMs);
    expect(month).toHaveLength(30 * 24);
    expect(await bench.store.removeExpired()).toBeGreaterThan(8 * 365 * 24);
    expect(await bench.history.samples(startMs, nowMs, hourMs)).toHaveLength(366 * 24 - 1);
  });
});
