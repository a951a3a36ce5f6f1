import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addAccount } from '../../lab/mariadb/accounts.ts';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { checkAgents } from '../support/check.ts';
import { checkFault } from '../support/check-fault.ts';

const agent = ['configuration'];

describe('configuration agent, on broken servers', () => {
  it.each([
    'durability',
    'general-log-on',
    'sql-mode-lax',
    'query-cache',
    'memory-overcommit',
    'open-door',
    'config-drift',
    'small-buffer-pool',
  ])('finds %s, names its root and nothing else', async (id) => {
    const { score } = await checkFault(id, agent, { windowSeconds: 1 });
    expect(score).toMatchObject({ strict: 1, missing: [], extra: [] });
    expect(score.rootAtOne ?? true).toBe(true);
    expect(score.evidence.unsourced).toEqual([]);
  });

  it('does not name accounts that only look passwordless', async () => {
    const { score, report } = await checkFault('healthy-accounts', agent);
    expect(score).toMatchObject({ strict: 1, extra: [] });
    expect(report.findings.filter(({ code }) => code.startsWith('security.'))).toEqual([]);
  });
});

describe('configuration agent, on one server', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer({ name: 'orders-prod' });
  });
  afterAll(() => server?.stop());

  it('gives no warning on a server as MariaDB ships it', async () => {
    const report = await checkAgents([targetEntry(server)], agent);
    expect(report.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(report.verdict).toBe('healthy');
  });

  it('tells a value that was set by SQL from a default', async () => {
    await server.query('SET GLOBAL innodb_flush_log_at_trx_commit = 2');
    const report = await checkAgents([targetEntry(server)], agent);
    await server.query('SET GLOBAL innodb_flush_log_at_trx_commit = 1');
    expect(report.findings[0]).toMatchObject({
      facts: { origin: 'SQL' },
      summary: expect.stringMatching(/Set by SQL/),
    });
    const [slowLog] = report.findings.filter(({ code }) => code === 'config.slow_log_off');
    expect(slowLog?.summary).toMatch(/Nobody set it: this is the default\.$/);
  });

  it('is not healthy when it may not see the accounts, and says which right is missing', async () => {
    const account = { user: 'no_accounts', password: 'p' };
    const setup = await server.connect();
    await addAccount(setup, account, 'PROCESS ON *.*');
    await setup.end();
    const report = await checkAgents([targetEntry(server, account)], agent);
    expect(report.results[0]?.status).toBe('completed');
    expect(report.verdict).toBe('unknown');
    expect(report.coverage).toContainEqual(
      expect.objectContaining({ code: 'coverage.missing_privilege', fix: expect.stringContaining('GRANT SELECT') }),
    );
  });
});
