import { defineFault } from '../fault.ts';
import { endSessions, openTransaction, prove, transactionAge, waitForIdle } from '../steps.ts';

const ageSeconds = 11;

export const idleInTransaction = defineFault({
  id: 'idle-in-transaction',
  title: 'A session changed a row and forgot to commit; nobody waits yet',
  question: 'is somebody sitting on an open transaction?',
  ageSeconds,
  async inject({ primary }) {
    const idle = await openTransaction(primary, ["UPDATE orders SET note = 'later' WHERE id = 42"]);
    await waitForIdle(primary, idle, ageSeconds);
    return {
      async gate() {
        const age = await transactionAge(primary, idle.thread);
        prove(age !== undefined && age >= ageSeconds, `the transaction is ${age} s old`);
        return `${idle.subject} idle in a transaction of ${age?.toFixed(0)} s`;
      },
      undo: () => endSessions(primary, [idle]),
      expect: {
        required: [{ code: 'tx.idle_in_transaction', subject: idle.subject }],
        rootCause: { codes: ['tx.idle_in_transaction'], subject: idle.subject },
        allowed: ['tx.long_running'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
