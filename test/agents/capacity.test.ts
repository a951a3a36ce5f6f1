import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addAccount } from '../../lab/mariadb/accounts.ts';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { createBigTable } from '../../lab/mariadb/shop.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { checkAgents } from '../support/check.ts';
import { checkFault } from '../support/check-fault.ts';

const agent = ['capacity'];
const mayMount = process.getuid?.() === 0;

describe('capacity agent, on broken servers', () => {
  it.skipIf(!mayMount)('finds a volume that is nearly full', async () => {
    const { score } = await checkFault('disk-full', agent);
    expect(score).toMatchObject({ strict: 1, rootAtOne: true, extra: [] });
  });

  it.each(['autoinc', 'sequence-near-limit'])('finds %s, as the schema agent does', async (id) => {
    const { score } = await checkFault(id, agent);
    expect(score).toMatchObject({ missing: [], extra: [] });
  });

  it('says when a disk will be full, from a history, with an interval and a chart', async () => {
    const { score, report } = await checkFault('disk-forecast', agent);
    expect(score).toMatchObject({ strict: 1, rootAtOne: true, extra: [] });
    const forecast = report.findings.find(({ code }) => code === 'capacity.disk_full_forecast');
    expect(Number(forecast?.facts['soonestDays'])).toBeLessThanOrEqual(Number(forecast?.facts['daysUntilFull']));
    expect(Number(forecast?.facts['latestDays'])).toBeGreaterThanOrEqual(Number(forecast?.facts['daysUntilFull']));
    expect(forecast?.chart?.points.at(-1)?.label).toMatch(/\(forecast\)$/);
  });

  it('finds that the open files are nearly used up', async () => {
    const { score } = await checkFault('open-files', agent);
    expect(score).toMatchObject({ strict: 1, rootAtOne: true, extra: [] });
  });
});

describe('capacity agent, on one server', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer({ name: 'orders-prod' });
    const setup = await server.connect();
    await createBigTable(setup, 40_000);
    await setup.end();
  });
  afterAll(() => server?.stop());

  it('lists the largest tables, gives no warning, and does not pretend to know the growth', async () => {
    const report = await checkAgents([targetEntry(server)], agent);
    expect(report.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(report.findings[0]).toMatchObject({
      code: 'capacity.sizes',
      facts: { largestTable: 'shop.big', largestSchema: 'shop', tables: 5 },
      summary: expect.stringMatching(/no history yet/),
    });
    expect(report.results[0]?.headline).toMatch(
      /% used, .* free, .* in 5 tables, growth of orders-prod: no history yet, none is kept$/,
    );
  });

  it('sees the volume through the other directories of the server where the configured one is gone', async () => {
    const report = await checkAgents([targetEntry(server, { dataDirectory: '/no/such/place' })], agent);
    expect(report.verdict).toBe('healthy');
    expect(report.evidence.find(({ probe }) => probe === 'volumes')?.sql).toMatch(/^statfs of /);
  });

  it('names the right that is missing to see tables', async () => {
    const account = { user: 'no_tables', password: 'p' };
    const setup = await server.connect();
    await addAccount(setup, account, 'PROCESS ON *.*');
    await setup.end();
    const report = await checkAgents([targetEntry(server, account)], agent);
    expect(report.results[0]?.status).toBe('completed');
    expect(report.coverage).toContainEqual(
      expect.objectContaining({ fix: expect.stringContaining('GRANT SELECT ON *.*') }),
    );
  });
});
