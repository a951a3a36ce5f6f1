import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { openSession, waitFor } from '../steps.ts';

export const deadlocks = defineFault({
  id: 'deadlocks',
  title: 'Two jobs update the same two rows in opposite order and deadlock again and again',
  question: 'the app logs "Deadlock found when trying to get lock", what is happening?',
  async inject(world) {
    const { primary } = world;
    const [first, second] = [(await openSession(primary)).connection, (await openSession(primary)).connection];
    // Counted by the clients: Innodb_deadlocks stays at 0 on MariaDB 10.5.
    let seen = 0;
    const countDeadlock = (error: unknown): void => {
      if (error instanceof Error && 'errno' in error && error.errno === 1213) seen++;
    };
    const jobs = repeat(world, 20, async () => {
      await first.query('START TRANSACTION');
      await second.query('START TRANSACTION');
      await first.query("UPDATE orders SET note = 'a' WHERE id = 100");
      await second.query("UPDATE orders SET note = 'b' WHERE id = 200");
      await Promise.all([
        first.query("UPDATE orders SET note = 'a' WHERE id = 200").catch(countDeadlock),
        second.query("UPDATE orders SET note = 'b' WHERE id = 100").catch(countDeadlock),
      ]);
      await first.query('ROLLBACK');
      await second.query('ROLLBACK');
    });
    await waitFor('ten deadlocks', () => seen >= 10);
    return {
      async gate() {
        const before = seen;
        await waitFor('one more deadlock', () => seen > before, 1500);
        return `${seen} deadlocks and more every moment`;
      },
      undo: () => jobs.stop(),
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
