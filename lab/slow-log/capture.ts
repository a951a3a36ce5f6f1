import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../faults/steps.ts';
import type { Series } from '../mariadb/series.ts';
import { startServer } from '../mariadb/server.ts';

/** Every value of log_slow_verbosity that some series knows. */
const verbosities = ['none', 'query_plan', 'innodb', 'explain', 'engine', 'warnings', 'full', 'all'] as const;

/** A join that reads much, the same with a quote the other way, text that looks like a log, an insert, a warning. */
const statements = [
  "SELECT COUNT(*) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.note LIKE '%it''s%' GROUP BY c.city",
  "SELECT COUNT(*) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.note LIKE 'x\\'y' GROUP BY c.city",
  "SELECT 'a;\n# Time: 240115 10:00:00' AS x -- a remark",
  'INSERT INTO orders (customer_id, status, total, created_at) VALUES (1, "new", 5, NOW()), (2, "new", 6, NOW())',
  "SELECT CAST('x' AS SIGNED), 1 / 0",
  'DO 0',
];

/** Writes what servers of other series log for the same statements, one file a series and verbosity, for the tests. */
const folder = process.argv[2] ?? join(import.meta.dirname, '../../test/slow-log/captured');
mkdirSync(folder, { recursive: true });
for (const series of ['10.5', '11.8'] satisfies Series[]) {
  const server = await startServer({
    series,
    name: `capture-${series}`,
    args: ['--slow-query-log=1', '--long-query-time=0'],
  });
  try {
    for (const verbosity of verbosities) {
      const connection = await server.connect({ database: 'shop' });
      const value = verbosity === 'none' ? '' : verbosity;
      const isKnown = await connection.query(`SET SESSION log_slow_verbosity = '${value}'`).then(
        () => true,
        () => false,
      );
      if (isKnown) {
        const from = readFileSync(server.slowLog).length;
        for (const sql of statements) await connection.query(sql);
        const captured = () => readFileSync(server.slowLog).subarray(from);
        await waitFor('the last statement in the log', async () => captured().includes('DO 0'));
        writeFileSync(join(folder, `mariadb-${series}-${verbosity}.log`), captured());
      }
      await connection.end();
    }
  } finally {
    await server.stop();
  }
}
