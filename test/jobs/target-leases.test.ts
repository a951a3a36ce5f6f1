import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LabRedis, startRedis } from '../../lab/redis/server.ts';
import { createRedisClients } from '../../src/jobs/redis-clients.ts';
import { type ClosableLeases, createTargetLeases, type LeaseSettings } from '../../src/jobs/target-leases.ts';
import { silentLog } from '../../src/log.ts';

let lab: LabRedis;
beforeAll(async () => {
  lab = await startRedis();
}, 120_000);
afterAll(() => lab?.stop());
const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

async function aProcess(settings: Partial<LeaseSettings> = {}): Promise<{ leases: ClosableLeases; redis: Redis }> {
  const redis = await createRedisClients(lab.url, silentLog).open('impatient');
  const leases = createTargetLeases(redis, { prefix: 'test', log: silentLog, lingerMs: 0, ...settings });
  ending.push(async () => {
    await leases.close();
    redis.disconnect();
  });
  return { leases, redis };
}

describe('the lease of a server', () => {
  it('is held by one process at a time, by all of it together', async () => {
    const [one, two] = [await aProcess(), await aProcess()];
    expect(await Promise.all([one.leases.tryHold('a'), one.leases.tryHold('a')])).toEqual([true, true]);
    expect(await two.leases.tryHold('a')).toBe(false);
    expect(await two.leases.tryHold('b')).toBe(true);
    one.leases.release('a');
    expect(await two.leases.tryHold('a')).toBe(false);
    one.leases.release('a');
    await two.leases.hold('a', undefined);
    expect(await one.leases.tryHold('a')).toBe(false);
  });

  it('goes only when the connections are closed', async () => {
    const [one, two] = [await aProcess(), await aProcess()];
    const closed = Promise.withResolvers<void>();
    const closing = Promise.withResolvers<void>();
    one.leases.beforeLettingGo('c', () => {
      closing.resolve();
      return closed.promise;
    });
    await one.leases.hold('c', undefined);
    one.leases.release('c');
    await closing.promise;
    expect(await two.leases.tryHold('c')).toBe(false);
    closed.resolve();
    await two.leases.hold('c', undefined);
  });

  it('of a process that died is free after its time', async () => {
    const [dead, alive] = [await aProcess({ leaseMs: 300 }), await aProcess()];
    await dead.leases.hold('d', undefined);
    dead.redis.disconnect();
    await alive.leases.hold('d', undefined);
  });

  it('is kept as long as its process lives', async () => {
    const [one, two] = [await aProcess({ leaseMs: 200 }), await aProcess({ patienceMs: 700 })];
    await one.leases.hold('e', undefined);
    await expect(two.leases.hold('e', undefined)).rejects.toThrow(/another process of dbcheck was busy on e for 0.7 s/);
  });

  it('that was lost disconnects its process', async () => {
    const one = await aProcess({ leaseMs: 200 });
    const closed = Promise.withResolvers<void>();
    one.leases.beforeLettingGo('f', async () => closed.resolve());
    await one.leases.hold('f', undefined);
    await one.redis.set('test:lease:f', 'another');
    await closed.promise;
    expect(await one.leases.tryHold('f')).toBe(false);
  });

  it('is not waited for by whoever was stopped', async () => {
    const [one, two] = [await aProcess(), await aProcess()];
    await one.leases.hold('g', undefined);
    await expect(two.leases.hold('g', AbortSignal.abort())).rejects.toThrow(/stopped/);
  });

  it('is done without while Redis cannot be used', async () => {
    const one = await aProcess();
    one.redis.disconnect();
    expect(await one.leases.tryHold('h')).toBe(true);
  });
});
