import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { globalStatus, openSession, prove, waitFor } from '../steps.ts';

export const tmpDiskTables = defineFault({
  id: 'tmp-disk-tables',
  title: 'Grouping queries spill every temporary table to disk',
  question: 'disk writes went up but nobody inserts, what is orders-prod doing?',
  primary: { args: ['--tmp-table-size=16384', '--max-heap-table-size=16384'] },
  async inject(world) {
    const { primary } = world;
    const { connection } = await openSession(primary);
    const report = repeat(world, 20, async () => {
      await connection.query(
        'SELECT total, COUNT(*) AS n FROM orders WHERE id <= 2000 GROUP BY total, note ORDER BY n DESC LIMIT 5',
      );
    });
    const spilled = () => globalStatus(primary, 'Created_tmp_disk_tables');
    // Counted here: looking at the server makes temporary tables in memory.
    await waitFor('forty reports', () => report.turns >= 40);
    return {
      async gate() {
        const before = await spilled();
        const { turns } = report;
        await waitFor('more reports', () => report.turns > turns + 2, 3000);
        const all = await globalStatus(primary, 'Created_tmp_tables');
        prove(before / all > 0.4, `${before} of ${all} temporary tables on disk`);
        return `${before} of ${all} temporary tables on disk`;
      },
      undo: () => report.stop(),
      expect: {
        required: [{ code: 'query.tmp_disk_tables' }],
        rootCause: { codes: ['query.tmp_disk_tables'] },
        allowed: ['query.full_scan', 'query.slow_pattern'],
      },
    };
  },
});
