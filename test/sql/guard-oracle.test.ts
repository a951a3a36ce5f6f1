import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import type { Connection } from 'mariadb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { safeFunctions } from '../../src/sql/functions.ts';
import { guardStatement } from '../../src/sql/guard.ts';
import { wordsBeforeParenthesis } from '../../src/sql/guard-expression.ts';
import { anyStatement } from './statement-grammar.ts';

/** Everything of the server that a statement of the grammar could change, each with the statement that reads it. */
const stateQueries = [
  'CHECKSUM TABLE shop.orders, shop.customers, shop.touched',
  'SELECT * FROM mysql.global_priv',
  'SELECT * FROM mysql.db',
  'SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2',
  "SELECT * FROM information_schema.global_variables WHERE variable_name NOT LIKE 'gtid%'",
  'SELECT * FROM shop.seq',
];

describe('what the guard allows, run by a privileged account', () => {
  let server: LabServer;
  let connection: Connection;
  let other: Connection;

  beforeAll(async () => {
    server = await startServer({ name: 'guard-oracle', args: ['--secure-file-priv='] });
    connection = await server.connect({ multipleStatements: true, database: 'shop', checkDuplicate: false });
    other = await server.connect();
    for (const sql of [
      'CREATE TABLE touched (id INT) ENGINE=InnoDB',
      'CREATE SEQUENCE seq',
      'CREATE FUNCTION touch(a INT) RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO touched VALUES (a); RETURN a; END',
      'CREATE PROCEDURE touch_all() INSERT INTO touched VALUES (1)',
      'SET SESSION max_statement_time = 1',
    ]) {
      await connection.query(sql);
    }
  });
  afterAll(() => server.stop());

  it('changes nothing, takes no lock, waits for nothing, writes no file', async () => {
    const statements = fc.sample(anyStatement, { numRuns: 3000, seed: 20260101 });
    const allowed = statements.filter((sql) => guardStatement(sql).allow);
    const before = await readState();
    let answered = 0;
    for (const sql of allowed) {
      const traces = await runAndLook(sql);
      expect({ sql, traces: traces.found }).toEqual({ sql, traces: [] });
      if (traces.answered) answered++;
    }
    expect(await readState()).toEqual(before);
    // Enough of both kinds, and most of what was allowed was real SQL, or the test would show nothing.
    expect(allowed.length).toBeGreaterThan(200);
    expect(statements.length - allowed.length).toBeGreaterThan(600);
    expect(answered / allowed.length).toBeGreaterThan(0.8);
  });

  it.each([
    ["SELECT GET_LOCK('guard', 1)", ['user lock']],
    ['SELECT id FROM shop.orders WHERE id = 1 FOR UPDATE', ['row lock']],
    ['SELECT id FROM shop.orders WHERE id = 1 LOCK IN SHARE MODE', ['row lock']],
    ['SELECT SLEEP(2)', ['wait']],
    ['SELECT @v := 5', ['session']],
    ['SELECT LAST_INSERT_ID(77)', ['session']],
    ['SHOW TABLES FROM shop WHERE (SELECT note FROM shop.orders WHERE id = 1)', ['row lock']],
    ["SELECT 1 INTO OUTFILE 'exfiltrated-too'", ['file']],
  ])('would have been caught: %s', async (sql, found) => {
    expect(guardStatement(sql).allow).toBe(false);
    expect((await runAndLook(sql)).found).toEqual(found);
  });

  it('calls no stored function, not even one that is named as a function of the server', async () => {
    const ran: string[] = [];
    for (const name of [...safeFunctions, ...wordsBeforeParenthesis].map((word) => word.toLowerCase())) {
      await connection.query(
        `CREATE FUNCTION shop.\`${name}\`(a INT) RETURNS INT MODIFIES SQL DATA BEGIN SET @ran = 1; RETURN a; END`,
      );
      const calls = ['', ' ', '/**/', ' -- x\n', '\t\n'].map((gap) => `${name}${gap}(1)`);
      const dotted = ['.', ' . ', '. ', ' .', '/**/./**/'].map((dot) => `shop${dot}${name}(1)`);
      for (const call of [...calls, ...dotted, `\`${name}\`(1)`]) {
        const sql = `SELECT ${call}`;
        if (!guardStatement(sql).allow) continue;
        await connection.query('SET @ran = 0');
        await connection.query(sql).catch(() => {});
        const [{ n } = { n: 1 }] = await connection.query<{ n: number }[]>('SELECT @ran AS n');
        if (Number(n) !== 0) ran.push(sql);
      }
      await connection.query(`DROP FUNCTION shop.\`${name}\``);
    }
    expect(ran).toEqual([]);
  });

  it('would have been caught: writes, whatever hides them', async () => {
    for (const sql of ['SELECT shop.touch(1)', 'SELECT NEXTVAL(shop.seq)', '/*! DELETE FROM shop.touched */']) {
      const before = await readState();
      await connection.query(sql);
      expect({ sql, same: JSON.stringify(await readState()) === JSON.stringify(before) }).toEqual({ sql, same: false });
    }
  });

  /** True when nobody else holds a lock on the rows that the grammar speaks of. */
  async function canLockOrders(): Promise<boolean> {
    try {
      await other.query('SELECT id FROM shop.orders WHERE id < 9 FOR UPDATE NOWAIT');
      return true;
    } catch {
      return false;
    }
  }

  async function readState(): Promise<unknown[]> {
    const state: unknown[] = [readdirSync(server.dataDirectory).sort()];
    for (const sql of stateQueries) state.push(await server.query(sql));
    return state;
  }

  /** Runs it in a transaction, so that the locks that it takes are still there to be seen. */
  async function runAndLook(sql: string): Promise<{ readonly answered: boolean; readonly found: string[] }> {
    const found: string[] = [];
    const files = readdirSync(`${server.dataDirectory}/shop`).length;
    let answered = true;
    await connection.query("SET @v = 'kept'; SELECT LAST_INSERT_ID(3); START TRANSACTION");
    try {
      await connection.query(sql);
    } catch (error) {
      answered = false;
      if ((error as { errno?: number }).errno === 1969) found.push('wait');
    }
    if (!(await canLockOrders())) found.push('row lock');
    const [session] = await connection.query<{ v: string; i: number; held: number | null; s: string }[]>(
      "SELECT @v AS v, LAST_INSERT_ID() AS i, IS_USED_LOCK('guard') AS held, DATABASE() AS s",
    );
    if (session?.v !== 'kept' || Number(session.i) !== 3 || session.s !== 'shop') found.push('session');
    if (session?.held !== null) found.push('user lock');
    if (readdirSync(`${server.dataDirectory}/shop`).length !== files) found.push('file');
    await connection.query('ROLLBACK; DO RELEASE_ALL_LOCKS(); UNLOCK TABLES; USE shop');
    return { answered, found };
  }
});
