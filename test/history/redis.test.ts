import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabRedis, startRedis } from '../../lab/redis/server.ts';
import { createHistories } from '../../src/history/history.ts';
import { rollUpDue } from '../../src/history/roll-up.ts';
import { type Sample, settingChangeKind, tiers } from '../../src/history/sample.ts';
import { openRedisStore } from '../../src/store/redis-store.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';

const target = 'orders-prod';
const minuteMs = 60_000;

let redis: LabRedis;
beforeAll(async () => {
  redis = await startRedis();
}, 120_000);
afterAll(() => redis?.stop());

describe('history on Redis', () => {
  it('is the same as in a file: tiers, newest sample, beginning, changes', async () => {
    const startMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 5 * 3_600_000;
    const stores = [
      await openRedisStore({ url: redis.url, prefix: 'history' }),
      createSqliteStore({ path: ':memory:' }),
    ];
    try {
      const answers = await Promise.all(
        stores.map(async (store) => {
          for (let minute = 0; minute < 130; minute++) {
            const sample: Sample = { uptime: minute * 60, counters: [minute], gauges: [minute % 7, 1] };
            await store.append(tiers[0].kind, target, sample, startMs + minute * minuteMs);
            await rollUpDue(store, target, startMs + minute * minuteMs);
          }
          await store.append(settingChangeKind, target, { name: 'a', to: '1', afterMs: startMs }, startMs + 1);
          const history = createHistories(store)(target);
          const nowMs = startMs + 130 * minuteMs;
          return {
            fine: await history.samples(startMs, nowMs),
            tens: await history.samples(startMs, nowMs, 600_000),
            hours: await history.samples(startMs, nowMs, 3_600_000),
            newest: await history.newest(nowMs, 5 * minuteMs),
            since: await history.sinceMs(nowMs),
            changes: await history.settingChanges(startMs, nowMs),
          };
        }),
      );
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0]?.fine).toHaveLength(130);
      expect(answers[0]?.tens.filter(({ stepMs }) => stepMs === 600_000)).toHaveLength(12);
      expect(answers[0]?.since).toBe(startMs);
    } finally {
      await Promise.all(stores.map((store) => store.close()));
    }
  });
});
