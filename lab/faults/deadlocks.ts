import { defineFault } from './fault.ts';
import { globalStatus, openSession, prove, waitFor } from './steps.ts';

export const deadlocks = defineFault({
  id: 'deadlocks',
  title: 'Two jobs update the same two rows in opposite order and deadlock again and again',
  question: 'the app logs "Deadlock found when trying to get lock", what is happening?',
  async inject({ primary, onStop }) {
    let going = true;
    const job = async (first: number, second: number): Promise<void> => {
      const { connection } = await openSession(primary);
      while (going) {
        await connection.query('START TRANSACTION');
        try {
          await connection.query(`UPDATE orders SET note = 'a' WHERE id = ${first}`);
          await connection.query(`UPDATE orders SET note = 'b' WHERE id = ${second}`);
          await connection.query('COMMIT');
        } catch {
          await connection.query('ROLLBACK').catch(() => {
            going = false;
          });
        }
      }
      connection.destroy();
    };
    const jobs = [job(100, 200), job(200, 100)].map((running) => running.catch(() => {}));
    const stopJobs = async (): Promise<void> => {
      going = false;
      await Promise.all(jobs);
    };
    onStop(stopJobs);
    await waitFor('ten deadlocks', async () => (await globalStatus(primary, 'Innodb_deadlocks')) >= 10);
    return {
      async gate() {
        const before = await globalStatus(primary, 'Innodb_deadlocks');
        await waitFor(
          'one more deadlock',
          async () => (await globalStatus(primary, 'Innodb_deadlocks')) > before,
          3000,
        );
        prove(before >= 10, `${before} deadlocks`);
        return `${before} deadlocks and more every moment`;
      },
      undo: stopJobs,
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
