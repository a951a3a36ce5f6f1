import type { Finding } from '../../src/report/finding.ts';

const base = { agent: 'running_query', target: 'orders-prod', confidence: 'certain', evidence: [] } as const;
/** What is true in the evals: a blocker, its consequence, and something that has nothing to do with them. */
export const findings: readonly Finding[] = [
  {
    ...base,
    id: 'f1',
    code: 'lock.row_chain',
    severity: 'critical',
    subject: 'thread 8412',
    title: 'Idle transaction holds row locks',
    summary:
      'Thread 8412 (app@10.2.3.4) is idle in a transaction for 312 s; 14 sessions wait for its row locks on shop.orders.',
    facts: { waiters: 14, waitedSeconds: 290, idleSeconds: 312, table: 'shop.orders' },
    causedBy: [],
    recommendations: [
      { action: 'End thread 8412', sql: 'KILL 8412;', risk: 'disruptive', rollback: 'rolls back 1 row' },
    ],
  },
  {
    ...base,
    id: 'f2',
    code: 'conn.near_limit',
    severity: 'warning',
    subject: 'orders-prod',
    title: 'Connections near their limit',
    summary: '143 of 150 connections are in use (95 %).',
    facts: { usedConnections: 143, maxConnections: 150, usedPercent: 95.3 },
    causedBy: ['f1'],
    recommendations: [],
  },
  {
    ...base,
    id: 'f3',
    code: 'schema.no_primary_key',
    severity: 'warning',
    subject: 'shop.audit',
    title: 'Table without a primary key',
    summary: 'shop.audit has 20000 rows and no primary key.',
    confidence: 'likely',
    facts: { rows: 20000 },
    causedBy: [],
    recommendations: [],
  },
];

/** What each lie is, its sentence, and the findings that it cites. */
export const lies: readonly (readonly [string, string, readonly string[]])[] = [
  ['a wrong count', 'Thread 8412 blocks 41 sessions.', ['f1']],
  ['a number with another unit', 'The sessions wait for 14 minutes.', ['f1']],
  ['a number of another finding', '143 sessions wait for thread 8412.', ['f1']],
  ['a number in words', 'Fifty sessions wait for thread 8412.', ['f1']],
  ['an invented thread', 'Thread 9999 holds the locks.', ['f1']],
  ['an invented table', 'The locks are on shop.payments.', ['f1']],
  ['an invented account', 'The session belongs to root@localhost.', ['f1']],
  ['an invented statement', 'Run SET GLOBAL max_connections = 150 now.', ['f2']],
  ['an order nobody gave', 'Restart the server to free the 143 connections.', ['f2']],
  ['a promotion', 'Promote a standby at once.', ['f1']],
  ['an invented cause', 'The table without a primary key caused the 14 sessions to wait.', ['f1', 'f3']],
  ['a foreign culprit', 'The network is slow.', ['f1']],
  ['a healthy verdict', 'Everything is healthy now.', ['f1']],
  ['an all-clear', 'There are no problems here.', ['f1']],
  ['a denial', 'The row locks are not held by thread 8412.', ['f1']],
  ['a safety promise', 'Ending thread 8412 is safe.', ['f1']],
  ['false certainty', 'The table certainly has 20000 rows.', ['f3']],
  ['a raised severity', 'This is critical: 143 of 150 connections.', ['f2']],
  ['a finding that does not exist', '14 sessions wait.', ['f9']],
  ['no citation at all', '14 sessions wait.', []],
  ['a link', 'See https://example.test for thread 8412.', ['f1']],
  ['a mention', '<!channel> thread 8412 holds row locks.', ['f1']],
  ['a person', 'Ask @dba about thread 8412.', ['f1']],
  ['a host', 'Thread 8412 comes from 10.9.9.9.', ['f1']],
  ['a hidden character', 'Thread 8412\u200b holds row locks.', ['f1']],
  ['another server', 'orders-replica-7 waits for thread 8412.', ['f1']],
];

/** What the findings say; each citation is right. */
export const truths: readonly (readonly [string, readonly string[]])[] = [
  ['Thread 8412 holds row locks on shop.orders and 14 sessions wait for it.', ['f1']],
  ['It has been idle for 312 seconds.', ['f1']],
  ['Fourteen sessions wait.', ['f1']],
  ['The row locks of thread 8412 led to 143 of 150 connections in use.', ['f1', 'f2']],
  ['About 95 % of the connections are in use.', ['f2']],
  ['End thread 8412 first; it rolls back 1 row.', ['f1']],
];
