import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type LabRedis, startRedis } from '../../lab/redis/server.ts';
import { silentLog } from '../../src/log.ts';
import { openRedisStore } from '../../src/store/redis-store.ts';
import { createResilientStore } from '../../src/store/resilient-store.ts';
import type { Kind, Store } from '../../src/store/store.ts';
import { describeStoreContract } from '../support/store-contract.ts';

let redis: LabRedis;
const ending: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  redis = await startRedis({ password: 'secret-of-redis' });
}, 120_000);
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});
afterAll(() => redis?.stop());

let number = 0;
const nextPrefix = () => `test-${process.pid}-${++number}`;

async function open(prefix: string, url = redis.url): Promise<Store> {
  const store = await openRedisStore({ url, prefix });
  ending.push(() => store.close());
  return store;
}

describeStoreContract('Redis', async () => {
  const prefix = nextPrefix();
  return { store: await open(prefix), moveClock: undefined, openAnother: () => open(prefix) };
});

const note: Kind<{ text: string }> = { name: 'note', schema: z.object({ text: z.string() }), keepDays: 1 };
const brief: Kind<{ text: string }> = {
  name: 'brief',
  schema: z.object({ text: z.string() }),
  keepDays: 0.2 / 86_400,
};

/** A way to a Redis on which it says that it is a version 6; resolves with its port. */
async function startOlder(url: string): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(new URL(url).port), '127.0.0.1');
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}));
    near.pipe(far);
    far.on('data', (data) =>
      near.write(data.toString('latin1').replace(/redis_version:\d/, 'redis_version:6'), 'latin1'),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ending.push(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

describe('a store on Redis', () => {
  it('lets records expire by themselves, and tidies its indexes', async () => {
    const store = await open(nextPrefix());
    await store.put(brief, 'a', { text: 'soon gone' });
    await store.put(note, 'b', { text: 'stays' });
    await expect.poll(() => store.get(brief, 'a')).toBeUndefined();
    expect(await store.removeExpired()).toBe(1);
    expect(await store.list(note)).toHaveLength(1);
  });

  it('is refused with what to do: a wrong password, nobody there, eviction on, a newer form', async () => {
    const wrong = redis.url.replace('secret-of-redis', 'guess');
    await expect(openRedisStore({ url: wrong })).rejects.toThrow(/wrong or missing user or password in REDIS_URL/);
    await expect(openRedisStore({ url: 'redis://:hush@127.0.0.1:1' })).rejects.toThrow(
      /^Redis, 127\.0\.0\.1:1 cannot be used: ECONNREFUSED$/,
    );
    const evicting = await startRedis({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    ending.push(() => evicting.stop());
    await expect(openRedisStore({ url: evicting.url })).rejects.toThrow(/set maxmemory-policy noeviction/);
    const prefix = nextPrefix();
    const client = new Redis(redis.url);
    await client.set(`${prefix}:form`, '9');
    client.disconnect();
    await expect(openRedisStore({ url: redis.url, prefix })).rejects.toThrow(/newer dbcheck \(form 9/);
  });

  it('is refused with what is needed where Redis is too old, or the address is of something else', async () => {
    const port = await startOlder(redis.url);
    const older = redis.url.replace(/:\d+(?=$|\/)/, `:${port}`);
    await expect(openRedisStore({ url: older })).rejects.toThrow(/ is version 6\S*; dbcheck needs Redis 7 or Valkey$/);
    for (const url of ['nonsense', 'http://127.0.0.1:6379', '127.0.0.1:6379'])
      await expect(openRedisStore({ url })).rejects.toThrow(/^REDIS_URL: expected an address such as redis:/);
  });

  it('that goes away and comes back is bridged by memory, and catches up', async () => {
    const own = await startRedis();
    ending.push(() => own.stop());
    const engine = await openRedisStore({ url: own.url });
    const store = createResilientStore(engine, silentLog);
    ending.push(() => store.close());
    await store.put(note, 'before', { text: 'before' });
    await own.kill();
    await store.put(note, 'during', { text: 'during' });
    expect(store.trouble).toMatch(/^Redis, 127\.0\.0\.1:\d+ does not answer/);
    expect(await store.get(note, 'during')).toEqual({ text: 'during' });
    await own.restart();
    await expect.poll(() => store.trouble, { timeout: 10_000 }).toBeUndefined();
    expect(await engine.get(note, 'before')).toEqual({ text: 'before' });
    expect(await engine.get(note, 'during')).toEqual({ text: 'during' });
  });

  it('that hangs is not waited for longer than a moment', async () => {
    const own = await startRedis();
    ending.push(() => own.stop());
    const store = createResilientStore(await openRedisStore({ url: own.url }), silentLog);
    ending.push(() => store.close());
    own.suspend();
    await store.put(note, 'a', { text: 'meanwhile' });
    expect(store.trouble).toMatch(/no answer in time/);
    own.resume();
    await expect.poll(() => store.trouble, { timeout: 10_000 }).toBeUndefined();
  });
});
