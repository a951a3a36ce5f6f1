import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { thresholdsFor } from '../../src/agents/thresholds.ts';
import type { ConnectionView } from '../../src/judgements/connection-view.ts';
import { judgeConnections } from '../../src/judgements/connections.ts';
import { checkAgents } from '../support/check.ts';
import { checkFault } from '../support/check-fault.ts';

const agent = ['connections'];

describe('connections agent, on broken servers', () => {
  it.each(['near-limit', 'exhausted', 'connection-storm', 'refused-logins', 'user-limit'])(
    'finds %s, names its root and nothing else',
    async (id) => {
      const { score } = await checkFault(id, agent, { windowSeconds: 1 });
      expect(score).toMatchObject({ strict: 1, rootAtOne: true, missing: [], extra: [] });
    },
  );
});

describe('connections agent, on one server', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer({ args: ['--max-connections=30'] });
  });
  afterAll(() => server?.stop());

  it('is silent at 70 % of the limit and says what it rests on', async () => {
    const pool = await Promise.all(Array.from({ length: 20 }, () => server.connect({ ...server.accounts.app })));
    await server.quiet();
    const report = await checkAgents([targetEntry(server)], agent);
    await Promise.all(pool.map((connection) => connection.end()));
    expect(report.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(report.verdict).toBe('healthy');
    expect(report.results[0]?.headline).toMatch(/^21 of 30 connections, \d+ running, peak \d+$/);
  });

  it('shows the arithmetic of the pool size', async () => {
    const report = await checkAgents([targetEntry(server)], agent);
    expect(report.findings[0]).toMatchObject({
      code: 'conn.pool_size',
      facts: { maxConnections: 30, usableConnections: 24 },
    });
  });
});

describe('the judgement of leaks', () => {
  const view = (accounts: ConnectionView['accounts']): ConnectionView => ({
    target: 't',
    counters: { windowSeconds: 2, uptimeSeconds: 9_999, first: {}, last: { Threads_connected: 50 }, ownStatements: 0 },
    maxConnections: 200,
    maxUserConnections: 0,
    accounts,
    limits: [],
    refused: undefined,
    thresholds: thresholdsFor({}),
    evidence: ['x1'],
  });
  const account = {
    user: 'leaky',
    client: '10.0.0.7',
    sessions: 50,
    sleeping: 40,
    long_sleeping: 40,
    longest_sleep_seconds: 90,
  };

  it('names account and client whose sessions mostly sleep for long', () => {
    expect(judgeConnections(view([account]))).toMatchObject([
      { code: 'conn.leak', subject: 'leaky@10.0.0.7', facts: { longSleeping: 40, sharePercent: 80 } },
    ]);
  });

  it('leaves a pool of twenty sleepers alone', () => {
    expect(judgeConnections(view([{ ...account, sessions: 20, sleeping: 20, long_sleeping: 20 }]))).toEqual([]);
  });

  it('leaves a large pool alone whose sessions work in turn', () => {
    expect(judgeConnections(view([{ ...account, sessions: 100, sleeping: 90, long_sleeping: 30 }]))).toEqual([]);
  });
});
