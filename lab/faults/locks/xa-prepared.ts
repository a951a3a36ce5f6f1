import { defineFault } from '../fault.ts';
import {
  endSessions,
  openSession,
  openSessions,
  prove,
  startStatement,
  waitFor,
  waitForRowLockWaits,
} from '../steps.ts';

export const xaPrepared = defineFault({
  id: 'xa-prepared',
  title: 'A transaction coordinator died after XA PREPARE; the rows stay locked and no session holds them',
  question: 'an order cannot be updated, but I see nobody who blocks it?',
  async inject({ primary }) {
    const coordinator = await openSession(primary);
    await coordinator.connection.query("XA START 'payment-4711'");
    await coordinator.connection.query("UPDATE orders SET status = 'paid' WHERE id = 30");
    await coordinator.connection.query("XA END 'payment-4711'");
    await coordinator.connection.query("XA PREPARE 'payment-4711'");
    await endSessions(primary, [coordinator]);
    const waiting = await openSessions(primary, 2);
    for (const session of waiting) startStatement(session, "UPDATE orders SET status = 'sent' WHERE id = 30");
    await waitForRowLockWaits(primary, waiting);
    return {
      async gate() {
        const prepared = await primary.query<{ data: unknown }>('XA RECOVER');
        prove(
          prepared.some((row) => String(row.data) === 'payment-4711'),
          'no prepared transaction',
        );
        await waitForRowLockWaits(primary, waiting);
        return `XA RECOVER lists payment-4711; ${waiting.length} sessions wait for its rows`;
      },
      async undo() {
        await primary.query("XA ROLLBACK 'payment-4711'");
        await endSessions(primary, waiting);
        await waitFor('no prepared transaction', async () => (await primary.query('XA RECOVER')).length === 0);
      },
      expect: {
        required: [{ code: ['lock.row_chain', 'tx.xa_prepared'] }],
        rootCause: { codes: ['lock.row_chain', 'tx.xa_prepared'] },
        absent: waiting.map(({ subject }) => ({ code: 'lock.row_chain', subject })),
        allowed: ['tx.xa_prepared', 'lock.row_chain', 'query.long_running', 'tx.long_running'],
        verdict: ['degraded', 'critical'],
        notes: 'no thread can be killed: XA COMMIT or XA ROLLBACK ends it',
      },
    };
  },
});
