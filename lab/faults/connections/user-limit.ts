import { createUser } from '../../mariadb/accounts.ts';
import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { endSessions, openSessions, waitFor } from '../steps.ts';

const account = { user: 'reports', password: 'reports-at-night' };

export const userLimit = defineFault({
  id: 'user-limit',
  title: 'One account has used up its own MAX_USER_CONNECTIONS while the server has room',
  question: 'the reports say they cannot connect, but orders-prod looks fine to me?',
  async inject(world) {
    const { primary } = world;
    for (const statement of createUser(account, 'SELECT ON shop.*')) await primary.query(statement);
    await primary.query(`ALTER USER '${account.user}'@localhost WITH MAX_USER_CONNECTIONS 5`);
    const sessions = await openSessions(primary, 5, account);
    let refused = 0;
    const client = repeat(world, 250, async () => {
      const entered = await primary.connect(account).catch((error: unknown) => {
        if (error instanceof Error && 'errno' in error && error.errno === 1226) refused++;
      });
      await entered?.end();
    });
    return {
      async gate() {
        const before = refused;
        await waitFor('one more refusal with error 1226', () => refused > before, 1500);
        return `${refused} refusals: ${account.user} holds 5 of its 5 connections`;
      },
      async undo() {
        await client.stop();
        await endSessions(primary, sessions);
      },
      expect: {
        required: [{ code: ['conn.near_limit', 'conn.exhausted'], subject: 'reports@localhost' }],
        rootCause: { codes: ['conn.near_limit', 'conn.exhausted'], subject: 'reports@localhost' },
        // Each refusal counts as an aborted connect too.
        allowed: ['conn.aborted', 'incident.error_log'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
