import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { globalStatus, openSession, prove, waitFor } from '../steps.ts';

export const abortedClients = defineFault({
  id: 'aborted-clients',
  title: 'Workers die without closing their connections, several a second',
  question: 'why do I see "Aborted connection" all over the error log?',
  async inject(world) {
    const { primary } = world;
    const worker = repeat(world, 100, async () => {
      const { connection } = await openSession(primary);
      await connection.query('SELECT 1');
      // An idle connection is dropped without the goodbye that `end` sends.
      connection.destroy();
    });
    const aborted = () => globalStatus(primary, 'Aborted_clients');
    await waitFor('30 aborted clients', async () => (await aborted()) >= 30);
    return {
      async gate() {
        const before = await aborted();
        await waitFor('one more', async () => (await aborted()) > before, 1500);
        prove(before >= 30, `${before} aborted clients`);
        return `${before} aborted clients and more every second`;
      },
      undo: () => worker.stop(),
      expect: {
        required: [{ code: 'conn.aborted' }],
        rootCause: { codes: ['conn.aborted'] },
        allowed: ['incident.error_log', 'conn.storm'],
      },
    };
  },
});
