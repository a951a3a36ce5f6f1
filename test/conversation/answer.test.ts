import { describe, expect, it } from 'vitest';
import { answerFromContext } from '../../src/conversation/answer.ts';
import { referredTo, resolveReferences } from '../../src/conversation/references.ts';
import { finding, report } from '../support/reports.ts';

const incident = report({
  findings: [
    finding('f1', {
      facts: { idleSeconds: 312, waiters: 14, table: 'shop.orders' },
      picture: ['8412 idle', '└ 8420 waits'],
    }),
    finding('f2', {
      code: 'conn.near_limit',
      severity: 'warning',
      subject: 'orders-prod',
      title: 'Connections near their limit',
      summary: '143 of 150 connections are used.',
      facts: { usedPercent: 95 },
      evidence: ['e2'],
      recommendations: [],
      causedBy: ['f1'],
    }),
    finding('f3', {
      code: 'config.durability_relaxed',
      severity: 'info',
      subject: 'sync_binlog',
      title: 'A crash can lose commits',
      summary: 'sync_binlog is 0.',
      facts: { value: 0 },
      evidence: [],
      recommendations: [
        { action: 'Sync at commit', sql: 'SET GLOBAL sync_binlog = 1;', risk: 'safe', rollback: '= 0' },
      ],
    }),
  ],
  evidence: [
    {
      id: 'e2',
      probe: 'counters',
      target: 'orders-prod',
      sql: 'SHOW GLOBAL STATUS',
      takenAt: '2026-11-23T03:12:40.000Z',
      durationMs: 3,
      windowSeconds: 2,
      truncated: false,
      rows: [],
    },
  ],
});

describe('references', () => {
  it.each([
    ['tell me more about 2', ['f2']],
    ['explain the second one', ['f2']],
    ['finding 3 please', ['f3']],
    ['is 2 related to 1?', ['f2', 'f1']],
    ['the lock one', ['f1']],
    ['what about the connections', ['f2']],
    ['what does sync_binlog mean', ['f3']],
    ['who is thread 8412', ['f1']],
    ['show me that table', ['f1']],
    ['the last one', ['f3']],
    ['is orders-prod really that bad', []],
    ['what should I fix first', []],
    ['for 2 hours', []],
  ])('"%s" means %j', (text, ids) => {
    expect(resolveReferences(text, incident).map(({ id }) => id)).toEqual(ids);
  });
});

describe('answers from the last report', () => {
  it('tell of a finding what was measured, where from, what causes it', () => {
    const answer = answerFromContext('tell me more about 2', incident);
    expect(answer).toContain('2  Connections near their limit on orders-prod, 03:12:41 UTC');
    expect(answer).toContain('Measured: used 95 %');
    expect(answer).toContain('Caused by 1 (Idle transaction holds row locks).');
    expect(answer).toContain('Source: counters, 03:12:40 UTC, window 2 s, rows 0: SHOW GLOBAL STATUS');
  });

  it('show the picture and the action with its risk and way back', () => {
    const answer = answerFromContext('tell me more about the first one', incident);
    expect(answer).toContain('  └ 8420 waits');
    expect(answer).toContain('idle 5 min 12 s');
    expect(answer).toContain('  KILL 8412;\n  Risk: disruptive; way back: none: 1 changed row is rolled back');
  });

  it('name the root cause and its action where the order is asked for', () => {
    const answer = answerFromContext('which one should I fix first?', incident);
    expect(answer).toMatch(/^1 first: Idle transaction holds row locks · thread 8412/);
    expect(answer).toContain('It causes 2 (Connections near their limit).');
    expect(answer).toContain('KILL 8412;');
  });

  it('give statements alone where statements are asked for', () => {
    expect(answerFromContext('show me the sql for 3', incident)).toBe(
      '3  A crash can lose commits · sync_binlog on orders-prod\nDo: Sync at commit\n  SET GLOBAL sync_binlog = 1;\n  Risk: safe; way back: = 0',
    );
  });

  it('list all of them, those of a severity, or what could not be seen, where that is asked for', () => {
    expect(answerFromContext('anything else I should know', incident).split('\n')).toHaveLength(3);
    expect(answerFromContext('only the critical ones', incident)).toBe(
      ' 1  Idle transaction holds row locks · thread 8412 on orders-prod · critical',
    );
    expect(answerFromContext("what's your recommendation", incident)).toMatch(/^1 first: /);
    const gap = { code: 'coverage.x', agent: 'backup', target: 'orders-prod', summary: 'backups', fix: 'name a path' };
    expect(answerFromContext('what did you not check', { ...incident, coverage: [gap] })).toBe(
      'Could not see: backups. To see it: name a path',
    );
    expect(answerFromContext('what could you not see', incident)).toBe(
      'The last report saw all that its agents look at.',
    );
  });

  it('say whether two findings hang together', () => {
    expect(answerFromContext('is 2 related to 1?', incident)).toBe(
      '2 (Connections near their limit) is caused by 1 (Idle transaction holds row locks).',
    );
    expect(answerFromContext('is 3 related to 1?', incident)).toMatch(/^Nothing measured ties/);
  });

  it('say how many findings there are where a number has none', () => {
    expect(answerFromContext('explain finding 9', incident)).toMatch(
      /^The last report has 3 findings, no 9:\n 1 {2}Idle/,
    );
  });

  it('say when the report had nothing to tell', () => {
    expect(answerFromContext('more details', report({ findings: [], rootCauses: [], verdict: 'healthy' }))).toContain(
      'no finding (healthy, taken 03:12:41 UTC)',
    );
  });
});

describe('what a reference stands for', () => {
  const onReplica = finding('f4', { code: 'repl.lag', subject: 'orders-replica-1', target: 'orders-replica-1' });
  const slow = finding('f5', { code: 'query.full_scan', subject: 'ab12', facts: { table: 'shop.carts' } });
  const both = report({ findings: [...incident.findings, onReplica, slow] });

  it.each([
    ['explain the replica', ['f4']],
    ['tell me about that table', ['f1']],
    ['why that query?', ['f5']],
    ['what about that setting', ['f3']],
    ['the blocker', ['f1']],
    ['that thread', ['f1']],
  ])('"%s" is a finding', (text, ids) => {
    expect(resolveReferences(text, both).map(({ id }) => id)).toEqual(ids);
  });

  it.each([
    ['slow queries on that table', { table: 'shop.orders' }],
    ['what is that thread doing now', { thread: 8412 }],
    ['slow queries on the replica', { replica: 'orders-replica-1' }],
    ['slow queries', {}],
  ])('"%s" is a value for the next question', (text, meant) => {
    expect(referredTo(text, both)).toEqual(meant);
  });
});
