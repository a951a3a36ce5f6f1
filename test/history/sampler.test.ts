import type { Connection } from 'mariadb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { parseConfig } from '../../src/config.ts';
import { counterNames } from '../../src/history/counter-names.ts';
import { createHistories } from '../../src/history/history.ts';
import { patternKind, settingsKind, tiers, troubleKind } from '../../src/history/sample.ts';
import { createSampler, type Sampler, startSampler } from '../../src/history/sampler.ts';
import { rates } from '../../src/history/series.ts';
import { silentLog } from '../../src/log.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { createTargetRegistry, type TargetRegistry } from '../../src/targets/registry.ts';

const name = 'orders-prod';
/** Long ago, so that nothing here depends on the time of the test. */
const startMs = Date.parse('2026-03-02T14:00:30Z');
const minuteMs = 60_000;
const changing =
  /^Com_(insert|update|delete|replace|load|truncate|create|alter|drop|rename|grant|revoke|optimize|repair|analyze|flush|reset|purge|change_master|start_slave|stop_slave|call|kill|lock_tables|xa_|shutdown|install|uninstall)/;

interface Bench {
  readonly sampler: Sampler;
  readonly store: Store;
  readonly registry: TargetRegistry;
  readonly clock: { nowMs: number };
  close(): Promise<void>;
}

function openBench(server: LabServer): Bench {
  const config = parseConfig(JSON.stringify({ targets: [targetEntry(server)] }), 'test.yml', {});
  const registry = createTargetRegistry(config);
  const clock = { nowMs: startMs };
  const now = () => clock.nowMs;
  const store = createSqliteStore({ path: ':memory:', now });
  const sampler = createSampler({ targets: registry, store, log: silentLog, everySeconds: 60, now });
  return {
    sampler,
    store,
    registry,
    clock,
    async close() {
      await sampler.stop();
      await registry.close();
      await store.close();
    },
  };
}

/** What the server itself counts; a reading of it is one statement. */
async function counted(connection: Connection): Promise<Map<string, number>> {
  const rows: { Variable_name: string; Value: string }[] = await connection.query('SHOW GLOBAL STATUS');
  return new Map(rows.map((row) => [row.Variable_name, Number(row.Value)]));
}

describe('the sampler on a real server', () => {
  let server: LabServer;
  let meter: Connection;
  let bench: Bench;
  beforeAll(async () => {
    server = await startServer({ name, args: ['--performance-schema=ON', '--expire-logs-days=3'] });
    meter = await server.connect();
    bench = openBench(server);
  });
  afterAll(async () => {
    await bench?.close();
    await meter?.end();
    await server?.stop();
  });

  it('sends at most ten statements a set, over one connection that it keeps, and writes nothing', async () => {
    const sets = [];
    for (let set = 0; set < 12; set++) {
      const before = await counted(meter);
      expect(await bench.sampler.sample(name)).toBe('sampled');
      const after = await counted(meter);
      const rise = (counter: string) => (after.get(counter) ?? 0) - (before.get(counter) ?? 0);
      const written = [...after.keys()].filter((counter) => changing.test(counter) && rise(counter) > 0);
      sets.push({ statements: rise('Questions') - 1, connections: rise('Connections'), written });
      bench.clock.nowMs += minuteMs;
    }
    expect(sets.map(({ connections }) => connections)).toEqual([1, ...Array.from({ length: 11 }, () => 0)]);
    expect(sets.flatMap(({ written }) => written)).toEqual([]);
    expect(Math.max(...sets.map(({ statements }) => statements))).toBeLessThanOrEqual(10);
    const later = sets.slice(2).reduce((sum, { statements }) => sum + statements, 0) / 10;
    expect(later).toBeLessThanOrEqual(4);
  });

  it('keeps counters, connections, volumes, sizes and the growth of statement patterns, without literals', async () => {
    const application = await server.connect({ ...server.accounts.app, database: 'shop' });
    for (let turn = 0; turn < 7; turn++)
      await application.query(`SELECT id FROM orders WHERE status = 'kept-secret' AND id > ${turn}`);
    await application.end();
    await bench.sampler.sample(name);
    const history = createHistories(bench.store)(name);
    const samples = await history.samples(0, bench.clock.nowMs + 1);
    const last = samples.at(-1);
    const selects = samples.map(({ counters }) => counters[counterNames.indexOf('Com_select')] ?? 0);
    expect((selects.at(-1) ?? 0) - (selects.at(-2) ?? 0)).toBeGreaterThanOrEqual(7);
    expect(last?.gauges[0]).toBeGreaterThanOrEqual(2);
    expect(Object.values(last?.volumes ?? {})[0]?.[1]).toBeGreaterThan(0);
    expect((await history.sizes(0, bench.clock.nowMs + 1)).at(-1)?.value.schemas).toContainEqual([
      'shop',
      expect.any(Number),
      4,
    ]);
    const [key = '', count] = last?.patterns?.find(([, executions]) => executions === 7) ?? [];
    expect(count).toBe(7);
    expect(await history.pattern(key)).toMatchObject({
      fingerprint: expect.stringMatching(/^select `?id`? from `orders` where status = \? and `?id`? > \?\s*$/),
      schema: 'shop',
    });
    const stored = await Promise.all([patternKind, settingsKind].map((kind) => bench.store.list<unknown>(kind)));
    expect(JSON.stringify([samples, stored])).not.toContain('kept-secret');
    expect(JSON.stringify([samples, stored])).not.toContain(server.accounts.dbcheck.password);
  });

  it('keeps that a variable changed, from what to what, and between which two looks', async () => {
    await server.query('SET GLOBAL max_connections = 77');
    await server.query("SET GLOBAL init_connect = 'SET @secret = 42'");
    bench.clock.nowMs += 6 * minuteMs;
    await bench.sampler.sample(name);
    const changes = await createHistories(bench.store)(name).settingChanges(0, bench.clock.nowMs + 1);
    expect(changes.map(({ value }) => value)).toEqual([
      { name: 'init_connect', afterMs: expect.any(Number) },
      { name: 'max_connections', from: '151', to: '77', afterMs: expect.any(Number) },
    ]);
    await server.query("SET GLOBAL init_connect = ''");
  });

  it('gives way to a statement that runs, and samples when the session is free', async () => {
    const session = bench.registry.session(name);
    const question = session.query('SELECT SLEEP(0.5)', { probe: 'test' });
    expect(session.isBusy()).toBe(true);
    expect(await bench.sampler.sample(name)).toBe('busy');
    await question;
    bench.clock.nowMs += minuteMs;
    expect(await bench.sampler.sample(name)).toBe('sampled');
  });

  it('says once that a server is down and once that it is back, and makes no rate over the restart', async () => {
    await server.quiet();
    await server.kill('SIGTERM');
    for (let turn = 0; turn < 2; turn++) {
      bench.clock.nowMs += minuteMs;
      expect(await bench.sampler.sample(name)).toBe('down');
    }
    await server.restart();
    const restartedMs = bench.clock.nowMs;
    for (let turn = 0; turn < 2; turn++) {
      bench.clock.nowMs += minuteMs;
      expect(await bench.sampler.sample(name)).toBe('sampled');
    }
    const trouble = await bench.store.read(troubleKind, name);
    expect(trouble.map(({ value }) => value.since)).toEqual(['down', 'up']);
    expect(trouble[0]?.value.reason).toMatch(/cannot be reached/);
    const samples = await createHistories(bench.store)(name).samples(0, bench.clock.nowMs + 1);
    expect(rates(samples, 'Questions').filter(({ atMs }) => atMs === restartedMs + minuteMs)).toEqual([]);
  });

  it('keeps less than what the README says of a minute', async () => {
    const bytes = (await createHistories(bench.store)(name).samples(0, bench.clock.nowMs + 1)).map(
      (sample) => JSON.stringify(sample).length,
    );
    expect(Math.max(...bytes)).toBeLessThan(1_500);
  });
});

describe('the timetable', () => {
  it('samples every target again and again, notes once that one is down, and ends when it is stopped', async () => {
    const server = await startServer({ name });
    const gone = { ...targetEntry(server), name: 'gone', socket: `${server.socket}.gone` };
    const targets = createTargetRegistry(
      parseConfig(JSON.stringify({ targets: [targetEntry(server), gone] }), 't', {}),
    );
    const store = createSqliteStore({ path: ':memory:' });
    const sampler = startSampler({ targets, store, log: silentLog, everySeconds: 0.2 });
    try {
      const samples = async () => (await store.read(tiers[0].kind, name)).length;
      await expect.poll(samples, { timeout: 20_000 }).toBeGreaterThanOrEqual(5);
      await expect.poll(async () => (await store.read(troubleKind, 'gone')).length, { timeout: 20_000 }).toBe(1);
      await sampler.stop();
      const [stopped, sent] = [await samples(), targets.session(name).cost().statements];
      await targets.session(name).query('SELECT 1', { probe: 'test' });
      expect(await samples()).toBe(stopped);
      expect(targets.session(name).cost().statements).toBe(sent + 1);
    } finally {
      await targets.close();
      await server.stop();
      await store.close();
    }
  });
});

describe('several processes on one store', () => {
  it('let one of them sample a target, and another when the first has gone silent', async () => {
    const clock = { nowMs: startMs };
    const store = { ...createSqliteStore({ path: ':memory:', now: () => clock.nowMs }), isShared: true };
    const server = await startServer({ name });
    const config = parseConfig(JSON.stringify({ targets: [targetEntry(server)] }), 'test.yml', {});
    const registries = [createTargetRegistry(config), createTargetRegistry(config)];
    const [first, second] = registries.map((targets) =>
      createSampler({ targets, store, log: silentLog, everySeconds: 60, now: () => clock.nowMs }),
    );
    try {
      expect(await first?.sample(name)).toBe('sampled');
      expect(await second?.sample(name)).toBe('elsewhere');
      clock.nowMs += 5 * minuteMs;
      expect(await second?.sample(name)).toBe('sampled');
      expect(await first?.sample(name)).toBe('elsewhere');
    } finally {
      await Promise.all(registries.map((registry) => registry.close()));
      await server.stop();
      await store.close();
    }
  });
});
