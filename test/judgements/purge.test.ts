import { describe, expect, it } from 'vitest';
import { openSession, openTransaction, transactionAge, waitFor } from '../../lab/faults/steps.ts';
import { startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { readViewsIn } from '../../src/probes/innodb-read-views.ts';
import { checkAgents } from '../support/check.ts';

describe('what holds the purge back', () => {
  it('is the oldest read view, not an older transaction that has none', async () => {
    const server = await startServer();
    try {
      const committed = await openSession(server);
      await committed.connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
      await committed.connection.query('START TRANSACTION');
      await committed.connection.query('SELECT COUNT(*) FROM products');
      await waitFor('its age', async () => ((await transactionAge(server, committed.thread)) ?? 0) >= 2);
      const snapshot = await openTransaction(server, ['SELECT COUNT(*) FROM products']);
      const writer = await server.connect({ database: 'shop' });
      await writer.query(
        `BEGIN NOT ATOMIC DECLARE n INT DEFAULT 0;
         WHILE n < 3000 DO UPDATE products SET stock = stock + 1 WHERE id = 1 + n % 500; SET n = n + 1; END WHILE; END`,
      );
      await waitFor('its age', async () => ((await transactionAge(server, snapshot.thread)) ?? 0) >= 2);
      const entry = targetEntry(server, { thresholds: { historyListLength: 1_500 } });
      const report = await checkAgents([entry], ['running_query']);
      expect(report.findings.filter(({ code }) => code.startsWith('tx.'))).toMatchObject([
        { code: 'tx.purge_blocked', subject: snapshot.subject, confidence: 'certain' },
      ]);
    } finally {
      await server.stop();
    }
  });

  it('is read from the monitor by thread, oldest first', () => {
    const status = [
      '---TRANSACTION (0x7fd6f00a5d80), ACTIVE 9 sec',
      'MariaDB thread id 11, OS thread handle 131764570007232, query id 31 localhost app ',
      'Trx read view will not see trx with id >= 62, sees < 56',
      '---TRANSACTION 60, ACTIVE 0 sec starting index read',
      'MariaDB thread id 10, OS thread handle 131764570314432, query id 27 localhost app Updating',
      '---TRANSACTION (0x7fd6f00a2680), ACTIVE 90 sec',
      'MariaDB thread id 8, OS thread handle 131764570928832, query id 19 localhost app ',
      'Trx read view will not see trx with id >= 40, sees < 39',
    ].join('\n');
    expect(readViewsIn(status)).toEqual([
      { thread: 8, seesBelow: 39 },
      { thread: 11, seesBelow: 56 },
    ]);
  });
});
