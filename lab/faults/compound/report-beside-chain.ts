import { defineFault } from '../fault.ts';
import {
  endSessions,
  openSession,
  openTransaction,
  prove,
  rowLockWaits,
  startStatement,
  threadStates,
  waitFor,
  waitForRowLockWaits,
} from '../steps.ts';

export const reportBesideChain = defineFault({
  id: 'report-beside-chain',
  title: 'A long report runs and blocks nobody, while a quiet transaction blocks the checkout',
  question: 'checkout hangs, shall I kill that long report?',
  async inject({ primary }) {
    const report = startStatement(
      await openSession(primary),
      'SELECT SUM(LENGTH(SHA2(a.id * b.id, 512))) FROM customers a JOIN orders b JOIN products p',
    );
    await waitFor('the report to run for a few seconds', async () => {
      const [row] = await threadStates(primary, [report]);
      return Number(row?.TIME_MS) > 4000;
    });
    const root = await openTransaction(primary, ["UPDATE orders SET note = 'held' WHERE id = 900"]);
    const waiting = startStatement(await openSession(primary), "UPDATE orders SET status = 'paid' WHERE id = 900");
    await waitForRowLockWaits(primary, [waiting]);
    return {
      async gate() {
        const edges = (await rowLockWaits(primary)).map((edge) => edge.join('→'));
        prove(edges.includes(`${waiting.thread}→${root.thread}`), `waits: ${edges.join(', ') || 'none'}`);
        return `${edges.join(', ')}; ${report.subject} runs a report`;
      },
      undo: () => endSessions(primary, [report, root, waiting]),
      expect: {
        required: [{ code: 'lock.row_chain', subject: root.subject }],
        rootCause: { codes: ['lock.row_chain', 'tx.idle_in_transaction'], subject: root.subject },
        absent: [{ code: 'lock.row_chain', subject: report.subject }],
        allowed: ['tx.idle_in_transaction', 'tx.long_running', 'query.long_running', 'query.full_scan'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
