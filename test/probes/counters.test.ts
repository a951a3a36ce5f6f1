import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { type Counters, counters, deltaOf, gauge, perSecond, restarted } from '../../src/probes/counters.ts';
import type { ProbeSource } from '../../src/probes/probe.ts';
import { openSource } from '../support/source.ts';

function sampled(first: Record<string, number>, last: Record<string, number>, windowSeconds = 2): Counters {
  return { windowSeconds, uptimeSeconds: last['Uptime'] ?? 0, first, last, ownStatements: 0 };
}

describe('rates from two looks', () => {
  it('divides the growth by the window', () => {
    const data = sampled({ Uptime: 10, Questions: 100 }, { Uptime: 12, Questions: 500 });
    expect([deltaOf(data, 'Questions'), perSecond(data, 'Questions')]).toEqual([400, 200]);
  });

  it('says nothing of a counter that was reset', () => {
    const data = sampled({ Uptime: 10, Questions: 100 }, { Uptime: 12, Questions: 3 });
    expect(deltaOf(data, 'Questions')).toBeUndefined();
  });

  it('says nothing of any counter when the server restarted in between', () => {
    const data = sampled({ Uptime: 10, Questions: 100 }, { Uptime: 1, Questions: 300 });
    expect([restarted(data), perSecond(data, 'Questions')]).toEqual([true, undefined]);
  });

  it('says nothing after one look, nor of a name that this server does not have', () => {
    expect(
      perSecond(sampled({ Uptime: 1, Questions: 1 }, { Uptime: 1, Questions: 1 }, 0), 'Questions'),
    ).toBeUndefined();
    expect(gauge(sampled({ Uptime: 1 }, { Uptime: 3 }), 'Innodb_no_such')).toBeUndefined();
  });
});

describe('counters probe on a server', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());

  async function sample(windowSeconds: number, during: (source: ProbeSource) => Promise<void>) {
    const opened = await openSource(server, { windowSeconds });
    // The first, shorter wait lets other probes pass.
    const wait = async (seconds: number) => {
      if (seconds === windowSeconds) await during(opened.source);
    };
    const source: ProbeSource = { ...opened.source, wait };
    const collected = await counters.collect(source, undefined);
    await opened.close();
    if (!('data' in collected)) throw new Error('the probe was blind');
    return collected;
  }

  it('counts what happened between the looks and how much of it was ours', async () => {
    const { data, rows } = await sample(1, async (source) => {
      await server.query('DELETE FROM shop.order_items WHERE order_id = 1');
      await source.query('SELECT 1');
    });
    expect(deltaOf(data, 'Com_delete')).toBe(1);
    expect(data.ownStatements).toBe(3);
    expect(rows).toContainEqual(expect.objectContaining({ name: 'Com_delete', first: 0, last: 1, delta: 1 }));
    expect(data.windowSeconds).toBeGreaterThan(0);
  });

  it('looks once when there is no window', async () => {
    const { data } = await sample(0, () => Promise.reject(new Error('there is nothing to wait for')));
    expect(data).toMatchObject({ windowSeconds: 0, ownStatements: 0 });
    expect(gauge(data, 'Threads_connected')).toBeGreaterThan(0);
  });

  it('notices a restart in the window', async () => {
    // Older before than it can be after, however slowly the machine starts it again.
    const uptime = async () => Number((await server.query("SHOW GLOBAL STATUS LIKE 'Uptime'"))[0]?.['Value']);
    await expect.poll(uptime, { timeout: 15_000 }).toBeGreaterThanOrEqual(5);
    const { data } = await sample(1, () => server.restart());
    expect(restarted(data)).toBe(true);
  });
});
