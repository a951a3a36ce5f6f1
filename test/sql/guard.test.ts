import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { guardStatement } from '../../src/sql/guard.ts';
import { guardLine, guardLines } from '../../src/sql/guard-line.ts';

const fixture = readFileSync(new URL('fixtures/guard-statements.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ verdict: line.slice(0, line.indexOf('\t')), statement: line.slice(line.indexOf('\t') + 1) }));

describe('SQL guard', () => {
  it('judges every statement of the fixture right', () => {
    const wrong = fixture.filter(({ verdict, statement }) => guardLine(statement).split('\t')[0] !== verdict);
    expect(wrong).toEqual([]);
    expect(fixture.length).toBeGreaterThan(250);
  });

  it.each([
    ['NUL', 'SELECT 1\0'],
    ['NUL in a string', "SELECT 'a\0b'"],
    ['a control character', 'SELECT\u0001 1'],
    ['a no-break space', 'SELECT\u00a01'],
    ['an ideographic space', 'SELECT\u30001'],
    ['a zero-width space', 'SELECT sle\u200bep FROM t'],
    ['a direction mark', 'SELECT \u202e1'],
    ['half a character', 'SELECT \ud800'],
    ['half a character in a string', "SELECT '\udfff'"],
    ['full-width letters for a table', 'SELECT * FROM ｍｙｓｑｌ.ｕｓｅｒ'],
  ])('refuses %s', (_, sql) => {
    expect(guardStatement(sql).allow).toBe(false);
  });

  it('reads strings as the session does', () => {
    const backslash = "SELECT 'a\\'; SHUTDOWN -- '";
    expect(guardStatement(backslash).allow).toBe(true);
    expect(guardStatement(backslash, { sqlMode: 'NO_BACKSLASH_ESCAPES' }).allow).toBe(false);
    const doubled = 'SELECT "a\'b"';
    expect(guardStatement(doubled).allow).toBe(true);
    expect(guardStatement('SELECT "sleep"(1)', { sqlMode: 'ANSI_QUOTES' }).allow).toBe(false);
    expect(guardStatement('SELECT "a\\" ; SHUTDOWN -- "', { sqlMode: 'ANSI_QUOTES' }).allow).toBe(false);
  });

  it('says why in one line that repeats no literal', () => {
    expect(guardStatement("SELECT LOAD_FILE('/etc/shadow')")).toEqual({
      allow: false,
      reason: 'the function LOAD_FILE is not known to be free of side effects',
    });
    expect(guardLine('DROP TABLE t')).toBe('deny\tDROP is not a statement that only reads');
  });

  it('judges a long statement in time that grows with its length', () => {
    const long = `SELECT ${'(1), '.repeat(40_000)}1 FROM t WHERE a IN (${'1, '.repeat(100_000)}2)`;
    const startedAt = performance.now();
    expect(guardStatement(long).allow).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

describe('SQL guard with rules about schemas', () => {
  const rules = { allowedSchemas: ['shop'] };

  it.each([
    'SELECT * FROM shop.orders, information_schema.tables',
    'SELECT EXTRACT(YEAR FROM crm.created) FROM Shop.orders crm',
    'WITH crm AS (SELECT 1 AS a) SELECT crm.a FROM crm',
    'SHOW TABLES FROM crm',
  ])('allows %s', (sql) => {
    expect(guardStatement(sql, rules)).toEqual({ allow: true });
  });

  it.each([
    'SELECT * FROM crm.people',
    'SELECT * FROM shop.orders o JOIN `crm` . people p ON p.id = o.id',
    'SELECT * FROM shop.orders o JOIN shop.items i ON i.id = o.id, crm.people',
    'SELECT (SELECT MAX(id) FROM crm.people) FROM shop.orders',
    'SELECT * FROM (shop.orders, (crm.people, shop.items))',
    'SELECT 1 FROM shop.orders WHERE id IN (TABLE crm.people)',
    'TABLE crm.people',
    'SELECT 1 UNION (SELECT 2 FROM crm.people)',
    'WITH a AS (SELECT * FROM crm.people) SELECT 1',
    'EXPLAIN SELECT * FROM crm.people',
    'DESCRIBE SELECT * FROM crm.people',
  ])('refuses %s', (sql) => {
    expect(guardStatement(sql, rules).allow).toBe(false);
  });

  it('lets through how a table is made, which holds no row of it', () => {
    for (const sql of ['DESCRIBE crm.people', 'SHOW CREATE TABLE crm.people', 'SHOW INDEX FROM crm.people'])
      expect(guardStatement(sql, rules).allow).toBe(true);
  });

  it('looks names without a schema up in the default schema', () => {
    expect(guardStatement('SELECT * FROM people', { ...rules, defaultSchema: 'crm' }).allow).toBe(false);
    expect(guardStatement('SELECT * FROM orders', { ...rules, defaultSchema: 'shop' }).allow).toBe(true);
    expect(guardStatement('SELECT * FROM global_priv', { defaultSchema: 'mysql' }).allow).toBe(false);
    expect(guardStatement('SELECT 1 FROM .user', { defaultSchema: 'mysql' }).allow).toBe(false);
  });

  it('knows that a name of a WITH clause stands for its query only where it applies', () => {
    const inside = 'WITH people AS (SELECT * FROM people) SELECT * FROM people';
    const beside = '(WITH people AS (SELECT 1) SELECT 1) UNION SELECT * FROM people';
    for (const sql of [inside, beside]) {
      expect(guardStatement(sql, { ...rules, defaultSchema: 'crm' }).allow).toBe(false);
    }
  });
});

describe('guard lines', () => {
  it('answers each line with one line', () => {
    expect(guardLines("SELECT 1\r\n\nSELECT\\tSLEEP(1)\nSELECT 1 -- a\\nFROM t\nSELECT 'a\\\\nb'")).toBe(
      [
        'allow',
        'deny\tno statement',
        'deny\tthe function SLEEP is not known to be free of side effects',
        'allow',
        'allow',
        '',
      ].join('\n'),
    );
    expect(guardLines('')).toBe('');
  });

  it('keeps a backslash that escapes nothing', () => {
    expect(guardLine("SELECT 'it\\'s; ok'")).toBe('allow');
  });
});
