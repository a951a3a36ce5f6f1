import { describe, expect, it } from 'vitest';
import { judgeLocks } from '../../src/judgements/locks.ts';
import { isPlainRead, type SessionView } from '../../src/judgements/sessions.ts';
import type { Transaction } from '../../src/probes/innodb-transactions.ts';
import type { Session } from '../../src/probes/processlist.ts';
import { correlate } from '../../src/report/correlate.ts';
import type { FindingDraft } from '../../src/report/finding.ts';
import { thresholds } from '../support/judge.ts';

function session(id: number, overrides: Partial<Session>): Session {
  return {
    id,
    user: 'app',
    host: '10.2.3.4',
    db: 'shop',
    command: 'Query',
    seconds: 20,
    state: null,
    info: null,
    stage: 0,
    max_stage: 0,
    progress: 0,
    examined_rows: 0,
    query_id: 100 + id,
    ...overrides,
  };
}

/** Thread 7 holds a row lock that thread 8 waits for. */
function blockedBy(holder: Partial<Session> | undefined, transaction: Partial<Transaction> = {}): SessionView {
  const trx: Transaction = {
    trx_id: '77',
    thread: 7,
    state: 'RUNNING',
    age_seconds: 20,
    waited_seconds: null,
    rows_locked: 500,
    rows_modified: 499,
    tables_locked: 1,
    ...transaction,
  };
  return {
    target: 'orders-prod',
    sessions: [
      ...(holder ? [session(7, holder)] : []),
      session(8, { info: 'UPDATE orders SET note = 1 WHERE id = 3' }),
    ],
    transactions: [trx],
    lockWaits: [
      {
        waiting_thread: 8,
        blocking_thread: 7,
        blocking_trx: '77',
        lock_table: '`shop`.`orders`',
        lock_index: 'PRIMARY',
        lock_mode: 'X',
        waited_seconds: 12,
        certain: true,
      },
    ],
    metadataLocks: [],
    historyLength: 0,
    readViews: [],
    thresholds,
    evidence: ['e1'],
  };
}

function actionsFor(view: SessionView) {
  const [finding] = judgeLocks(view);
  if (!finding) throw new Error('no lock was found');
  return finding.recommendations;
}

describe('what frees those who wait for row locks', () => {
  it('is the end of the connection where its statement only reads: the locks are of earlier statements', () => {
    const [first, ...more] = actionsFor(blockedBy({ info: '/* report */ SELECT SUM(total) FROM orders' }));
    expect(first).toMatchObject({ sql: 'KILL 7;', kill: { kind: 'connection', thread: 7 } });
    expect(first?.action).toContain('rolls back 499 rows');
    expect(more.map(({ sql }) => sql)).not.toContain('KILL QUERY 7;');
  });

  it('is the end of the statement where that statement writes', () => {
    const [first] = actionsFor(blockedBy({ info: 'UPDATE orders SET note = 2' }));
    expect(first).toMatchObject({ sql: 'KILL QUERY 7;', kill: { kind: 'query' } });
  });

  it('says how long a large rollback takes', () => {
    const [first] = actionsFor(blockedBy({ command: 'Sleep' }, { rows_modified: 250_000 }));
    expect(first?.action).toMatch(/rolls back 250000 rows, which takes about as long as changing them did$/);
  });

  it.each(["SELECT id FROM orders WHERE status = 'x' FOR UPDATE", 'SELECT id FROM orders LOCK IN SHARE MODE'])(
    'is the end of the statement where that reads with locks: %s',
    (info) => {
      expect(actionsFor(blockedBy({ info }))[0]?.sql).toBe('KILL QUERY 7;');
    },
  );

  it.each([
    ['killed', { command: 'Killed' }, {}],
    ['rolling back by itself', { info: 'ROLLBACK' }, { state: 'ROLLING BACK' }],
  ])('is time where the blocker is %s', (_, holder, transaction) => {
    const view = blockedBy(holder, transaction);
    const actions = actionsFor(view);
    expect(actions).toHaveLength(1);
    expect(actions[0]).toMatchObject({ risk: 'safe' });
    expect(actions[0]?.action).toMatch(/^Wait: thread 7 rolls back already, 499 rows/);
    expect(actions[0]?.sql).not.toContain('KILL');
    expect(judgeLocks(view)[0]?.summary).toContain('rolling back for 20 s');
  });

  it('is no KILL of a thread that is no client, such as the applier of replication', () => {
    const view = blockedBy(undefined);
    expect(actionsFor(view).map(({ sql }) => sql)).not.toContain('KILL 7;');
    expect(judgeLocks(view)[0]?.picture?.[0]).toBe('7  no client: the applier of replication, for example');
  });
});

describe('a critical wait', () => {
  it('stands before a replica that gets nothing: its victims are here and now', () => {
    const [lock] = judgeLocks(blockedBy({ command: 'Sleep' }));
    expect(lock?.severity).toBe('critical');
    const stopped = { code: 'repl.stopped', severity: 'critical', confidence: 'certain', impact: 100 } as const;
    const place = { agent: 'a', target: 't', subject: 'r', title: '', summary: '', facts: {}, evidence: [] };
    const { findings } = correlate([
      { ...place, ...stopped, recommendations: [] },
      { ...place, ...(lock as FindingDraft) },
    ]);
    expect(findings.map(({ code }) => code)).toEqual(['lock.row_chain', 'repl.stopped']);
  });
});

describe('a plain read', () => {
  it.each([
    'select 1',
    '(SELECT 1) UNION (SELECT 2)',
    "SELECT REPLACE(a, 'b', 'c') FROM t",
    'WITH a AS (SELECT 1) SELECT * FROM a',
    'SHOW TABLES',
  ])('is %s', (sql) => {
    expect(isPlainRead(sql)).toBe(true);
  });

  it.each(['WITH a AS (SELECT 1) DELETE FROM t', 'SELECT 1 /*! FOR UPDATE */', 'UPDATE t SET a = 1', 'CALL p()', ''])(
    'is not %s',
    (sql) => {
      expect(isPlainRead(sql)).toBe(false);
    },
  );

  it('is not mistaken for a write by a word in a string', () => {
    expect(isPlainRead("SELECT 'for update' FROM t")).toBe(true);
  });
});
