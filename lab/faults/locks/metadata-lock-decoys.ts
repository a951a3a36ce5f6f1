import { defineFault } from '../fault.ts';
import {
  endSessions,
  firstRow,
  openSessions,
  openTransaction,
  prove,
  startStatement,
  threadStates,
  waitForState,
} from '../steps.ts';
import { metadataLocksInstrumented } from './instrument.ts';

export const metadataLockDecoys = defineFault({
  id: 'metadata-lock-decoys',
  title: 'An ALTER waits for one transaction while older, innocent ones are open; the metadata lock instrument is on',
  question: 'the ALTER on products does not start, which session do I have to end?',
  primary: { args: metadataLocksInstrumented },
  async inject({ primary }) {
    const decoys = [
      await openTransaction(primary, ['SELECT COUNT(*) FROM customers']),
      await openTransaction(primary, ["UPDATE orders SET note = 'decoy' WHERE id = 3"]),
    ];
    const holder = await openTransaction(primary, ['SELECT name FROM products WHERE id = 1']);
    const [migration, ...queries] = await openSessions(primary, 4);
    if (!migration) throw new Error('no session');
    const waiting = [migration, ...queries];
    startStatement(migration, 'ALTER TABLE products ADD COLUMN weight INT');
    await waitForState(primary, [migration], 'metadata lock');
    for (const query of queries) startStatement(query, 'SELECT price FROM products WHERE id = 2');
    await waitForState(primary, waiting, 'metadata lock');
    return {
      async gate() {
        const states = await threadStates(primary, waiting);
        prove(
          states.every((row) => row.STATE === 'Waiting for table metadata lock'),
          'not all of them wait',
        );
        const { holders } = await firstRow<{ holders: string }>(
          primary,
          `SELECT GROUP_CONCAT(DISTINCT t.PROCESSLIST_ID) AS holders FROM performance_schema.metadata_locks l
           JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID
           WHERE l.OBJECT_NAME = 'products' AND l.LOCK_STATUS = 'GRANTED' AND l.LOCK_DURATION = 'TRANSACTION'
             AND l.LOCK_TYPE = 'SHARED_READ'`,
        );
        prove(holders === String(holder.thread), `holders of shop.products: ${holders}`);
        return `${waiting.length} threads wait for shop.products, held by ${holder.subject} alone`;
      },
      undo: () => endSessions(primary, [...decoys, holder, ...waiting]),
      expect: {
        required: [{ code: 'lock.mdl', subject: holder.subject }],
        rootCause: { codes: ['lock.mdl', 'tx.idle_in_transaction'], subject: holder.subject },
        absent: decoys.map(({ subject }) => ({ code: 'lock.mdl', subject })),
        allowed: ['tx.idle_in_transaction', 'tx.long_running', 'query.long_running'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
