import { defineFault } from '../fault.ts';
import {
  endSessions,
  firstRow,
  openSessions,
  openTransaction,
  prove,
  rowLockWaits,
  startStatement,
  waitForIdle,
  waitForRowLockWaits,
} from '../steps.ts';

const ageSeconds = 11;

export const leakToOutage = defineFault({
  id: 'leak-to-outage',
  title: 'A forgotten transaction makes others wait until the connections run out',
  question: 'the whole shop is down, orders-prod is full, help',
  primary: { args: ['--max-connections=20'] },
  ageSeconds,
  async inject({ primary }) {
    const idle = await openTransaction(primary, ["UPDATE orders SET note = 'leaked' WHERE id = 77"]);
    const waiting = await openSessions(primary, 17);
    for (const session of waiting) startStatement(session, "UPDATE orders SET status = 'paid' WHERE id = 77");
    await waitForRowLockWaits(primary, waiting);
    await waitForIdle(primary, idle, ageSeconds);
    return {
      async gate() {
        const waits = await rowLockWaits(primary);
        const waiters = new Set(waits.map(([waiter]) => waiter));
        const { n } = await firstRow<{ n: number }>(
          primary,
          'SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST',
        );
        prove(waiters.size === 17, `${waiters.size} sessions wait`);
        prove(n === 19, `${n} of 20 connections`);
        return `17 sessions wait behind ${idle.subject}; ${n} of 20 connections with the one that asks`;
      },
      undo: () => endSessions(primary, [idle, ...waiting]),
      expect: {
        required: [
          { code: 'lock.row_chain', subject: idle.subject, facts: { waiters: 17 } },
          { code: 'conn.near_limit' },
        ],
        rootCause: { codes: ['lock.row_chain', 'tx.idle_in_transaction'], subject: idle.subject },
        effects: ['conn.near_limit'],
        allowed: ['tx.idle_in_transaction', 'tx.long_running', 'query.long_running', 'conn.storm'],
        verdict: ['critical'],
      },
    };
  },
});
