import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { firstRow, openSession, prove, waitFor } from '../steps.ts';

export const nPlusOne = defineFault({
  id: 'n-plus-one',
  title: 'A page loads a list and then asks for every line by itself, thousands of quick queries',
  question: 'the order list takes seconds although every query is fast, why?',
  primary: { args: ['--performance-schema=ON'] },
  async inject(world) {
    const { primary } = world;
    const { connection } = await openSession(primary);
    const page = repeat(world, 10, async (turn) => {
      const orders = await connection.query<{ id: number; customer_id: number }[]>(
        "SELECT id, customer_id FROM orders WHERE status = 'new' ORDER BY created_at DESC LIMIT 300",
      );
      for (const order of orders) {
        await connection.query('SELECT name, city FROM customers WHERE id = ?', [(order.customer_id + turn) % 999]);
      }
    });
    const read = () =>
      firstRow<{ lookups: number; lists: number }>(
        primary,
        `SELECT CAST(SUM(IF(DIGEST_TEXT LIKE '%customers%', COUNT_STAR, 0)) AS INT) AS lookups,
                CAST(SUM(IF(DIGEST_TEXT LIKE '%customer_id%', COUNT_STAR, 0)) AS INT) AS lists
         FROM performance_schema.events_statements_summary_by_digest WHERE SCHEMA_NAME = 'shop'`,
      );
    await waitFor('3,000 lookups', async () => (await read()).lookups >= 3000);
    return {
      async gate() {
        const { turns } = page;
        await waitFor('one more page', () => page.turns > turns, 2000);
        const { lookups, lists } = await read();
        prove(lookups >= 3000 && lookups / lists >= 100, `${lookups} lookups for ${lists} lists`);
        return `${lookups} lookups for ${lists} lists`;
      },
      undo: () => page.stop(),
      expect: {
        required: [{ code: 'query.n_plus_one' }],
        rootCause: { codes: ['query.n_plus_one'] },
        allowed: ['query.slow_pattern'],
      },
    };
  },
});
