import { readFileSync } from 'node:fs';
import type { Connection } from 'mariadb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { parseConfig } from '../../src/config.ts';
import type { DbcheckError } from '../../src/errors.ts';
import type { TargetSession } from '../../src/targets/connection.ts';
import { createTargetRegistry, type TargetRegistry } from '../../src/targets/registry.ts';

let server: LabServer;
let registry: TargetRegistry;

function registryFor(overrides: Parameters<typeof targetEntry>[1] = {}): TargetRegistry {
  const entry = targetEntry(server, { name: 'patient', ...overrides });
  return createTargetRegistry(
    parseConfig(JSON.stringify({ targets: [entry], run: { statementSeconds: 1 } }), 'test.yml', {}),
  );
}

async function failureOf(work: Promise<unknown>): Promise<DbcheckError> {
  return work.then(
    () => Promise.reject(new Error('it succeeded')),
    (error) => error as DbcheckError,
  );
}

beforeAll(async () => {
  server = await startServer({ port: true });
  registry = registryFor();
});
afterAll(async () => {
  await registry?.close();
  await server?.stop();
});

describe('a session to a server', () => {
  const probe = 'test';

  it('gives numbers for BIGINT and DECIMAL, so that rows are JSON', async () => {
    const sql = 'SELECT COUNT(*) AS orders, SUM(1.5) AS total FROM shop.customers';
    const { rows } = await registry.session('patient').query(sql, { probe });
    expect(rows).toEqual([{ orders: 1000, total: 1500 }]);
  });

  it('is read-only: a write is refused by the session even where the account could', async () => {
    const own = createTargetRegistry(
      parseConfig(
        JSON.stringify({ targets: [{ ...targetEntry(server), name: 'patient', ...server.accounts.root }] }),
        't',
        {},
      ),
    );
    const error = await failureOf(own.session('patient').query('DELETE FROM shop.orders', { probe }));
    await own.close();
    expect(error).toMatchObject({ code: 'probe_failed', errno: 1792 });
  });

  it('tags its statements and stays out of the slow log', async () => {
    const { rows } = await registry
      .session('patient')
      .query('SELECT @@slow_query_log AS slow, info FROM information_schema.processlist WHERE id = CONNECTION_ID()', {
        probe,
      });
    expect(rows[0]?.['slow']).toBe(0);
    expect(rows[0]?.['info']).toMatch(/^\/\* dbcheck:test \*\/ SELECT/);
  });

  it('ends a statement at its time limit and goes on with the same connection', async () => {
    const session = registry.session('patient');
    const before = session.cost().connections;
    const error = await failureOf(
      session.query(
        'SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c',
        { probe },
      ),
    );
    expect(error.code).toBe('timed_out');
    await session.query('SELECT 1', { probe });
    expect(session.cost().connections).toBe(before);
  });

  it('kills its statement on the server when the person stops', async () => {
    const stop = new AbortController();
    const running = async () =>
      (
        await server.query<{ id: number }>(
          "SELECT id FROM information_schema.processlist WHERE info LIKE '%stopped%sleep%' AND id <> CONNECTION_ID()",
        )
      ).length;
    const work = failureOf(
      registry.session('patient').query('SELECT SLEEP(50)', { probe: 'stopped', signal: stop.signal }),
    );
    await expect.poll(running).toBe(1);
    stop.abort();
    expect((await work).code).toBe('stopped');
    await expect.poll(running).toBe(0);
  });

  it.each([
    [
      'was stopped',
      async (session: TargetSession, running: () => Promise<number>) => {
        const stop = new AbortController();
        const work = failureOf(session.query('SELECT SLEEP(50)', { probe: 'traceless', signal: stop.signal }));
        await expect.poll(running).toBe(1);
        stop.abort();
        expect((await work).code).toBe('stopped');
      },
    ],
    [
      'had more to say than was wanted',
      async (session: TargetSession) => {
        const sql = 'SELECT a.*, b.* FROM shop.orders a, shop.orders b';
        const { truncated } = await session.query(sql, { probe: 'traceless', maxRows: 5, maxBytes: 10_000 });
        expect(truncated).toBe(true);
      },
    ],
  ])('leaves no trace of a statement that %s but the one connection that killed it', async (_, cutShort) => {
    const watcher = await server.connect();
    const other = registryFor();
    const session = other.session('patient');
    await session.query('SELECT 1', { probe });
    const before = await connectionCounters(watcher);
    await cutShort(session, () => threadsOf(watcher, '%traceless%sleep%'));
    await other.close();
    expect(await connectionCounters(watcher)).toEqual({ made: before.made + 1, aborted: before.aborted });
    await watcher.end();
  });

  it('marks what a cap cut off', async () => {
    const result = await registry.session('patient').query('SELECT id FROM shop.orders', { probe, maxRows: 10 });
    expect(result).toMatchObject({ truncated: true });
    expect(result.rows).toHaveLength(10);
  });

  it('opens a new connection when the server closed the kept one', async () => {
    const session = registry.session('patient');
    const { rows } = await session.query('SELECT CONNECTION_ID() AS id', { probe });
    await server.query(`KILL ${rows[0]?.['id']}`);
    expect((await session.query('SELECT 1 AS one', { probe })).rows).toEqual([{ one: 1 }]);
  });

  it('never holds more than one connection, however many ask', async () => {
    const session = registry.session('patient');
    await Promise.all(Array.from({ length: 20 }, () => session.query('SELECT SLEEP(0.01)', { probe })));
    const [row] = await server.query<{ n: bigint }>(
      "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE user = 'dbcheck'",
    );
    expect(Number(row?.n)).toBeLessThanOrEqual(1);
  });
});

/** Connections that the server ever took, and those that left without a goodbye. */
async function connectionCounters(watcher: Connection): Promise<{ made: number; aborted: number }> {
  const rows = await watcher.query<{ Value: string }[]>(
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Aborted_clients', 'Connections')",
  );
  const [aborted, made] = rows.map(({ Value }) => Number(Value));
  return { made: made ?? Number.NaN, aborted: aborted ?? Number.NaN };
}

/** How many other threads run a statement like this. */
async function threadsOf(watcher: Connection, like: string): Promise<number> {
  const sql = 'SELECT id FROM information_schema.processlist WHERE info LIKE ? AND id <> CONNECTION_ID()';
  return (await watcher.query<unknown[]>(sql, [like])).length;
}

describe('a server that does not let us in', () => {
  it.each([
    ['a wrong password', { password: 'wrong-geheim' }, 'access_denied', /refuses the login of dbcheck: error 1045/],
    [
      'a missing socket',
      { socket: '/nonexistent/m.sock' },
      'target_unreachable',
      /cannot be reached: the socket does not exist/,
    ],
  ] as const)('is told apart: %s', async (_, overrides, code, message) => {
    const other = registryFor(overrides);
    const error = await failureOf(other.session('patient').query('SELECT 1', { probe: 'test' }));
    await other.close();
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('geheim');
  });

  it('is called silent when it is frozen, and a statement on the way ends', async () => {
    const other = registryFor();
    await other.session('patient').query('SELECT 1', { probe: 'test' });
    server.suspend();
    await expect.poll(() => readFileSync(`/proc/${server.pid}/stat`, 'utf8')).toMatch(/\) T /);
    try {
      const error = await failureOf(other.session('patient').query('SELECT 2', { probe: 'test' }));
      expect(error.message).toMatch(/did not answer a statement within 3 s/);
    } finally {
      server.resume();
      await other.close();
    }
  });
});
