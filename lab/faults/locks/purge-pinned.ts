import { defineFault } from '../fault.ts';
import { endSessions, globalStatus, openSession, prove, transactionAge, waitForIdle } from '../steps.ts';

const ageSeconds = 11;
const changes = 150_000;

export const purgePinned = defineFault({
  id: 'purge-pinned',
  title: 'A read-only snapshot stays open while a busy table changes; the history list grows and grows',
  question: 'undo keeps growing on orders-prod, what holds the purge back?',
  ageSeconds,
  async inject({ primary }) {
    const reader = await openSession(primary);
    await reader.connection.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await reader.connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    await reader.connection.query('SELECT COUNT(*) FROM products');
    // Many small transactions, each a link of the history list. Written without waiting for the disk, to be quick.
    const writer = await primary.connect({ database: 'shop', initSql: 'SET SESSION sql_log_bin = OFF' });
    await writer.query('SET GLOBAL innodb_flush_log_at_trx_commit = 0');
    await writer.query(
      `BEGIN NOT ATOMIC DECLARE n INT DEFAULT 0;
       WHILE n < ${changes} DO
         UPDATE products SET stock = stock + 1 WHERE id = 1 + n % 500; SET n = n + 1;
       END WHILE; END`,
    );
    await writer.query('SET GLOBAL innodb_flush_log_at_trx_commit = 1');
    await writer.end();
    await waitForIdle(primary, reader, ageSeconds);
    return {
      async gate() {
        const length = await globalStatus(primary, 'Innodb_history_list_length');
        const age = await transactionAge(primary, reader.thread);
        prove(length >= changes / 2 && age !== undefined, `history list length ${length}, snapshot ${age} s old`);
        return `history list length ${length}, pinned by ${reader.subject}`;
      },
      undo: () => endSessions(primary, [reader]),
      expect: {
        required: [{ code: ['tx.purge_blocked', 'tx.idle_in_transaction'], subject: reader.subject }],
        rootCause: { codes: ['tx.purge_blocked', 'tx.idle_in_transaction'], subject: reader.subject },
        allowed: ['tx.purge_blocked', 'tx.idle_in_transaction', 'tx.long_running'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
