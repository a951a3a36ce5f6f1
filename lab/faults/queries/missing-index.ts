import { createBigTable } from '../../mariadb/shop.ts';
import { defineFault } from '../fault.ts';
import { firstRow, openSession, prove } from '../steps.ts';

const rows = 300_000;

export const missingIndex = defineFault({
  id: 'missing-index',
  title: 'A frequent query filters on a column without an index and reads the whole table each time',
  question: 'the product page got slow an hour ago, which queries are slow and why?',
  primary: { args: ['--log-output=TABLE', '--long-query-time=0.01'] },
  async inject({ primary }) {
    const setup = await primary.connect({ initSql: 'SET SESSION slow_query_log = OFF' });
    await createBigTable(setup, rows);
    await setup.end();
    const application = await openSession(primary);
    for (let turn = 0; turn < 60; turn++) {
      await application.connection.query('SELECT id, pad FROM big WHERE v = ?', [turn * 37]);
    }
    await application.connection.end();
    return {
      async gate() {
        const { count, ratio } = await firstRow<{ count: number; ratio: string }>(
          primary,
          `SELECT COUNT(*) AS count, SUM(rows_examined) / SUM(rows_sent) AS ratio FROM mysql.slow_log
           WHERE sql_text LIKE 'SELECT id, pad FROM big WHERE v = %'`,
        );
        prove(count >= 60 && Number(ratio) >= 10_000, `${count} slow queries, ${ratio} rows examined per row sent`);
        return `${count} slow queries, ${Math.round(Number(ratio))} rows examined per row sent`;
      },
      async undo() {
        await primary.query('DROP TABLE shop.big');
        await primary.query('TRUNCATE TABLE mysql.slow_log');
      },
      expect: {
        required: [{ code: 'query.missing_index', subject: 'shop.big', facts: { column: 'v' } }],
        rootCause: { codes: ['query.missing_index'], subject: 'shop.big' },
        allowed: ['query.full_scan', 'query.slow_pattern', 'query.new_pattern', 'query.regression'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
