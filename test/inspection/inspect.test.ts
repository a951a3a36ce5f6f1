import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession, startStatement, waitFor } from '../../lab/faults/steps.ts';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { parseConfig } from '../../src/config.ts';
import { type Inspected, inspect, inspectionCaps } from '../../src/inspection/inspect.ts';
import { createTargetRegistry, type TargetRegistry } from '../../src/targets/registry.ts';

let server: LabServer;
let closed: TargetRegistry;
let open: TargetRegistry;

beforeAll(async () => {
  server = await startServer({ name: 'orders-prod' });
  [closed, open] = [[], ['shop']].map((inspectSchemas) => {
    const targets = [{ ...targetEntry(server), inspectSchemas }];
    return createTargetRegistry(parseConfig(JSON.stringify({ targets, run: { statementSeconds: 1 } }), 'test.yml', {}));
  }) as [TargetRegistry, TargetRegistry];
});
afterAll(async () => {
  await Promise.all([closed?.close(), open?.close()]);
  await server?.stop();
});

function run(sql: string, registry = closed): Promise<Inspected> {
  return inspect(registry.session('orders-prod'), registry.get('orders-prod'), sql, undefined);
}

describe('an ad-hoc statement', () => {
  it('brings its rows, their count and its own shape', async () => {
    const { inspection, evidence } = await run(
      "SELECT 'x' AS a, COUNT(*) AS n FROM information_schema.engines WHERE 1 = 1",
    );
    expect(inspection).toMatchObject({
      status: 'answered',
      statement: 'SELECT ? AS a, COUNT(*) AS n FROM information_schema.engines WHERE ? = ?',
      rowCount: 1,
      truncated: false,
      table: { columns: ['a', 'n'], rows: [['x', expect.any(Number)]] },
    });
    expect(evidence).toMatchObject({ probe: 'inspection', sql: inspection.statement, rows: [{ a: 'x' }] });
  });

  it.each([
    ['DELETE FROM shop.orders', /DELETE is not a statement that only reads\. Allowed is one statement/],
    ['SELECT * FROM shop.orders', /schema shop is not among those.*inspectSchemas of orders-prod/],
    ['SELECT * FROM mysql.user', /holds passwords/],
    ['SELECT max_value FROM mysql.column_stats', /holds values/],
    ['SELECT 1; SELECT 2', /more than one statement/],
    ['EXPLAIN SELECT * FROM shop.orders', /schema shop/],
  ])('that the guard refuses never reaches the server, and the refusal says what would: %s', async (sql, reason) => {
    const before = closed.session('orders-prod').cost().statements;
    const { inspection, evidence } = await run(sql);
    expect([inspection.status, evidence]).toEqual(['refused', undefined]);
    expect(inspection.reason).toMatch(reason);
    expect(closed.session('orders-prod').cost().statements).toBe(before);
  });

  it('reads tables of users where the target allows their schema, and passwords nowhere', async () => {
    expect((await run('SELECT id FROM shop.orders WHERE id < 4', open)).inspection.rowCount).toBe(3);
    expect((await run('SELECT * FROM mysql.global_priv', open)).inspection.status).toBe('refused');
  });

  it('finds no table of a user by a name without a schema, whatever the session used before', async () => {
    await closed.session('orders-prod').query('SELECT 1', { probe: 'test', schema: 'shop' });
    const { inspection } = await run('SELECT * FROM orders');
    expect(inspection).toMatchObject({ status: 'failed', rowCount: 0 });
    expect(inspection.reason).toMatch(/no such table/);
  });

  it('stops at the cap of rows, and the session goes on afterwards', async () => {
    const { inspection } = await run('SELECT a.id FROM shop.orders a, shop.orders b, shop.orders c', open);
    expect(inspection).toMatchObject({ status: 'answered', rowCount: inspectionCaps.rows, truncated: true });
    expect((await run('SELECT 1 AS one', open)).inspection).toMatchObject({ rowCount: 1, truncated: false });
  });

  it('stops at the cap of bytes', async () => {
    const { inspection } = await run("SELECT REPEAT('x', 100000) AS x FROM shop.orders", open);
    expect(inspection.rowCount).toBeLessThan(5);
    expect(inspection.truncated).toBe(true);
  });

  it('is ended by the server at the time limit', async () => {
    const { inspection } = await run('SELECT COUNT(*) FROM shop.orders a, shop.orders b, shop.orders c', open);
    expect(inspection).toMatchObject({ status: 'failed', reason: 'orders-prod ended it at its time limit' });
  });

  it('that fails tells why without repeating itself', async () => {
    const { inspection } = await run("SELECT nothing FROM information_schema.tables WHERE table_name = 'zq'");
    expect(inspection.reason).toBe('there is no such column (error 1054 on orders-prod)');
    expect(JSON.stringify(inspection)).not.toContain('zq');
  });

  it('that a view of a user hides behind cannot write', async () => {
    await server.query('CREATE SEQUENCE shop.tick');
    await server.query('CREATE SQL SECURITY DEFINER VIEW shop.trap AS SELECT NEXTVAL(shop.tick) AS n');
    expect((await run('SELECT n FROM shop.trap', open)).inspection.status).toBe('failed');
    expect(await server.query('SELECT next_not_cached_value AS n FROM shop.tick')).toEqual([{ n: 1 }]);
  });
});

describe('a literal of somebody else', () => {
  const secret = 'zqcanary';

  beforeAll(async () => {
    const session = await openSession(server);
    startStatement(
      session,
      `SELECT SLEEP(600), '${secret}' /* ${secret} */ FROM orders WHERE note <> '${secret}' LIMIT 1`,
    );
    await waitFor('the statement to run', async () => {
      const rows = await server.query("SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'");
      return rows.length > 0;
    });
    await server.query(`CREATE TABLE shop.codes (c VARCHAR(20) DEFAULT '${secret}') COMMENT '${secret}'`);
  });

  it('is gone from a statement that is otherwise shown', async () => {
    const { inspection } = await run('SELECT info FROM information_schema.processlist WHERE info IS NOT NULL');
    expect(inspection.table?.rows.flat()).toContain('SELECT SLEEP(?), ? /*?*/ FROM orders WHERE note <> ? LIMIT ?');
  });

  it.each([
    'SHOW FULL PROCESSLIST',
    'SELECT * FROM information_schema.processlist',
    'SELECT info FROM information_schema.processlist',
    'SELECT info AS id FROM information_schema.processlist',
    'SELECT LEFT(info, 40) AS what, user FROM information_schema.processlist',
    'SELECT SUBSTRING(info, 20) AS what FROM information_schema.processlist',
    "SELECT REPLACE(info, 'SELECT', '') FROM information_schema.processlist",
    'SELECT REVERSE(REVERSE(info)) r FROM information_schema.processlist',
    'SELECT GROUP_CONCAT(info) FROM information_schema.processlist',
    'SELECT x FROM (SELECT SUBSTR(info, 15, 300) AS x FROM information_schema.processlist) t',
    'SELECT 1 AS a UNION SELECT info FROM information_schema.processlist',
    'WITH t(a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r) AS (SELECT * FROM information_schema.processlist) SELECT SUBSTR(h, 20) FROM t',
    "SELECT JSON_OBJECT('a', info) FROM information_schema.processlist",
    'SELECT table_comment FROM information_schema.tables',
    'SELECT table_comment AS engine FROM information_schema.tables',
    'SELECT LOWER(table_comment) FROM information_schema.tables',
    "SELECT CONCAT(table_name, ' ', table_comment) FROM information_schema.tables WHERE table_schema = 'shop'",
    "SELECT column_default FROM information_schema.columns WHERE table_schema = 'shop'",
    "SELECT TRIM(column_default) FROM information_schema.columns WHERE table_schema = 'shop'",
    'SHOW CREATE TABLE shop.codes',
    'SHOW TABLE STATUS FROM shop',
    'SHOW FULL COLUMNS FROM shop.codes',
    'DESCRIBE shop.codes',
    'SHOW ENGINE INNODB STATUS',
    'SELECT * FROM information_schema.innodb_trx',
    'SELECT * FROM sys.processlist',
    'SELECT * FROM sys.session',
  ])('does not come out by %s', async (sql) => {
    const { inspection, evidence } = await run(sql);
    expect(JSON.stringify([inspection, evidence])).not.toContain(secret.slice(0, 5));
  });
});
