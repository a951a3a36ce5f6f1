import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import type { Finding } from '../../src/report/finding.ts';
import { checkAgents } from '../support/check.ts';

const table = '`a``b" \'<!channel> *x*`';

describe('the statements that schema-health recommends', () => {
  let server: LabServer;
  let findings: readonly Finding[];
  beforeAll(async () => {
    server = await startServer({ seed: 'none' });
    for (const statement of [
      'CREATE DATABASE `we``ird & co`',
      `CREATE TABLE \`we\`\`ird & co\`.${table} (id INT, \`the \`\`first (1)\` VARCHAR(40), KEY \`k\`\`1\` (\`the \`\`first (1)\`),
         UNIQUE KEY \`u 1\` (\`the \`\`first (1)\`, id), UNIQUE KEY \`u 2\` (\`the \`\`first (1)\`, id)) ENGINE=MyISAM`,
      `INSERT INTO \`we\`\`ird & co\`.${table} VALUES (1, 'x'), (2, 'y')`,
      'CREATE TABLE `we``ird & co`.`n` (`my id` TINYINT NOT NULL AUTO_INCREMENT PRIMARY KEY, t TEXT, FULLTEXT KEY f (t), FULLTEXT KEY g (t)) ENGINE=InnoDB',
      'INSERT INTO `we``ird & co`.`n` VALUES (120, NULL)',
      'CREATE SEQUENCE `we``ird & co`.`s``q` START WITH 95 MAXVALUE 100',
    ])
      await server.query(statement);
    findings = (await checkAgents([targetEntry(server, { name: 'odd' })], ['schema_health'])).findings;
  });
  afterAll(() => server?.stop());

  it('are there for every fault', () => {
    expect(findings.map(({ code }) => code).toSorted()).toEqual([
      'schema.autoinc_near_limit',
      'schema.autoinc_near_limit',
      'schema.duplicate_index',
      'schema.duplicate_index',
      'schema.no_primary_key',
      'schema.non_transactional_engine',
      'schema.redundant_index',
    ]);
  });

  it('run as they stand, and so do their ways back', async () => {
    const statements = findings.flatMap(({ recommendations }) =>
      recommendations.flatMap(({ sql, rollback }) => [sql, rollback]),
    );
    for (const statement of statements) {
      if (statement === undefined) continue;
      const [, sql = ''] = /^([^;]*;)/.exec(statement) ?? [];
      await expect(server.query(sql), sql).resolves.toBeDefined();
    }
    expect(statements.length).toBeGreaterThan(10);
  });
});
