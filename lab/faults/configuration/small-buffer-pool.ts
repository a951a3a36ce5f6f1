import { createBigTable } from '../../mariadb/shop.ts';
import { type Background, repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { globalStatus, openSession, prove, waitFor } from '../steps.ts';

const rows = 300_000;

export const smallBufferPool = defineFault({
  id: 'small-buffer-pool',
  title: 'An 8 MB buffer pool under an 80 MB working set: a large share of page requests goes to the disk',
  question: 'everything on orders-prod is a bit slow and the disk is busy, why?',
  primary: { args: ['--innodb-buffer-pool-size=8M'] },
  async inject(world) {
    const { primary } = world;
    const setup = await primary.connect();
    await createBigTable(setup, rows);
    await setup.end();
    const clients: Background[] = [];
    for (const seed of [1, 7919]) {
      const { connection } = await openSession(primary);
      clients.push(
        repeat(world, 1, async (turn) => {
          const id = 1 + (((seed + turn) * 104_729) % rows);
          await connection.query('SELECT pad FROM big WHERE id = ?', [id]);
        }),
      );
    }
    const counters = async () => ({
      reads: await globalStatus(primary, 'Innodb_buffer_pool_reads'),
      requests: await globalStatus(primary, 'Innodb_buffer_pool_read_requests'),
    });
    return {
      async gate() {
        const before = await counters();
        await waitFor('2,000 page requests', async () => (await counters()).requests - before.requests > 2000);
        const after = await counters();
        const missed = (after.reads - before.reads) / (after.requests - before.requests);
        prove(missed > 0.05, `${(100 * missed).toFixed(1)} % of the page requests missed`);
        return `${(100 * missed).toFixed(1)} % of the page requests went to the disk`;
      },
      async undo() {
        for (const client of clients) await client.stop();
        await primary.query('DROP TABLE shop.big');
      },
      expect: {
        required: [{ code: 'config.buffer_pool_small', subject: 'innodb_buffer_pool_size' }],
        rootCause: { codes: ['config.buffer_pool_small'] },
      },
    };
  },
});
