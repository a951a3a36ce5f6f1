import { defineFault } from '../fault.ts';
import {
  endSessions,
  openSessions,
  openTransaction,
  prove,
  rowLockWaits,
  startStatement,
  waitForRowLockWaits,
} from '../steps.ts';

export const twoChains = defineFault({
  id: 'two-chains',
  title: 'Two unrelated transactions block two unrelated groups of sessions',
  question: 'orders and stock updates both hang, is it the same problem?',
  async inject({ primary }) {
    const large = await openTransaction(primary, ["UPDATE orders SET note = 'x' WHERE id = 500"]);
    const small = await openTransaction(primary, ['UPDATE products SET stock = 1 WHERE id = 5']);
    const waitingLarge = await openSessions(primary, 5);
    const waitingSmall = await openSessions(primary, 2);
    for (const session of waitingLarge) startStatement(session, "UPDATE orders SET status = 'paid' WHERE id = 500");
    for (const session of waitingSmall) startStatement(session, 'UPDATE products SET stock = stock - 1 WHERE id = 5');
    const waiting = [...waitingLarge, ...waitingSmall];
    await waitForRowLockWaits(primary, waiting);
    return {
      async gate() {
        const waiters = new Set((await rowLockWaits(primary)).map(([waiter]) => waiter));
        prove(waiters.size === 7, `${waiters.size} sessions wait`);
        return `5 sessions wait behind ${large.subject}, 2 behind ${small.subject}`;
      },
      undo: () => endSessions(primary, [large, small, ...waiting]),
      expect: {
        required: [
          { code: 'lock.row_chain', subject: large.subject, facts: { waiters: 5 }, root: true },
          { code: 'lock.row_chain', subject: small.subject, facts: { waiters: 2 }, root: true },
        ],
        rootCause: { codes: ['lock.row_chain', 'tx.idle_in_transaction'], subject: large.subject },
        allowed: ['tx.idle_in_transaction', 'tx.long_running', 'query.long_running'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
