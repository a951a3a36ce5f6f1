import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { isBlind } from '../../src/probes/probe.ts';
import { statementPlan } from '../../src/probes/statement-plan.ts';
import { openSource } from '../support/source.ts';

describe('the plan of a statement that somebody else ran', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer({ seed: 'none' });
    for (const [schema, key] of [
      ['left-side', 'KEY (v)'],
      ['right`side', 'KEY other (w)'],
    ] as const) {
      const name = `\`${schema.replaceAll('`', '``')}\``;
      await server.query(`CREATE DATABASE ${name}`);
      await server.query(`CREATE TABLE ${name}.t (id INT PRIMARY KEY, v INT, w INT, ${key})`);
    }
  });
  afterAll(() => server?.stop());

  it('is made in the schema where it ran, also when two are asked at once', async () => {
    const { source, close } = await openSource(server);
    const ask = (schema: string) => statementPlan.collect(source, { sql: 'SELECT id FROM t WHERE v = 1', schema });
    const plans = await Promise.all(['left-side', 'right`side', 'left-side', 'right`side'].map(ask));
    await close();
    expect(plans.map((plan) => (isBlind(plan) ? plan : plan.data[0]?.key))).toEqual(['v', null, 'v', null]);
  });

  it.each([
    ['a table that is gone', 'SELECT id FROM nowhere WHERE v = 1', 'left-side'],
    ['a schema that is gone', 'SELECT id FROM t', 'nowhere'],
    ['a statement without its schema', 'SELECT id FROM t WHERE v = 1', ''],
    ['a derived table, which EXPLAIN would run', 'SELECT * FROM (SELECT SLEEP(9)) AS d', 'left-side'],
    ['a statement that locks', 'SELECT id FROM t FOR UPDATE', 'left-side'],
    ['a statement that writes', 'DELETE FROM t WHERE v = 1', 'left-side'],
  ])('is refused without a failure for %s', async (_, sql, schema) => {
    const { source, close } = await openSource(server);
    const plan = await statementPlan.collect(source, { sql, schema });
    await close();
    expect(plan).toMatchObject({ code: 'coverage.plan' });
  });
});
