import { defineFault } from '../fault.ts';
import { endSessions, openSession, openSessions, prove, startStatement, threadStates, waitForState } from '../steps.ts';
import { metadataLocksInstrumented } from './instrument.ts';

export const tableLock = defineFault({
  id: 'table-lock',
  title: 'A maintenance script did LOCK TABLES … WRITE and hangs; everybody else waits',
  question: 'nothing gets past the products table, why?',
  primary: { args: metadataLocksInstrumented },
  async inject({ primary }) {
    const script = await openSession(primary);
    await script.connection.query('LOCK TABLES products WRITE');
    const waiting = await openSessions(primary, 5);
    for (const session of waiting) startStatement(session, 'SELECT price FROM products WHERE id = 9');
    await waitForState(primary, waiting, 'metadata lock');
    return {
      async gate() {
        const stuck = (await threadStates(primary, waiting)).filter((row) => row.STATE.includes('metadata lock'));
        prove(stuck.length === 5, `${stuck.length} of 5 wait`);
        return `5 threads wait for shop.products, locked by ${script.subject}`;
      },
      undo: () => endSessions(primary, [script, ...waiting]),
      expect: {
        required: [{ code: ['lock.table', 'lock.mdl'], subject: script.subject }],
        rootCause: { codes: ['lock.table', 'lock.mdl'], subject: script.subject },
        allowed: ['query.long_running', 'tx.long_running'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
