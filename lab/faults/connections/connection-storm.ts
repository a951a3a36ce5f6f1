import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { globalStatus, openSession, prove } from '../steps.ts';

export const connectionStorm = defineFault({
  id: 'connection-storm',
  title: 'An application without a pool opens a connection per query, more than a hundred a second',
  question: 'the load on orders-prod is high but no query is slow, what is it?',
  async inject(world) {
    const { primary } = world;
    const clients = Array.from({ length: 6 }, () =>
      repeat(world, 0, async (turn) => {
        const { connection } = await openSession(primary);
        await connection.query('SELECT status FROM orders WHERE id = ?', [turn + 1]);
        await connection.end();
      }),
    );
    return {
      async gate() {
        const begun = performance.now();
        const before = await globalStatus(primary, 'Connections');
        await primary.query('SELECT SLEEP(1)');
        const opened = (await globalStatus(primary, 'Connections')) - before;
        const perSecond = (1000 * opened) / (performance.now() - begun);
        prove(perSecond >= 100, `${perSecond.toFixed(0)} new connections a second`);
        return `${perSecond.toFixed(0)} new connections a second`;
      },
      async undo() {
        for (const client of clients) await client.stop();
      },
      expect: {
        required: [{ code: 'conn.storm' }],
        rootCause: { codes: ['conn.storm'] },
      },
    };
  },
});
