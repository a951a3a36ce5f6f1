import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { checkAgents } from '../support/check.ts';
import { checkFault } from '../support/check-fault.ts';

const agent = ['running_query'];

describe('running-query agent, on broken servers', () => {
  it.each([
    'row-lock-chain',
    'reading-blocker',
    'metadata-lock',
    'two-chains',
    'table-lock',
    'user-lock',
    'xa-prepared',
  ])('finds %s, names its root and nothing else', async (id) => {
    const { score } = await checkFault(id, agent);
    expect(score).toMatchObject({ strict: 1, rootAtOne: true, missing: [], extra: [] });
  });

  it('draws who waits for whom', async () => {
    const { report } = await checkFault('row-lock-chain', agent);
    const [chain] = report.findings;
    expect(chain?.picture?.[0]).toMatch(/^\d+ {2}app@localhost {3}idle \d+ s, 1 row changed$/);
    expect(chain?.picture?.[1]).toMatch(/^└ \d+ {2}UPDATE orders SET status = \? WHERE id = \? {3}waits \d+ s$/);
    expect(chain?.recommendations[0]?.sql).toBe(`KILL ${chain?.facts['thread']};`);
  });
});

describe('running-query agent, on one server', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());
  const check = (params: Record<string, unknown> = {}, entry = targetEntry(server, { name: 'orders-prod' })) =>
    checkAgents([entry], agent, { params });

  it('is healthy and silent on an idle server with a pool of sleepers', async () => {
    const pool = await Promise.all(
      Array.from({ length: 20 }, () => server.connect({ ...server.accounts.app, database: 'shop' })),
    );
    const report = await check();
    await Promise.all(pool.map((connection) => connection.end()));
    expect(report.findings).toEqual([]);
    expect(report.verdict).toBe('healthy');
  });

  it('calls a report query that blocks nobody information', async () => {
    const session = await server.connect();
    const query = session.query('SELECT SLEEP(30)').catch(() => undefined);
    const running = () =>
      server.query("SELECT id FROM information_schema.PROCESSLIST WHERE info LIKE 'SELECT SLEEP%' AND time_ms > 1100");
    await expect.poll(running, { timeout: 10_000 }).toHaveLength(1);
    const report = await check();
    await server.query(`KILL ${session.threadId}`);
    await query;
    expect(report.findings.map(({ code, severity }) => [code, severity])).toEqual([['query.running', 'info']]);
    expect(report.findings[0]?.table?.rows[0]).toEqual([
      session.threadId,
      'root@localhost',
      expect.any(String),
      'User sleep',
      'SELECT SLEEP(?)',
    ]);
  });

  it('describes the thread that a question names, and says when it is not there', async () => {
    const session = await server.connect();
    const [present] = (await check({ process_id: session.threadId })).findings;
    await session.end();
    expect(present).toMatchObject({ code: 'query.thread', facts: { connected: true, user: 'root' } });
    const [absent] = (await check({ process_id: 999_999 })).findings;
    expect(absent).toMatchObject({ code: 'query.thread', title: 'Thread 999999 is not connected' });
  });

  it('cannot call a server healthy whose other sessions it may not see', async () => {
    await server.query("CREATE OR REPLACE USER blind@localhost IDENTIFIED BY 'b'");
    await server.query('GRANT SELECT ON *.* TO blind@localhost');
    const blind = targetEntry(server, { name: 'orders-prod', user: 'blind', password: 'b' });
    const report = await check({}, blind);
    expect(report.verdict).toBe('unknown');
    expect(report.results[0]?.headline).toBe('running statements cannot be seen, row lock waits cannot be seen');
    // That it saw no thread does not mean that there is none.
    expect((await check({ process_id: 1 }, blind)).findings).toEqual([]);
    expect(report.coverage.map(({ code, fix }) => [code, fix])).toContainEqual([
      'coverage.missing_privilege',
      "GRANT PROCESS ON *.* TO 'blind'@'…'",
    ]);
  });

  it('shows statements without their literals', async () => {
    const session = await server.connect();
    const query = session.query("SELECT SLEEP(30), 'geheim@firma.test' /* token=abc */").catch(() => undefined);
    const running = () =>
      server.query("SELECT id FROM information_schema.PROCESSLIST WHERE info LIKE 'SELECT SLEEP%' AND time_ms > 1100");
    await expect.poll(running, { timeout: 10_000 }).toHaveLength(1);
    const report = await check();
    await server.query(`KILL ${session.threadId}`);
    await query;
    expect(JSON.stringify(report.findings)).not.toMatch(/geheim|token/);
  });
});
