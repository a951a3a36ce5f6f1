import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { checkAgents } from '../support/check.ts';

let server: LabServer;
beforeAll(async () => {
  server = await startServer();
  await server.query('CREATE DATABASE `my.shop`');
  await server.query('CREATE TABLE `my.shop`.`a.b` (n TINYINT, KEY one (n), KEY two (n))');
  await server.query('CREATE DATABASE numbers');
  for (let turn = 1; turn <= 130; turn++)
    await server.query(`CREATE SEQUENCE numbers.s${turn} MAXVALUE 1000${turn === 130 ? ' START 950' : ''}`);
});
afterAll(async () => server?.stop());

describe('schema health', () => {
  it('quotes a schema and a table with dots so that every recommendation runs, and its rollback too', async () => {
    const report = await checkAgents([targetEntry(server)], ['schema_health'], { params: { schema: 'my.shop' } });
    const codes = report.findings.map(({ code, subject }) => [code, subject]);
    expect(codes).toContainEqual(['schema.no_primary_key', '`my.shop`.a.b']);
    expect(codes.filter(([code]) => code === 'schema.duplicate_index')).toHaveLength(1);
    for (const { recommendations } of report.findings) {
      for (const { sql, rollback } of recommendations) {
        if (sql === undefined) continue;
        await server.query(sql);
        if (rollback?.startsWith('ALTER')) await server.query(rollback);
      }
    }
  });

  it('sees a sequence near its limit behind a hundred others', async () => {
    const report = await checkAgents([targetEntry(server)], ['schema_health'], { params: { schema: 'numbers' } });
    expect(report.findings.map(({ code, subject }) => [code, subject])).toEqual([
      ['schema.autoinc_near_limit', 'numbers.s130'],
    ]);
  });
});
