import { defineFault } from '../fault.ts';
import { prove } from '../steps.ts';
import { channelStatus, onlyReplica, waitForChannel, withoutBinaryLog } from './replica.ts';

export const replica1032 = defineFault({
  id: 'replica-1032',
  title: 'Somebody removed rows on the replica; the primary changes them and the SQL thread stops',
  question: 'the replica of orders-prod stopped applying, what is missing?',
  primary: { args: ['--binlog-format=ROW'] },
  replicas: [{}],
  about: 'replica',
  async inject(world) {
    const replica = onlyReplica(world);
    await withoutBinaryLog(replica, ['DELETE FROM shop.order_items WHERE order_id = 3']);
    await world.primary.query('UPDATE shop.order_items SET quantity = 9 WHERE order_id = 3');
    await waitForChannel(replica, 'the SQL thread to stop', (status) => status['Slave_SQL_Running'] === 'No');
    return {
      async gate() {
        const status = await channelStatus(replica);
        prove(Number(status['Last_SQL_Errno']) === 1032, `Last_SQL_Errno ${status['Last_SQL_Errno']}`);
        return `Last_SQL_Errno 1032: ${status['Last_SQL_Error']}`;
      },
      async undo() {
        await withoutBinaryLog(replica, ['INSERT INTO shop.order_items VALUES (3, 1, 6, 1, 5.5), (3, 2, 107, 2, 5.6)']);
        await replica.query('START SLAVE SQL_THREAD');
        await waitForChannel(replica, 'the SQL thread to run', (status) => status['Slave_SQL_Running'] === 'Yes');
      },
      expect: {
        required: [
          {
            code: 'repl.sql_error',
            subject: replica.name,
            facts: { errno: 1032, table: 'shop.order_items' },
            root: true,
          },
        ],
        rootCause: { codes: ['repl.sql_error'], subject: replica.name },
        allowed: ['incident.error_log'],
        effects: ['incident.error_log'],
        verdict: ['critical'],
      },
    };
  },
});

export const equalServerIds = defineFault({
  id: 'equal-server-ids',
  title: 'A replica was cloned with its configuration: it has the server_id of its primary',
  question: 'why does orders-replica-1 not replicate?',
  replicas: [{}],
  about: 'replica',
  async inject(world) {
    const replica = onlyReplica(world);
    await replica.query('STOP SLAVE');
    await replica.query('SET GLOBAL server_id = 1');
    await replica.query('START SLAVE');
    await waitForChannel(replica, 'the receiver to stop', (status) => Number(status['Last_IO_Errno']) > 0);
    return {
      async gate() {
        const status = await channelStatus(replica);
        prove(Number(status['Last_IO_Errno']) === 1593, `Last_IO_Errno ${status['Last_IO_Errno']}`);
        return `Last_IO_Errno 1593: ${status['Last_IO_Error']}`;
      },
      async undo() {
        await replica.query('STOP SLAVE');
        await replica.query('SET GLOBAL server_id = 2');
        await replica.query('START SLAVE');
        await waitForChannel(replica, 'the receiver to run', (status) => status['Slave_IO_Running'] === 'Yes');
      },
      expect: {
        required: [{ code: 'repl.io_error', subject: replica.name, facts: { errno: 1593 } }],
        rootCause: { codes: ['repl.io_error'], subject: replica.name },
        allowed: ['incident.error_log', 'repl.stopped'],
        verdict: ['critical'],
      },
    };
  },
});
