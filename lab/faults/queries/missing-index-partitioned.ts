import { defineFault } from '../fault.ts';
import { firstRow, openSession, prove } from '../steps.ts';

export const missingIndexPartitioned = defineFault({
  id: 'missing-index-partitioned',
  title: 'A partitioned table in another schema is searched by a column without an index; slow queries go to the file',
  question: 'crm is slow today, what should we fix?',
  primary: { args: ['--long-query-time=0.02', '--log-slow-verbosity=query_plan,explain'] },
  async inject({ primary }) {
    const setup = await primary.connect({ initSql: 'SET SESSION slow_query_log = OFF' });
    await setup.query('CREATE DATABASE crm CHARACTER SET utf8mb4');
    await setup.query(
      `CREATE TABLE crm.contacts (id INT UNSIGNED NOT NULL AUTO_INCREMENT, phone VARCHAR(20) NOT NULL,
         note VARCHAR(200) NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB PARTITION BY HASH (id) PARTITIONS 4`,
    );
    await setup.query(
      `INSERT INTO crm.contacts SELECT seq, CONCAT('+49', LPAD(seq * 7919 % 150000, 9, '0')), REPEAT('n', 150)
       FROM shop.seq_1_to_150000`,
    );
    await setup.query('ANALYZE TABLE crm.contacts');
    await setup.end();
    const application = await openSession(primary, { ...primary.accounts.root });
    for (let turn = 1; turn <= 40; turn++) {
      const phone = `+49${String(turn * 11).padStart(9, '0')}`;
      await application.connection.query('SELECT id, note FROM crm.contacts WHERE phone = ?', [phone]);
    }
    await application.connection.end();
    return {
      async gate() {
        const plan = await firstRow<{ type: string }>(
          primary,
          "EXPLAIN SELECT id FROM crm.contacts WHERE phone = '+49'",
        );
        const slow = await firstRow<{ Value: string }>(primary, "SHOW GLOBAL STATUS LIKE 'Slow_queries'");
        prove(plan.type === 'ALL' && Number(slow.Value) >= 40, `access ${plan.type}, ${slow.Value} slow queries`);
        return `full scan of 150,000 rows in 4 partitions, ${slow.Value} slow queries in the file`;
      },
      undo: async () => void (await primary.query('DROP DATABASE crm')),
      expect: {
        required: [{ code: 'query.missing_index', subject: 'crm.contacts', facts: { column: 'phone' } }],
        rootCause: { codes: ['query.missing_index'], subject: 'crm.contacts' },
        allowed: ['query.full_scan', 'query.slow_pattern', 'query.new_pattern', 'query.regression'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
