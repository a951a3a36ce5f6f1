import { type Background, repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { globalStatus, openSession, prove, waitFor } from '../steps.ts';

export const deadlocks = defineFault({
  id: 'deadlocks',
  title: 'Two jobs update the same two rows in opposite order and deadlock again and again',
  question: 'the app logs "Deadlock found when trying to get lock", what is happening?',
  async inject(world) {
    const { primary } = world;
    const jobs: Background[] = [];
    for (const [first, second] of [
      [100, 200],
      [200, 100],
    ]) {
      const { connection } = await openSession(primary);
      jobs.push(
        repeat(world, 0, async () => {
          await connection.query('START TRANSACTION');
          try {
            await connection.query(`UPDATE orders SET note = 'a' WHERE id = ${first}`);
            await connection.query(`UPDATE orders SET note = 'b' WHERE id = ${second}`);
          } finally {
            await connection.query('ROLLBACK');
          }
        }),
      );
    }
    await waitFor('ten deadlocks', async () => (await globalStatus(primary, 'Innodb_deadlocks')) >= 10);
    return {
      async gate() {
        const before = await globalStatus(primary, 'Innodb_deadlocks');
        await waitFor('one more', async () => (await globalStatus(primary, 'Innodb_deadlocks')) > before, 1500);
        prove(before >= 10, `${before} deadlocks`);
        return `${before} deadlocks and more every moment`;
      },
      async undo() {
        for (const job of jobs) await job.stop();
      },
      expect: {
        required: [{ code: 'lock.deadlocks', subject: 'shop.orders' }],
        rootCause: { codes: ['lock.deadlocks'] },
        // Caught in the moment, each job waits for the other for a few milliseconds.
        allowed: ['lock.row_chain'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
