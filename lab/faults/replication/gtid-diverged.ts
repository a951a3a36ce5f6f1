import { defineFault } from '../fault.ts';
import { prove } from '../steps.ts';
import { channelStatus, onlyReplica, waitForChannel } from './replica.ts';

export const gtidDiverged = defineFault({
  id: 'gtid-diverged',
  title: 'The replica wrote a transaction of its own and now asks the primary for a position it never had',
  question: 'orders-replica-1 cannot connect with "error 1236", what does it mean?',
  replicas: [{}],
  about: 'replica',
  async inject(world) {
    const replica = onlyReplica(world);
    await replica.query('STOP SLAVE');
    await replica.query("UPDATE shop.customers SET city = 'errant' WHERE id = 1");
    await world.primary.query("UPDATE shop.orders SET note = 'goes on' WHERE id = 2");
    await replica.query('CHANGE MASTER TO MASTER_USE_GTID = current_pos');
    await replica.query('START SLAVE');
    await waitForChannel(replica, 'error 1236', (status) => Number(status['Last_IO_Errno']) === 1236);
    return {
      async gate() {
        const status = await channelStatus(replica);
        prove(Number(status['Last_IO_Errno']) === 1236, `Last_IO_Errno ${status['Last_IO_Errno']}`);
        return String(status['Last_IO_Error']).slice(0, 160);
      },
      async undo() {
        await replica.query('STOP SLAVE');
        await replica.query('CHANGE MASTER TO MASTER_USE_GTID = slave_pos');
        await replica.query('START SLAVE');
        await waitForChannel(replica, 'the IO thread', (status) => status['Slave_IO_Running'] === 'Yes');
      },
      expect: {
        required: [{ code: 'repl.gtid_diverged', subject: replica.name }],
        rootCause: { codes: ['repl.gtid_diverged', 'repl.errant_writes'], subject: replica.name },
        allowed: ['repl.errant_writes', 'repl.io_error', 'repl.stopped', 'incident.error_log'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
