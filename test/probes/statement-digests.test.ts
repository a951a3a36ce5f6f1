import { expect, it } from 'vitest';
import { startServer } from '../../lab/mariadb/server.ts';
import { createBigTable } from '../../lab/mariadb/shop.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { checkAgents } from '../support/check.ts';

it('shows statements of sessions that have no default schema, and none of our own', async () => {
  const server = await startServer({ args: ['--performance-schema=ON'] });
  try {
    const application = await server.connect();
    await createBigTable(application, 50_000);
    for (let turn = 0; turn < 20; turn++) await application.query('SELECT id FROM shop.big WHERE v = ?', [turn]);
    const check = () => checkAgents([targetEntry(server)], ['slow_query']);
    await check();
    const report = await check();
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        code: 'query.missing_index',
        subject: 'shop.big',
        facts: expect.objectContaining({ column: 'v' }),
      }),
    );
    const shown = report.findings.map(({ facts }) => String(facts['fingerprint'] ?? '')).join('\n');
    expect(shown).not.toMatch(/information_schema|global_priv|slow_log|processlist/);
  } finally {
    await server.stop();
  }
});

it('says how much went to prepared statements, which the digests leave out', async () => {
  const server = await startServer({ args: ['--performance-schema=ON'] });
  try {
    const application = await server.connect({ database: 'shop' });
    const told = async () => (await checkAgents([targetEntry(server)], ['slow_query'])).coverage;
    await application.query('SELECT SLEEP(0.2)');
    const codes = async () => (await told()).map(({ code }) => code);
    expect(await codes()).not.toContain('coverage.prepared_statements');

    for (let turn = 0; turn < 4; turn++) await application.execute('SELECT SLEEP(?)', [0.25]);
    expect(await told()).toContainEqual(
      expect.objectContaining({
        code: 'coverage.prepared_statements',
        summary: expect.stringMatching(/^statement digests: \d\d % of the time .*\(1(\.\d+)? s, 4 executions\)/),
        fix: expect.stringContaining('slow_query_log'),
      }),
    );
  } finally {
    await server.stop();
  }
});
