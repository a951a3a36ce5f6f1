import { defineFault } from '../fault.ts';
import { firstRow, prove } from '../steps.ts';
import { onlyReplica } from './replica.ts';

export const errantWrites = defineFault({
  id: 'errant-writes',
  title: 'The replica is writable and somebody wrote to it; replication still runs',
  question: 'are orders-prod and its replica the same?',
  replicas: [{ args: ['--read-only=OFF'] }],
  about: 'replica',
  async inject(world) {
    const replica = onlyReplica(world);
    await replica.query("UPDATE shop.customers SET city = 'errant' WHERE id BETWEEN 1 AND 20");
    return {
      async gate() {
        const { state, writable } = await firstRow<{ state: string; writable: number }>(
          replica,
          'SELECT @@gtid_binlog_state AS state, NOT @@read_only AS writable',
        );
        prove(/(^|,)0-2-/.test(state) && writable === 1, `gtid_binlog_state ${state}`);
        return `gtid_binlog_state ${state} holds writes of server 2; read_only = OFF`;
      },
      async undo() {
        await replica.query('STOP SLAVE');
        await replica.query('RESET MASTER');
        await replica.query('SET GLOBAL read_only = ON');
        await replica.query('START SLAVE');
      },
      expect: {
        required: [
          { code: 'repl.errant_writes', subject: replica.name },
          { code: 'repl.replica_writable', subject: replica.name },
        ],
        rootCause: { codes: ['repl.errant_writes', 'repl.replica_writable'], subject: replica.name },
      },
    };
  },
});
