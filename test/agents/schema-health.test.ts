import { describe, expect, it } from 'vitest';
import { startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { mostOf } from '../../src/judgements/tables.ts';
import { checkAgents } from '../support/check.ts';
import { checkFault } from '../support/check-fault.ts';

const agent = ['schema_health'];

describe('schema-health agent', () => {
  it.each([
    'autoinc',
    'autoinc-decoys',
    'sequence-near-limit',
    'charset-mismatch',
    'duplicate-foreign-key',
    'duplicate-index',
    'odd-engines',
    'hostile-names',
    'stale-statistics',
    'no-primary-key',
    'unused-index',
    'unused-index-unknown',
  ])('finds %s by its name and nothing else', async (id) => {
    const { score } = await checkFault(id, agent);
    expect(score).toMatchObject({ strict: 1, missing: [], extra: [] });
  });

  it('is content with the shop, and says how much it looked at', async () => {
    const server = await startServer();
    const report = await checkAgents([targetEntry(server)], agent);
    await server.stop();
    expect(report.findings).toEqual([]);
    expect(report.results[0]?.headline).toMatch(/^\d+ tables, \d+ indexes$/);
  });

  it('offers the trial by IGNORED before the DROP, each with its way back', async () => {
    const { report } = await checkFault('duplicate-index', agent);
    const [trial, drop] = report.findings[0]?.recommendations ?? [];
    expect(trial).toMatchObject({ risk: 'safe', sql: expect.stringMatching(/ALTER INDEX `name_\w+` IGNORED;$/) });
    expect(drop).toMatchObject({
      sql: expect.stringMatching(/DROP INDEX/),
      rollback: expect.stringMatching(/ADD INDEX `name_\w+` \(`name`\);$/),
    });
  });
});

describe('the largest value of an integer column', () => {
  it.each([
    ['tinyint(4)', 127],
    ['smallint(5) unsigned', 65_535],
    ['int(11)', 2_147_483_647],
    ['bigint(20) unsigned', 2 ** 64 - 1],
    ['decimal(10,0)', undefined],
  ])('of %s is %s', (type, most) => {
    expect(mostOf(type)).toBe(most);
  });
});
