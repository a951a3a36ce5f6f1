import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { globalStatus, openSession, prove, waitFor } from '../steps.ts';

export const sortMerge = defineFault({
  id: 'sort-merge',
  title: 'A tiny sort buffer makes every large ORDER BY merge on disk',
  question: 'the export queries sort forever, why?',
  primary: { args: ['--sort-buffer-size=32768'] },
  async inject(world) {
    const { primary } = world;
    const { connection } = await openSession(primary);
    const exports = repeat(world, 50, async () => {
      await connection.query('SELECT o.id, o.total FROM orders o ORDER BY o.note, o.total DESC, o.created_at');
    });
    const passes = () => globalStatus(primary, 'Sort_merge_passes');
    await waitFor('merge passes', async () => (await passes()) > 0);
    return {
      async gate() {
        const before = await passes();
        await waitFor('more merge passes', async () => (await passes()) > before, 3000);
        prove(before > 0, 'no merge passes');
        return `${before} sort merge passes and more with every export`;
      },
      undo: () => exports.stop(),
      expect: {
        required: [{ code: 'query.sort_merge' }],
        rootCause: { codes: ['query.sort_merge'] },
        // The export reads the whole table on purpose.
        allowed: ['query.full_scan', 'query.slow_pattern'],
      },
    };
  },
});
