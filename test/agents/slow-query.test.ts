import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { readPredicates } from '../../src/judgements/predicates.ts';
import { checkAgents } from '../support/check.ts';
import { checkFault } from '../support/check-fault.ts';

const agent = ['slow_query'];

describe('slow-query agent, on broken servers', () => {
  it.each(['missing-index', 'slow-log-off', 'n-plus-one'])('finds %s and nothing else', async (id) => {
    const { score } = await checkFault(id, agent);
    expect(score).toMatchObject({ strict: 1, missing: [], extra: [] });
  });
});

describe('slow-query agent, with a history', () => {
  const params = { compare_to_previous: true };

  it('ties a statement that became slower to the index that was dropped', async () => {
    const { score, report } = await checkFault('regression-dropped-index', agent, { params });
    expect(score).toMatchObject({ strict: 1, rootAtOne: true, extra: [] });
    expect(report.results[0]?.headline).toMatch(/1 slower or new against the 1 h before$/);
  });

  it('is silent after five weeks in which nothing became worse', async () => {
    const { score } = await checkFault('healthy-history', agent, { params });
    expect(score).toMatchObject({ strict: 1, extra: [] });
  });
});

describe('slow-query agent, on a slow log', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer({ args: ['--slow-query-log=ON', '--log-output=FILE', '--long-query-time=0'] });
    await server.query('CREATE TABLE shop.visits (id INT PRIMARY KEY, city VARCHAR(40), day DATE, hits INT)');
    await server.query(
      "INSERT INTO shop.visits SELECT seq, CONCAT('c', seq % 5000), '2026-01-01' + INTERVAL seq % 300 DAY, seq FROM shop.seq_1_to_30000",
    );
    const application = await server.connect({ ...server.accounts.app, database: 'shop' });
    for (let turn = 0; turn < 12; turn++)
      await application.query(
        `SELECT hits FROM visits WHERE city = 'c${turn}' AND day > '2026-03-01' ORDER BY hits LIMIT 3`,
      );
    for (let turn = 0; turn < 12; turn++)
      await application.query(`SELECT COUNT(*) FROM visits WHERE city LIKE '%x${turn}'`);
    await application.end();
  });
  afterAll(() => server?.stop());
  const check = (params = {}) => checkAgents([targetEntry(server, { name: 'web-prod' })], agent, { params });

  it('recommends an index that really works', async () => {
    const report = await check();
    const found = report.findings.find(({ code }) => code === 'query.missing_index');
    expect(found).toMatchObject({
      subject: 'shop.visits',
      facts: { column: 'city', columns: 'city, day', existingIndexes: 'PRIMARY(id)' },
    });
    const examined = async () => {
      const connection = await server.connect({ database: 'shop' });
      await connection.query("SELECT hits FROM visits WHERE city = 'c7' AND day > '2026-03-01'");
      const [row] = await connection.query("SHOW SESSION STATUS LIKE 'Handler_read_rnd_next'");
      await connection.end();
      return Number(row.Value);
    };
    const before = await examined();
    await server.query(found?.recommendations[0]?.sql ?? '');
    const after = await examined();
    await server.query(found?.recommendations[0]?.rollback ?? '');
    expect(before).toBeGreaterThan(30_000);
    expect(after).toBeLessThan(100);
  });

  it('draws where the time went, the most first, beside what is worst', async () => {
    const { findings } = await check();
    const drawn = findings.filter(({ chart }) => chart !== undefined);
    expect(drawn).toHaveLength(1);
    expect(drawn[0]?.severity).toBe(findings[0]?.severity);
    const { title, unit, points = [] } = drawn[0]?.chart ?? {};
    expect({ title, unit }).toEqual({ title: 'Query time by pattern', unit: 's' });
    expect(points.map(({ label }) => label)).toContain('select visits');
    const times = points.map(({ values }) => values[0] ?? 0);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(times.length).toBeGreaterThan(1);
  });

  it('says why no index serves a pattern that begins with a wildcard', async () => {
    const report = await check();
    const found = report.findings.find(({ code }) => code === 'query.full_scan');
    expect(found?.recommendations[0]?.action).toMatch(/begins with a wildcard on city/);
  });

  it('shows no literal of any statement, and none of its own', async () => {
    const report = await check();
    expect(JSON.stringify(report)).not.toMatch(/'c7'|%x3|dbcheck:/);
  });

  it('takes schema, table and number of patterns from the question', async () => {
    expect((await check({ table: 'nothing_like_it' })).findings).toEqual([]);
    expect((await check({ max_patterns: 1, schema: 'shop' })).findings.length).toBeLessThanOrEqual(1);
  });

  it('says that there is nothing to compare with', async () => {
    const report = await check({ compare_to_previous: true });
    expect(report.findings.map(({ code }) => code)).toContain('query.no_comparison');
  });
});

describe('the predicates of a statement', () => {
  it.each([
    [
      'SELECT * FROM t WHERE a = 1 AND b > 2 ORDER BY c',
      { equal: ['a'], joined: [], range: ['b'], orderBy: ['c'], numeric: ['a', 'b'], unusable: [] },
    ],
    [
      'select x from `t` u where u.`a` in (1,2) and u.b between 1 and 2',
      { equal: ['a'], joined: [], range: ['b'], orderBy: [], numeric: ['a', 'b'], unusable: [] },
    ],
    [
      "SELECT * FROM t WHERE DATE(created) = '2026-01-01'",
      {
        equal: [],
        joined: [],
        range: [],
        orderBy: [],
        numeric: [],
        unusable: [{ column: 'created', why: 'function' }],
      },
    ],
    [
      "SELECT * FROM t WHERE name LIKE '%x' AND kind LIKE 'y%'",
      {
        equal: [],
        joined: [],
        range: ['kind'],
        orderBy: [],
        numeric: [],
        unusable: [{ column: 'name', why: 'leading wildcard' }],
      },
    ],
    ['SELECT 1', { equal: [], joined: [], range: [], orderBy: [], numeric: [], unusable: [] }],
  ])('of %s', (sql, expected) => {
    expect(readPredicates(sql)).toEqual(expected);
  });
});
