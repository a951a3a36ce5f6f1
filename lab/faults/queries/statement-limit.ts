import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { globalStatus, prove, waitFor } from '../steps.ts';

export const statementLimit = defineFault({
  id: 'statement-limit',
  title: 'Somebody limited all statements to 20, meant as milliseconds of a second: reports end with error 1969',
  question: 'half of our reports fail since this morning, what is wrong with orders-prod?',
  async inject(world) {
    const { primary } = world;
    await primary.query('SET GLOBAL max_statement_time = 0.02');
    repeat(world, 20, async () => {
      const connection = await primary.connect({ ...primary.accounts.app, database: 'shop' });
      const report = 'SELECT COUNT(*) FROM orders a JOIN orders b ON a.note = b.note AND a.total <> b.total';
      await connection.query(report).catch(() => {});
      await connection.end();
    });
    const exceeded = () => globalStatus(primary, 'Max_statement_time_exceeded');
    await waitFor('statements to be ended', async () => (await exceeded()) > 20);
    return {
      async gate() {
        const before = await exceeded();
        await waitFor('more of them', async () => (await exceeded()) > before + 3, 5_000);
        prove(before > 0, 'none was ended');
        return `${before} statements ended at their limit`;
      },
      undo: async () => void (await primary.query('SET GLOBAL max_statement_time = 0')),
      expect: {
        required: [{ code: 'query.timed_out', facts: { maxStatementTimeSeconds: 0.02 } }],
        rootCause: { codes: ['query.timed_out'] },
        verdict: ['degraded'],
      },
    };
  },
});
