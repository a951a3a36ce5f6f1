import { defineFault } from '../fault.ts';
import { endSessions, openSession, openSessions, prove, startStatement, threadStates, waitForState } from '../steps.ts';
import { metadataLocksInstrumented } from './instrument.ts';

export const userLock = defineFault({
  id: 'user-lock',
  title: 'A dead cron job still holds GET_LOCK and its successors queue behind it',
  question: 'the nightly jobs pile up, who holds them?',
  primary: { args: metadataLocksInstrumented },
  async inject({ primary }) {
    const holder = await openSession(primary);
    await holder.connection.query("SELECT GET_LOCK('nightly', 0)");
    const jobs = await openSessions(primary, 3);
    for (const job of jobs) startStatement(job, "SELECT GET_LOCK('nightly', 3600)");
    await waitForState(primary, jobs, 'User lock');
    return {
      async gate() {
        const stuck = (await threadStates(primary, jobs)).filter((row) => row.STATE === 'User lock');
        prove(stuck.length === 3, `${stuck.length} of 3 jobs wait`);
        return `3 jobs wait for the user lock of ${holder.subject}`;
      },
      undo: () => endSessions(primary, [holder, ...jobs]),
      expect: {
        required: [{ code: ['lock.user', 'lock.user_level', 'lock.mdl'], subject: holder.subject }],
        rootCause: { codes: ['lock.user', 'lock.user_level', 'lock.mdl'], subject: holder.subject },
        allowed: ['query.long_running'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
