import { defineFault } from '../fault.ts';
import { prove } from '../steps.ts';
import { channelStatus, onlyReplica } from './replica.ts';

export const replicaStopped = defineFault({
  id: 'replica-stopped',
  title: 'Somebody stopped the SQL thread and forgot it; no error is recorded',
  question: 'the reports show old orders, does replication still work?',
  replicas: [{}],
  async inject(world) {
    const replica = onlyReplica(world);
    await replica.query('STOP SLAVE SQL_THREAD');
    await world.primary.query("UPDATE shop.orders SET note = 'not seen' WHERE id = 3");
    return {
      async gate() {
        const { Slave_SQL_Running: sql, Slave_IO_Running: io, Last_SQL_Errno: errno } = await channelStatus(replica);
        prove(sql === 'No' && io === 'Yes' && Number(errno) === 0, `SQL ${sql}, IO ${io}, errno ${errno}`);
        return 'Slave_SQL_Running No, Slave_IO_Running Yes, no error';
      },
      undo: async () => void (await replica.query('START SLAVE SQL_THREAD')),
      expect: {
        required: [{ code: 'repl.stopped', subject: replica.name }],
        rootCause: { codes: ['repl.stopped'], subject: replica.name },
        allowed: ['repl.lag'],
        verdict: ['degraded', 'critical'],
        notes: 'the question is about the primary; its replicas must be asked',
      },
    };
  },
});
