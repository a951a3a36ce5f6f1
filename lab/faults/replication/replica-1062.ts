import { defineFault } from '../fault.ts';
import { prove } from '../steps.ts';
import { channelStatus, onlyReplica, waitForChannel, withoutBinaryLog } from './replica.ts';

const row = "INSERT INTO shop.customers VALUES (5000, 'new@example.com', 'New', 'Berlin', '2026-01-01')";

export const replica1062 = defineFault({
  id: 'replica-1062',
  title: 'Somebody inserted a row on the replica; the same row from the primary stops the SQL thread',
  question: 'replication stopped on orders-replica-1, why?',
  replicas: [{}],
  about: 'replica',
  async inject(world) {
    const replica = onlyReplica(world);
    await withoutBinaryLog(replica, [row]);
    await world.primary.query(row);
    await waitForChannel(replica, 'the SQL thread to stop', (status) => status['Slave_SQL_Running'] === 'No');
    return {
      async gate() {
        const status = await channelStatus(replica);
        prove(Number(status['Last_SQL_Errno']) === 1062, `Last_SQL_Errno ${status['Last_SQL_Errno']}`);
        return `Last_SQL_Errno 1062: ${status['Last_SQL_Error']}`;
      },
      async undo() {
        await withoutBinaryLog(replica, ['DELETE FROM shop.customers WHERE id = 5000']);
        await replica.query('START SLAVE SQL_THREAD');
        await waitForChannel(replica, 'the SQL thread to go on', (status) => Number(status['Last_SQL_Errno']) === 0);
      },
      expect: {
        required: [{ code: 'repl.sql_error', subject: replica.name, facts: { errno: 1062 } }],
        rootCause: { codes: ['repl.sql_error'], subject: replica.name },
        allowed: ['repl.stopped', 'repl.lag', 'incident.error_log'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
