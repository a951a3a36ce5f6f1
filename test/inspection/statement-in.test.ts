import { describe, expect, it } from 'vitest';
import { statementIn } from '../../src/inspection/statement-in.ts';

const targets = ['orders-prod', 'billing-prod'];

describe('a message that asks for a statement to be run', () => {
  it.each([
    ['run: SELECT 1', 'SELECT 1'],
    ['run on orders-prod: select 1', 'select 1'],
    ['please run: DELETE FROM t', 'DELETE FROM t'],
    ['query billing-prod: SHOW PROCESSLIST', 'SHOW PROCESSLIST'],
    ['run SELECT COUNT(*) FROM mysql.db on orders-prod', 'SELECT COUNT(*) FROM mysql.db'],
    ['execute explain select 1', 'explain select 1'],
    ['```SELECT user\nFROM mysql.db```', 'SELECT user\nFROM mysql.db'],
    ['run this on orders-prod please\n```sql\nSHOW STATUS\n```', 'SHOW STATUS'],
    ['<@U012AB3CD> run ```SELECT 1```', 'SELECT 1'],
    ['`SHOW GLOBAL STATUS`', 'SHOW GLOBAL STATUS'],
    ['SELECT ‘a’ FROM dual;', "SELECT 'a' FROM dual;"],
    ['run: (SELECT 1) UNION (SELECT 2)', '(SELECT 1) UNION (SELECT 2)'],
    ['run: /* who */ SELECT 1', '/* who */ SELECT 1'],
  ])('%s', (message, sql) => {
    expect(statementIn(message, targets)?.sql).toBe(sql);
  });

  it('says where to run it', () => {
    expect(statementIn('run SELECT 1 on billing-prod', targets)?.rest).toContain('billing-prod');
    expect(statementIn('run on orders-prod: SELECT 1', targets)?.rest).toContain('orders-prod');
  });
});

describe('a message that only speaks of a statement', () => {
  it.each([
    'why is `SELECT * FROM orders` slow?',
    'why is this slow?\n```SELECT * FROM orders```',
    'select * from orders is slow since ten',
    'run a full health check of orders-prod',
    'run explain on the slow query',
    'run show me the slow queries',
    'who runs: anybody?',
    'show processlist',
    'what runs now',
    'explain the first one',
    '`orders-prod`',
    'run: it again',
    'run on crm-prod: SELECT 1',
    `run: SELECT '${'x'.repeat(30_000)}'`,
    '',
  ])('%s', (message) => {
    expect(statementIn(message, targets)).toBeUndefined();
  });
});
