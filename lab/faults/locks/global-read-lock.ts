import { defineFault } from '../fault.ts';
import { endSessions, openSession, openSessions, prove, startStatement, threadStates, waitForState } from '../steps.ts';
import { metadataLocksInstrumented } from './instrument.ts';

export const globalReadLock = defineFault({
  id: 'global-read-lock',
  title: 'A backup script left FLUSH TABLES WITH READ LOCK behind; no write gets through',
  question: 'all writes hang on orders-prod but reads work, what happened?',
  primary: { args: metadataLocksInstrumented },
  async inject({ primary }) {
    const script = await openSession(primary, primary.accounts.root);
    await script.connection.query('FLUSH TABLES WITH READ LOCK');
    const writers = await openSessions(primary, 4);
    for (const [index, writer] of writers.entries()) {
      startStatement(writer, `UPDATE orders SET note = 'blocked' WHERE id = ${index + 1}`);
    }
    await waitForState(primary, writers, 'backup lock');
    return {
      async gate() {
        const stuck = (await threadStates(primary, writers)).filter((row) => row.STATE.includes('backup lock'));
        prove(stuck.length === 4, `${stuck.length} of 4 writers wait`);
        return `4 writers wait for the backup lock, held by ${script.subject}`;
      },
      undo: () => endSessions(primary, [script, ...writers]),
      expect: {
        required: [{ code: ['lock.table', 'lock.mdl'], subject: script.subject }],
        rootCause: { codes: ['lock.table', 'lock.mdl'], subject: script.subject },
        allowed: ['query.long_running', 'tx.long_running'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
