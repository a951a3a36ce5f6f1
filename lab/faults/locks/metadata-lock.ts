import { defineFault } from '../fault.ts';
import {
  endSessions,
  openSessions,
  openTransaction,
  prove,
  startStatement,
  threadStates,
  waitForState,
} from '../steps.ts';

export const metadataLock = defineFault({
  id: 'metadata-lock',
  title: 'A forgotten reader keeps an ALTER waiting, and the ALTER keeps every later query waiting',
  question: 'everything on customers is stuck since the migration started, what is going on?',
  async inject({ primary }) {
    const reader = await openTransaction(primary, ['SELECT COUNT(*) FROM customers']);
    const [migration, ...queries] = await openSessions(primary, 8);
    if (!migration) throw new Error('no session');
    const waiting = [migration, ...queries];
    startStatement(migration, 'ALTER TABLE customers ADD COLUMN phone VARCHAR(20)');
    await waitForState(primary, [migration], 'metadata lock');
    for (const query of queries) startStatement(query, 'SELECT name FROM customers WHERE id = 7');
    await waitForState(primary, waiting, 'metadata lock');
    return {
      async gate() {
        const states = await threadStates(primary, waiting);
        const stuck = states.filter((row) => row.STATE === 'Waiting for table metadata lock');
        prove(stuck.length === waiting.length, `${stuck.length} of ${waiting.length} threads wait`);
        return `${stuck.length} threads wait for the metadata lock of shop.customers, held by ${reader.subject}`;
      },
      undo: () => endSessions(primary, [reader, ...waiting]),
      expect: {
        required: [{ code: 'lock.mdl', subject: reader.subject }],
        rootCause: { codes: ['lock.mdl', 'tx.idle_in_transaction'], subject: reader.subject },
        allowed: ['tx.idle_in_transaction', 'tx.long_running', 'query.long_running'],
        verdict: ['degraded', 'critical'],
        notes: `the waiting ALTER (${migration.subject}) is a victim`,
      },
    };
  },
});
