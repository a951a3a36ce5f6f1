import { defineFault } from '../fault.ts';
import { endSessions, openSessions, openTransaction, prove, rowLockWaits, startStatement, waitFor } from '../steps.ts';

export const readingBlocker = defineFault({
  id: 'reading-blocker',
  title: 'A transaction has changed rows and now computes a report; three sessions wait for those rows',
  question: 'updates of orders hang on orders-prod, who holds them?',
  async inject({ primary }) {
    const root = await openTransaction(primary, ["UPDATE orders SET note = 'counted' WHERE id < 500"]);
    startStatement(root, 'SELECT SUM(LENGTH(SHA2(a.id * b.id, 512))) FROM customers a JOIN orders b JOIN products p');
    const waiting = await openSessions(primary, 3);
    for (const session of waiting) startStatement(session, "UPDATE orders SET note = 'late' WHERE id = 10");
    const behindRoot = async (): Promise<number> =>
      (await rowLockWaits(primary)).filter(([, blocking]) => blocking === root.thread).length;
    await waitFor('three waits', async () => (await behindRoot()) === 3);
    return {
      async gate() {
        const waits = await behindRoot();
        prove(waits === 3, `${waits} sessions wait for ${root.subject}`);
        return `3 sessions wait for ${root.subject}, which runs a SELECT`;
      },
      undo: () => endSessions(primary, [root, ...waiting]),
      expect: {
        required: [{ code: 'lock.row_chain', subject: root.subject, facts: { waiters: 3, rowsModified: 499 } }],
        rootCause: { codes: ['lock.row_chain'], subject: root.subject },
        allowed: ['query.long_running', 'tx.long_running'],
        verdict: ['degraded', 'critical'],
        notes: 'KILL QUERY frees nobody: the locks are of the statement before',
      },
    };
  },
});
