import { defineFault } from '../fault.ts';
import { endSessions, openTransaction, prove, rowLockWaits, startStatement, waitForRowLockWaits } from '../steps.ts';

export const rowLockChain = defineFault({
  id: 'row-lock-chain',
  title: 'An idle transaction holds a row; a second waits for it and a third for the second',
  question: 'checkout hangs on orders-prod, who is blocking whom?',
  async inject({ primary }) {
    const root = await openTransaction(primary, ["UPDATE orders SET status = 'paid' WHERE id = 10"]);
    const middle = await openTransaction(primary, ["UPDATE orders SET status = 'sent' WHERE id = 11"]);
    startStatement(middle, "UPDATE orders SET status = 'sent' WHERE id = 10");
    await waitForRowLockWaits(primary, [middle]);
    const last = await openTransaction(primary, []);
    startStatement(last, "UPDATE orders SET status = 'packed' WHERE id = 11");
    await waitForRowLockWaits(primary, [middle, last]);
    return {
      async gate() {
        const edges = (await rowLockWaits(primary)).map((edge) => edge.join('→'));
        for (const edge of [`${middle.thread}→${root.thread}`, `${last.thread}→${middle.thread}`]) {
          prove(edges.includes(edge), `no wait ${edge} among ${edges.join(', ') || 'none'}`);
        }
        return `waits: ${edges.join(', ')}`;
      },
      undo: () => endSessions(primary, [root, middle, last]),
      expect: {
        required: [{ code: 'lock.row_chain', subject: root.subject, facts: { waiters: 2 } }],
        rootCause: { codes: ['lock.row_chain', 'tx.idle_in_transaction'], subject: root.subject },
        // All three are open transactions, and the first becomes an idle one with time.
        allowed: ['tx.idle_in_transaction', 'tx.long_running', 'query.long_running'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
