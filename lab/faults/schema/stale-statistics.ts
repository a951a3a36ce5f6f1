import { defineFault } from '../fault.ts';
import { firstRow, prove } from '../steps.ts';

export const staleStatistics = defineFault({
  id: 'stale-statistics',
  title: 'A table was filled after its statistics were made, and nobody refreshes them; its twin refreshes itself',
  question: 'are the statistics of the tables on orders-prod up to date?',
  async inject({ primary }) {
    for (const [table, recalculates] of [
      ['imports', 0],
      ['exports', 1],
    ] as const) {
      await primary.query(
        `CREATE TABLE shop.${table} (id INT PRIMARY KEY, v INT, KEY v (v)) ENGINE=InnoDB STATS_AUTO_RECALC=${recalculates}`,
      );
      await primary.query(`INSERT INTO shop.${table} SELECT seq, seq FROM shop.seq_1_to_50`);
      await primary.query(`ANALYZE TABLE shop.${table}`);
      await primary.query(`INSERT INTO shop.${table} SELECT seq, seq FROM shop.seq_51_to_60000`);
    }
    const read = async () => {
      const counted = await firstRow<{ n: number }>(
        primary,
        "SELECT n_rows AS n FROM mysql.innodb_table_stats WHERE database_name = 'shop' AND table_name = 'imports'",
      );
      const real = await firstRow<{ n: number }>(primary, 'SELECT COUNT(*) AS n FROM shop.imports');
      return { counted: Number(counted.n), real: Number(real.n) };
    };
    return {
      async gate() {
        const { counted, real } = await read();
        prove(counted === 50 && real === 60_000, `${counted} counted, ${real} there`);
        return `statistics of ${counted} rows, ${real} are there`;
      },
      undo: async () => void (await primary.query('DROP TABLE shop.imports, shop.exports')),
      expect: {
        required: [{ code: 'schema.stale_statistics', subject: 'shop.imports', facts: { countedRows: 50 } }],
        absent: [{ code: 'schema.stale_statistics', subject: 'shop.exports' }],
        rootCause: { codes: ['schema.stale_statistics'] },
        verdict: ['degraded'],
      },
    };
  },
});
