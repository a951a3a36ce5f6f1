import { readFile } from 'node:fs/promises';
import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { globalStatus, prove, waitFor } from '../steps.ts';

export const refusedLogins = defineFault({
  id: 'refused-logins',
  title: 'A job with an old password tries to log in five times a second',
  question: 'are logins failing on orders-prod?',
  async inject(world) {
    const { primary } = world;
    let refused = 0;
    const attempt = async (): Promise<void> => {
      const login = { user: primary.accounts.app.user, password: 'the-old-password' };
      const entered = await primary.connect(login).catch((error: unknown) => {
        if (error instanceof Error && 'errno' in error && error.errno === 1045) refused++;
      });
      await entered?.end();
    };
    while (refused < 50) await attempt();
    const job = repeat(world, 200, attempt);
    return {
      async gate() {
        const before = refused;
        await waitFor('one more refusal', () => refused > before, 1500);
        const denied = await globalStatus(primary, 'Access_denied_errors');
        const logged = (await readFile(primary.errorLog, 'utf8')).match(/Access denied for user 'app'@'localhost'/g);
        prove(denied >= 50 && (logged?.length ?? 0) >= 50, `${denied} denied, ${logged?.length} in the error log`);
        return `${denied} logins denied, ${logged?.length} lines in the error log`;
      },
      undo: () => job.stop(),
      expect: {
        required: [{ code: 'conn.auth_failures', subject: 'app@localhost' }],
        rootCause: { codes: ['conn.auth_failures'], subject: 'app@localhost' },
        allowed: ['conn.aborted', 'incident.error_log'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
