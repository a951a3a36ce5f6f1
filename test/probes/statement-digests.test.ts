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
