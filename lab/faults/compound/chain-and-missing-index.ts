import { createBigTable } from '../../mariadb/shop.ts';
import { defineFault } from '../fault.ts';
import {
  endSessions,
  openSession,
  openTransaction,
  prove,
  rowLockWaits,
  startStatement,
  waitForRowLockWaits,
} from '../steps.ts';

export const chainAndMissingIndex = defineFault({
  id: 'chain-and-missing-index',
  title: 'A lock chain on orders and, without any connection to it, a missing index on another table',
  question: 'orders-prod is slow in several places, what are the causes?',
  primary: { args: ['--long-query-time=0.02'] },
  async inject({ primary }) {
    const setup = await primary.connect({ initSql: 'SET SESSION slow_query_log = OFF' });
    await createBigTable(setup, 200_000, 'shop.search_log');
    await setup.end();
    const application = await openSession(primary);
    for (let turn = 0; turn < 40; turn++) {
      await application.connection.query('SELECT id FROM search_log WHERE v = ?', [turn * 41]);
    }
    await application.connection.end();
    const root = await openTransaction(primary, ["UPDATE orders SET note = 'held' WHERE id = 60"]);
    const waiting = startStatement(await openSession(primary), "UPDATE orders SET status = 'paid' WHERE id = 60");
    await waitForRowLockWaits(primary, [waiting]);
    return {
      async gate() {
        const edges = (await rowLockWaits(primary)).map((edge) => edge.join('→'));
        prove(edges.includes(`${waiting.thread}→${root.thread}`), `waits: ${edges.join(', ') || 'none'}`);
        const [plan] = await primary.query<{ type: string }>('EXPLAIN SELECT id FROM shop.search_log WHERE v = 1');
        prove(plan?.type === 'ALL', `access ${plan?.type}`);
        return `${edges.join(', ')}; shop.search_log is read as a whole for each value of v`;
      },
      async undo() {
        await endSessions(primary, [root, waiting]);
        await primary.query('DROP TABLE shop.search_log');
      },
      expect: {
        required: [
          { code: 'lock.row_chain', subject: root.subject, root: true },
          { code: 'query.missing_index', subject: 'shop.search_log', facts: { column: 'v' }, root: true },
        ],
        // Neither explains the other, and which hurts more is a matter of taste.
        rootCause: { codes: ['lock.row_chain', 'tx.idle_in_transaction', 'query.missing_index'] },
        allowed: [
          'tx.idle_in_transaction',
          'tx.long_running',
          'query.long_running',
          'query.full_scan',
          'query.slow_pattern',
          'query.new_pattern',
        ],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
