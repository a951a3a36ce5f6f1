import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabRedis, startRedis } from '../../lab/redis/server.ts';
import { silentLog } from '../../src/log.ts';
import { createThreadOrder, threadLineKind } from '../../src/slack/turns/thread-order.ts';
import { startPresence } from '../../src/store/presence.ts';
import { openRedisStore } from '../../src/store/redis-store.ts';

let redis: LabRedis;
beforeAll(async () => {
  redis = await startRedis();
}, 120_000);
afterAll(() => redis?.stop());

async function aProcess() {
  const store = await openRedisStore({ url: redis.url });
  const presence = await startPresence(store, silentLog);
  return { store, presence, order: createThreadOrder(store, presence) };
}

describe('the questions of one thread that several processes took', () => {
  it('are worked on one after the other, in the order in which they were taken', async () => {
    const [one, two] = [await aProcess(), await aProcess()];
    const began: string[] = [];
    let running = 0;
    let most = 0;
    const ask = (process: typeof one, id: string, takenAtMs: number) =>
      process.order.inTurn('T:C:1', { id, takenAtMs }, async () => {
        began.push(id);
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
      });
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const first = one.order.inTurn('T:C:1', { id: 'a', takenAtMs: 1 }, () => {
      begun.resolve();
      return held.promise;
    });
    await begun.promise;
    const rest = [ask(two, 'c', 3), ask(one, 'd', 4), ask(two, 'b', 2)];
    const line = async () => (await two.store.get(threadLineKind, 'T:C:1'))?.line.map(({ id }) => id);
    await expect.poll(line).toEqual(['a', 'b', 'c', 'd']);
    expect(began).toEqual([]);
    held.resolve();
    await Promise.all([first, ...rest]);
    expect(began).toEqual(['b', 'c', 'd']);
    expect(most).toBe(1);
    expect(await line()).toEqual([]);
    for (const { store, presence } of [one, two]) {
      await presence.stop();
      await store.close();
    }
  });

  it('wait for one that is worked on, also where they were taken before it', async () => {
    const [one, two] = [await aProcess(), await aProcess()];
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const late = one.order.inTurn('T:C:5', { id: 'late', takenAtMs: 9 }, () => {
      begun.resolve();
      return held.promise;
    });
    await begun.promise;
    let isEarlyThrough = false;
    const early = two.order.inTurn('T:C:5', { id: 'early', takenAtMs: 1 }, async () => {
      isEarlyThrough = true;
    });
    const line = async () => (await two.store.get(threadLineKind, 'T:C:5'))?.line.map(({ id }) => id);
    await expect.poll(line).toEqual(['late', 'early']);
    // A third that joins and goes shows that the line was looked at again meanwhile.
    const third = two.order.inTurn('T:C:5', { id: 'third', takenAtMs: 10 }, async () => {});
    await expect.poll(line).toEqual(['late', 'early', 'third']);
    expect(isEarlyThrough).toBe(false);
    held.resolve();
    await Promise.all([late, early, third]);
    expect(isEarlyThrough).toBe(true);
    for (const { store, presence } of [one, two]) {
      await presence.stop();
      await store.close();
    }
  });

  it('do not wait for one whose process is dead', async () => {
    const [dead, alive] = [await aProcess(), await aProcess()];
    void dead.order.inTurn('T:C:2', { id: 'a', takenAtMs: 1 }, () => new Promise(() => {}));
    await dead.presence.stop();
    let done = false;
    await alive.order.inTurn('T:C:2', { id: 'b', takenAtMs: 2 }, async () => {
      done = true;
    });
    expect(done).toBe(true);
    await alive.presence.stop();
    await alive.store.close();
    await dead.store.close();
  });

  it('of different threads do not wait for each other', async () => {
    const only = await aProcess();
    const held = Promise.withResolvers<void>();
    const long = only.order.inTurn('T:C:3', { id: 'a', takenAtMs: 1 }, () => held.promise);
    await only.order.inTurn('T:C:4', { id: 'b', takenAtMs: 2 }, async () => {});
    held.resolve();
    await long;
    await only.presence.stop();
    await only.store.close();
  });
});
