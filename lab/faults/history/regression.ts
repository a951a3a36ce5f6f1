import { sampleThrough, withHistory } from '../../history/world-history.ts';
import { createBigTable } from '../../mariadb/shop.ts';
import { defineFault } from '../fault.ts';
import { firstRow, openSession, prove } from '../steps.ts';

const rows = 400_000;
const hourMs = 3_600_000;

export const droppedIndex = defineFault({
  id: 'regression-dropped-index',
  title: 'An index was dropped an hour ago, and a statement that was quick the hour before reads the whole table',
  question: 'what is slower on orders-prod than in the hour before?',
  flags: ['--compare-to-previous'],
  agents: ['slow_query'],
  primary: { args: ['--performance-schema=ON'] },
  async inject(world) {
    const { primary } = world;
    const setup = await primary.connect();
    await createBigTable(setup, rows);
    await setup.query('ALTER TABLE shop.big ADD INDEX by_v (v)');
    await setup.end();
    const application = await openSession(primary);
    const read = async (turn: number): Promise<void> => {
      await application.connection.query('SELECT id, pad FROM big WHERE v = ?', [turn * 37]);
    };
    const nowMs = Date.now();
    await withHistory(world, async (store) => {
      await sampleThrough(world, store, { fromMs: nowMs - 2 * hourMs, untilMs: nowMs - hourMs }, async (minute) => {
        for (let turn = 0; turn < 5; turn++) await read(5 * minute + turn);
      });
      await primary.query('ALTER TABLE shop.big DROP INDEX by_v');
      await sampleThrough(world, store, { fromMs: nowMs - hourMs, untilMs: nowMs }, async (minute) => {
        await read(1_000 + minute);
      });
    });
    await application.connection.end();
    return {
      async gate() {
        const { indexes } = await firstRow<{ indexes: number }>(
          primary,
          "SELECT COUNT(*) AS indexes FROM information_schema.STATISTICS WHERE TABLE_NAME = 'big' AND INDEX_NAME = 'by_v'",
        );
        const { examined } = await firstRow<{ examined: number }>(
          primary,
          `SELECT CAST(SUM(SUM_ROWS_EXAMINED) AS INT) AS examined
             FROM performance_schema.events_statements_summary_by_digest WHERE DIGEST_TEXT LIKE '%big%v%'`,
        );
        prove(indexes === 0 && examined >= 59 * rows, `${indexes} indexes on v, ${examined} rows examined`);
        return `no index on v any more, ${examined} rows examined since`;
      },
      undo: async () => void (await primary.query('DROP TABLE shop.big')),
      expect: {
        required: [
          { code: 'query.missing_index', subject: 'shop.big', facts: { column: 'v' } },
          { code: 'query.regression', facts: { table: 'shop.big', factor: { atLeast: 10 } } },
        ],
        effects: ['query.regression'],
        rootCause: { codes: ['query.missing_index'], subject: 'shop.big' },
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
