import { describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { parseConfig } from '../../src/config.ts';
import { createHistories, type TargetHistory } from '../../src/history/history.ts';
import { createSampler } from '../../src/history/sampler.ts';
import { silentLog } from '../../src/log.ts';
import { type Counters, counters, deltaOf } from '../../src/probes/counters.ts';
import { isBlind, type ProbeSource } from '../../src/probes/probe.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';
import { openSource } from '../support/source.ts';

const name = 'orders-prod';

async function sampledServer(): Promise<{ server: LabServer; history: TargetHistory; close: () => Promise<void> }> {
  const server = await startServer({ name });
  const config = parseConfig(JSON.stringify({ targets: [targetEntry(server)] }), 'test.yml', {});
  const targets = createTargetRegistry(config);
  const store = createSqliteStore({ path: ':memory:' });
  const sampler = createSampler({ targets, store, log: silentLog, everySeconds: 60 });
  await sampler.sample(name);
  const close = async () => {
    await targets.close();
    await server.stop();
    await store.close();
  };
  return { server, history: createHistories(store)(name), close };
}

async function read(source: ProbeSource): Promise<Counters> {
  const collected = await counters.collect(source, undefined);
  if (isBlind(collected)) throw new Error(collected.summary);
  return collected.data;
}

describe('a window that begins with a sample of history', () => {
  it('is not waited for, is as long as it says, and is not taken where the person measures anew', async () => {
    const { server, history, close } = await sampledServer();
    const { source, close: closeSource } = await openSource(server, { windowSeconds: 0.5 });
    try {
      await server.query('SELECT COUNT(*) FROM shop.orders');
      const waits: number[] = [];
      const wait = async (seconds: number): Promise<void> => void waits.push(seconds);
      await expect.poll(async () => (await history.newest(Date.now() - 500, 60_000)) !== undefined).toBe(true);
      const data = await read({ ...source, history, wait });
      expect(waits).toEqual([]);
      expect(data.windowSeconds).toBeGreaterThanOrEqual(0.5);
      expect(deltaOf(data, 'Com_select')).toBeGreaterThanOrEqual(1);
      expect(data.last['Threads_connected']).toBeGreaterThanOrEqual(1);

      await read({ ...source, history, wait, measuresAnew: true });
      expect(waits).toContain(0.5);
    } finally {
      await closeSource();
      await close();
    }
  });

  it('is waited for where the sample is too young, too old, or of another life of the server', async () => {
    const { server, history, close } = await sampledServer();
    const { source, close: closeSource } = await openSource(server, { windowSeconds: 2 });
    try {
      const sample = await history.newest(Date.now(), 60_000);
      if (!sample) throw new Error('no sample');
      const given = (change: Partial<typeof sample>): TargetHistory => ({
        ...history,
        newest: async (nowMs, maxAgeMs) =>
          nowMs - maxAgeMs <= (change.atMs ?? sample.atMs) ? { ...sample, ...change } : undefined,
      });
      const nowMs = Date.now();
      const [first] = [sample.uptime];
      for (const change of [
        { atMs: nowMs },
        { atMs: nowMs - 300_000, uptime: first - 300 },
        { atMs: nowMs - 30_000, uptime: first + 4_000 },
      ]) {
        const waits: number[] = [];
        const wait = async (seconds: number): Promise<void> => void waits.push(seconds);
        await read({ ...source, history: given(change), wait, now: () => nowMs });
        expect(waits).toContain(2);
      }
      const waits: number[] = [];
      const fitting = given({ atMs: nowMs - 30_000, uptime: first - 30 });
      const wait = async (seconds: number): Promise<void> => void waits.push(seconds);
      expect((await read({ ...source, history: fitting, wait, now: () => nowMs })).windowSeconds).toBe(30);
      expect(waits).toEqual([]);
    } finally {
      await closeSource();
      await close();
    }
  });
});
