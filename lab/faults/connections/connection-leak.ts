import { addAccount } from '../../mariadb/accounts.ts';
import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { endSessions, firstRow, openSessions, prove, waitForIdle } from '../steps.ts';

const ageSeconds = 61;
const account = { user: 'leaky', password: 'leaks-connections' };

export const connectionLeak = defineFault({
  id: 'connection-leak',
  title: 'An application opens connections and never gives them back: 40 of its 50 sleep for more than a minute',
  question: 'who is hoarding connections on orders-prod?',
  ageSeconds,
  async inject(world) {
    const { primary } = world;
    const setup = await primary.connect();
    await addAccount(setup, account, 'SELECT ON shop.*');
    await setup.end();
    const leaked = await openSessions(primary, 40, account);
    const used = await openSessions(primary, 10, account);
    const work = repeat(world, 500, async (turn) => {
      for (const { connection } of used) await connection.query('SELECT status FROM orders WHERE id = ?', [turn + 1]);
    });
    const last = leaked.at(-1);
    if (last) await waitForIdle(primary, last, ageSeconds);
    return {
      async gate() {
        const { sleeping, open } = await firstRow<{ sleeping: number; open: number }>(
          primary,
          `SELECT COALESCE(SUM(COMMAND = 'Sleep' AND TIME > 60), 0) + 0 AS sleeping, COUNT(*) AS open
           FROM information_schema.PROCESSLIST WHERE USER = '${account.user}'`,
        );
        prove(Number(sleeping) === 40 && open === 50, `${sleeping} of ${open} sleep for more than 60 s`);
        return `${sleeping} of ${open} sessions of ${account.user} sleep for more than 60 s`;
      },
      async undo() {
        await work.stop();
        await endSessions(primary, [...leaked, ...used]);
      },
      expect: {
        required: [{ code: 'conn.leak', subject: 'leaky@localhost' }],
        rootCause: { codes: ['conn.leak'], subject: 'leaky@localhost' },
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
