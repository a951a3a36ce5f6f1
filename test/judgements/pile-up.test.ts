import { describe, expect, it } from 'vitest';
import { judgePileUps } from '../../src/judgements/pile-up.ts';
import type { SessionView } from '../../src/judgements/sessions.ts';
import type { Session } from '../../src/probes/processlist.ts';
import { correlate } from '../../src/report/correlate.ts';
import { thresholds } from '../support/judge.ts';

function session(id: number, overrides: Partial<Session>): Session {
  return {
    id,
    user: 'app',
    host: '10.2.3.4',
    db: 'shop',
    command: 'Query',
    seconds: 20 + id,
    state: 'Sending data',
    info: `SELECT COUNT(*) FROM orders WHERE total > ${id}`,
    stage: 0,
    max_stage: 0,
    progress: 0,
    examined_rows: 1_000,
    query_id: 100 + id,
    ...overrides,
  };
}

function judged(count: number, overrides: Partial<Session> = {}, view: Partial<SessionView> = {}) {
  return judgePileUps({
    target: 'orders-prod',
    sessions: Array.from({ length: count }, (_, at) => session(at + 1, overrides)),
    transactions: [],
    lockWaits: [],
    metadataLocks: undefined,
    historyLength: undefined,
    readViews: undefined,
    thresholds,
    evidence: ['e1'],
    ...view,
  });
}

describe('sessions in one statement', () => {
  it('are one finding with the longest of them, whatever their literals are', () => {
    const [finding, ...others] = judged(8);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      code: 'query.pile_up',
      severity: 'warning',
      facts: { sessions: 8, longestSeconds: 28, shortestSeconds: 21, examinedRows: 8_000, table: 'shop.orders' },
    });
    expect(finding?.recommendations.map(({ sql }) => sql)).toEqual(['SHOW EXPLAIN FOR 8;', 'KILL QUERY 8;', undefined]);
  });

  it.each<[string, number, Partial<Session>]>([
    ['fewer of them', 7, {}],
    ['a short statement that many run', 200, { seconds: 0.2 }],
    ['a pool asleep', 200, { command: 'Sleep', info: null }],
    ['those that wait for a lock', 20, { state: 'Waiting for table metadata lock' }],
    ['workers that sleep by SELECT SLEEP()', 20, { state: 'User sleep' }],
  ])('are none for %s', (_, count, overrides) => {
    expect(judged(count, overrides)).toEqual([]);
  });

  it('are caused by the index that their table lacks, and cause full connections', () => {
    const [found] = judged(8);
    if (!found) throw new Error('nothing was found');
    const place = { agent: 'running_query', target: 'orders-prod' } as const;
    const other = (code: string, subject: string) => ({ ...found, ...place, code, subject, facts: {} });
    const { findings } = correlate([
      other('conn.near_limit', 'orders-prod'),
      { ...found, ...place },
      other('query.missing_index', 'shop.orders'),
    ]);
    expect(findings.map(({ code, causedBy }) => [code, causedBy.length])).toEqual([
      ['query.missing_index', 0],
      ['query.pile_up', 1],
      ['conn.near_limit', 1],
    ]);
  });
});
