import { describe, expect, it } from 'vitest';
import { type Moment, writePast } from '../../lab/history/past.ts';
import { createHistories } from '../../src/history/history.ts';
import { patternKey, patternKind, type SizesSample, settingChangeKind } from '../../src/history/sample.ts';
import { compareWindows } from '../../src/judgements/compare-windows.ts';
import { judgeGrowth } from '../../src/judgements/growth.ts';
import { judgeSettingChanges } from '../../src/judgements/setting-changes.ts';
import { judgeSizeJumps } from '../../src/judgements/size-jumps.ts';
import { trendOfConnections, trendOfLag } from '../../src/judgements/trends.ts';
import { judgeUsual } from '../../src/judgements/usual.ts';
import { createRunReadings } from '../../src/probes/collector.ts';
import { comparedPatterns, pastHours, pastSamples, pastSizes, settingChanges, trendOf } from '../../src/probes/past.ts';
import type { Probe } from '../../src/probes/probe.ts';
import { chartBlocks, drawable } from '../../src/slack/report/finding-chart.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Target } from '../../src/targets/target.ts';
import { factsWith, thresholds } from '../support/judge.ts';

const target = 'orders-prod';
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** A Monday, 09:30. */
const nowMs = Date.parse('2026-03-30T09:30:00Z');
const evidence = ['e1'];

async function openPast(
  days: number,
  at: (ms: number, stepMs: number) => Moment | undefined,
  sizesAt?: (ms: number) => SizesSample | undefined,
) {
  const store = createSqliteStore({ path: ':memory:', now: () => nowMs });
  if (days > 0)
    await writePast(store, target, {
      fromMs: nowMs - days * dayMs,
      untilMs: nowMs,
      at,
      ...(sizesAt ? { sizesAt } : {}),
    });
  const readings = createRunReadings(
    {
      target: { name: target } as Target,
      facts: factsWith({}),
      windowSeconds: 2,
      signal: undefined,
      query: () => Promise.reject(new Error('history asks no server')),
      wait: async () => {},
      now: () => nowMs,
      ownStatements: () => 0,
      history: createHistories(store)(target),
    },
    () => 'e1',
  );
  async function read<Params, Data>(probe: Probe<Params, Data>, params: Params): Promise<Data> {
    const reading = await readings.read(probe, params);
    if (reading.status === 'blind') throw new Error(reading.blindness.summary);
    return reading.data;
  }
  return { store, read, readings };
}

/** Ten queries a second, 100 on working days from nine to ten. */
function working(ms: number): number {
  const date = new Date(ms);
  const isPeak = date.getUTCHours() === 9 && date.getUTCDay() >= 1 && date.getUTCDay() <= 5;
  return isPeak ? 100 : 10;
}

/** A counter that grows by a rate which changes with the hours; summed up from the beginning. */
function counterOf(rate: (ms: number) => number, fromMs: number) {
  const sums = new Map<number, number>();
  let sum = 0;
  for (let ms = fromMs - dayMs; ms <= nowMs; ms += minuteMs) {
    sums.set(ms, sum);
    sum += rate(ms) * 60;
  }
  return (ms: number) => sums.get(Math.floor(ms / minuteMs) * minuteMs) ?? 0;
}

describe('how much history there is', () => {
  it.each<[string, number, RegExp]>([
    ['none at all', 0, /^growth of orders-prod: no history yet, 2 h are needed$/],
    ['half an hour', 0.5 / 24, /^growth of orders-prod: history since 09:00:00 UTC, 2 h are needed$/],
  ])('is said where there is %s, with what to do', async (_, days, summary) => {
    const { readings } = await openPast(days, () => ({}));
    const reading = await readings.read(pastSizes, { days: 30, hours: 2 });
    expect(reading).toMatchObject({
      status: 'blind',
      blindness: { code: 'coverage.no_history', summary: expect.stringMatching(summary), fix: expect.any(String) },
    });
  });
});

describe('what is usual at this hour', () => {
  const judge = async (rate: (ms: number) => number, days: number, uptime?: (ms: number) => number) => {
    const counter = counterOf(rate, nowMs - days * dayMs);
    const { read } = await openPast(days, (ms) => ({
      counters: { Questions: counter(ms) },
      gauges: { Threads_connected: 20, Threads_running: 2 },
      ...(uptime ? { uptime: uptime(ms) } : {}),
    }));
    return judgeUsual({ target, past: await read(pastHours, { hours: 0.5 }), hours: 0.5, thresholds, evidence });
  };

  it('is silent on a Monday morning that is like other Monday mornings, though ten times a Sunday', async () => {
    expect(await judge(working, 45)).toEqual([]);
  });

  it('names a rate that is unlike the same hours of former weeks, as information', async () => {
    const [finding, ...more] = await judge((ms) => (ms > nowMs - hourMs ? 450 : working(ms)), 45);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      code: 'trend.unusual',
      severity: 'info',
      facts: { measure: 'queries a second', now: 450, usual: 100, comparedWith: 'the same hours of 4 former weeks' },
    });
  });

  it('compares with former days while there are not three weeks, and with the time before while there are not three days', async () => {
    const busy = (ms: number) => (ms > nowMs - 30 * minuteMs ? 450 : 50);
    expect((await judge(busy, 6))[0]?.facts['comparedWith']).toBe('the same hours of 5 former days');
    expect((await judge(busy, 1))[0]).toMatchObject({
      confidence: 'possible',
      facts: { comparedWith: 'the 30 min before' },
    });
  });

  it('is silent where the server was restarted and its counters began anew', async () => {
    const bootMs = nowMs - 20 * minuteMs;
    expect(
      await judge(
        () => 50,
        30,
        (ms) => (ms < bootMs ? (ms - nowMs) / 1_000 + 9e6 : (ms - bootMs) / 1_000),
      ),
    ).toEqual([]);
  });
});

describe('growth', () => {
  const gib = 1_024 ** 3;
  const volume = {
    path: '/data',
    holds: ['data'],
    sizeBytes: 100 * gib,
    freeBytes: 10 * gib,
    usedPercent: 90,
    inodesUsedPercent: 5,
  };
  const view = { target, volumes: [volume], days: 30, nowMs, thresholds, evidence };
  const usedAt = (ms: number) => (90 - (2 * (nowMs - ms)) / dayMs) * gib;

  it('says when the volume is full, with an interval and a chart that has words beside it', async () => {
    const { read } = await openPast(20, (ms) => ({ volumes: { '/data': [usedAt(ms), 100 * gib] } }));
    const [finding] = judgeGrowth({ ...view, past: await read(pastSizes, { days: 30, hours: 2 }) });
    expect(finding).toMatchObject({
      code: 'capacity.disk_full_forecast',
      severity: 'warning',
      subject: '/data',
      title: 'Full in 5 days at this pace',
      facts: { daysUntilFull: 5, growthPerDayBytes: 2 * gib, confidencePercent: 95 },
    });
    const chart = finding?.chart && chartBlocks(finding.chart);
    expect(chart?.chart.block).toMatchObject({ type: 'data_visualization' });
    expect(JSON.stringify(chart?.twin)).toContain('(forecast)');
  });

  it('tells what grows, and by how much a day', async () => {
    const { read } = await openPast(
      10,
      () => ({}),
      (ms) => {
        const days = (ms - nowMs) / dayMs + 10;
        const bytes = Math.round((20 + days) * gib);
        return {
          totalBytes: bytes + 5 * gib,
          tables: 2,
          schemas: [['shop', bytes + 5 * gib, 2]],
          largest: [
            ['shop.events', bytes, 1],
            ['shop.orders', 5 * gib, 1],
          ],
        };
      },
    );
    const [finding] = judgeGrowth({ ...view, past: await read(pastSizes, { days: 30, hours: 2 }) });
    expect(finding).toMatchObject({
      code: 'capacity.growth',
      severity: 'info',
      title: 'Grows by 1 GiB a day',
      facts: { fastestTable: 'shop.events' },
    });
    expect(finding?.table?.rows.map(([table]) => table)).toEqual(['shop.events']);
  });

  it('names a table that jumped within the hours asked for, and no daily growth', async () => {
    const { read } = await openPast(
      3,
      () => ({}),
      (ms) => {
        const imported = ms > nowMs - 2 * hourMs ? 2 * gib : gib;
        return {
          totalBytes: 40 * gib,
          tables: 3,
          schemas: [],
          largest: [
            ['shop.imports', imported, 1],
            ['shop.events', 20 * gib + (ms - nowMs) * 5, 1],
            ['shop.orders', 5 * gib, 1],
          ],
        };
      },
    );
    const judge = async (hours: number) =>
      judgeSizeJumps({ sizes: (await read(pastHours, { hours })).sizes, thresholds, evidence });
    expect(await judge(3)).toMatchObject([
      {
        code: 'trend.size_jump',
        severity: 'info',
        subject: 'shop.imports',
        summary: 'shop.imports had 1 GiB and has 2 GiB now, 100 % more.',
      },
    ]);
    expect(await judge(0.25)).toEqual([]);
  });

  it('is silent about a volume that was just made larger', async () => {
    const { read } = await openPast(20, (ms) => ({ volumes: { '/data': [usedAt(ms), 92 * gib] } }));
    expect(judgeGrowth({ ...view, past: await read(pastSizes, { days: 30, hours: 2 }) })).toEqual([]);
  });
});

describe('statements against the time before', () => {
  const slowId = 'AAAAAAAAAAAA0000';
  const newId = 'BBBBBBBBBBBB0000';
  const rareId = 'CCCCCCCCCCCC0000';

  async function compare(at: (ms: number) => Moment, hours: number, days = 4) {
    const bench = await openPast(days, at);
    for (const [id, firstSeenMs] of [
      [slowId, nowMs - 300 * dayMs],
      [newId, nowMs - 20 * minuteMs],
      [rareId, nowMs - 300 * dayMs],
    ] as const)
      await bench.store.put(patternKind, `${target}/${patternKey(id)}`, {
        id,
        fingerprint: `select ${id.slice(0, 1)} from orders where status = ?`,
        schema: 'shop',
        firstSeenMs,
      });
    const { now, before } = await bench.read(comparedPatterns, { hours });
    const base = { target, studied: [], keys: [], thresholds, evidence, fromMs: nowMs - hours * hourMs };
    return compareWindows({ ...base, slow: now }, before, now.patterns);
  }

  it('names what became slower and what is new, and neither a quick statement nor a monthly job', async () => {
    const found = await compare((ms) => {
      const late = ms > nowMs - hourMs;
      return {
        patterns: [
          [patternKey(slowId), 60, late ? 24e6 : 3e6, 0, 6_000, 60],
          ...(ms > nowMs - 20 * minuteMs ? [[patternKey(newId), 30, 12e6, 0, 60, 60] as const] : []).map(
            ([key, ...rest]) => [key, ...rest] as [string, number, number, number, number, number],
          ),
          ...(late
            ? [[patternKey(rareId), 10, 1e6, 0, 10, 10] as [string, number, number, number, number, number]]
            : []),
        ],
      };
    }, 1);
    expect(found.map(({ code, subject, severity }) => [code, subject, severity])).toEqual([
      ['query.regression', slowId, 'warning'],
      ['query.new_pattern', newId, 'warning'],
    ]);
    expect(found[0]?.facts).toMatchObject({
      factor: 8,
      meanSeconds: 0.4,
      meanSecondsBefore: 0.05,
      table: 'shop.orders',
    });
  });

  it('is silent where the same work was done as yesterday, more of it or a quick one a little slower', async () => {
    const found = await compare((ms) => {
      const late = ms > nowMs - dayMs;
      return { patterns: [[patternKey(slowId), late ? 600 : 60, late ? 1e6 : 4e4, 0, 60, 60]] };
    }, 24);
    expect(found).toEqual([]);
  });

  it('says how much there is where half of a window is not known', async () => {
    await expect(compare(() => ({ patterns: [] }), 24, 1)).rejects.toThrow(/history since .*, 1 d 12 h are needed/);
    const unknown = (ms: number): Moment => (ms > nowMs - 70 * minuteMs ? { patterns: [] } : {});
    await expect(compare(unknown, 1)).rejects.toThrow(/stand for 10 min/);
  });
});

describe('changes and courses', () => {
  it('names a variable that was changed, with both moments', async () => {
    const { store, read } = await openPast(1, () => ({}));
    const change = { name: 'max_connections', from: '151', to: '20', afterMs: nowMs - 70 * minuteMs };
    await store.append(settingChangeKind, target, change, nowMs - 65 * minuteMs);
    expect(judgeSettingChanges({ changes: await read(settingChanges, { hours: 1 }), nowMs, evidence })).toEqual([]);
    expect(judgeSettingChanges({ changes: await read(settingChanges, { hours: 2 }), nowMs, evidence })).toMatchObject([
      {
        code: 'config.changed',
        severity: 'info',
        subject: 'max_connections',
        title: 'Changed from 151 to 20',
        summary: 'max_connections was changed from 151 to 20 between 08:20:00 UTC and 08:25:00 UTC.',
      },
    ]);
  });

  it('draws connections and lag of the last day, peaks kept, with as many points as Slack takes', async () => {
    const peakMs = nowMs - 7 * hourMs;
    const { read } = await openPast(3, (ms) => ({
      gauges: { Threads_connected: Math.abs(ms - peakMs) < 5 * minuteMs ? 190 : 40, Threads_running: 3 },
      lag: { '': Math.abs(ms - peakMs) < 5 * minuteMs ? 77 : 0 },
    }));
    const samples = await read(pastSamples, trendOf('connections'));
    const view = { target, samples, nowMs, evidence };
    const [open] = trendOfConnections(view);
    const [lag] = trendOfLag(view, '', target);
    expect(open).toMatchObject({ severity: 'info', facts: { medianConnections: 40, highestConnections: 190 } });
    expect(lag).toMatchObject({ severity: 'info', facts: { highestLagSeconds: 77 } });
    for (const [finding, top] of [
      [open, 190],
      [lag, 77],
    ] as const) {
      const chart = finding?.chart && drawable(finding.chart);
      expect(chart?.points.length).toBeLessThanOrEqual(20);
      expect(Math.max(...(chart?.points ?? []).map(({ values }) => values[0] ?? 0))).toBe(top);
    }
    expect(trendOfLag({ ...view, samples: samples.map((one) => ({ ...one, lag: { '': 0 } })) }, '', target)).toEqual(
      [],
    );
  });
});
