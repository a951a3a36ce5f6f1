import { setTimeout as delay } from 'node:timers/promises';
import { defineFault } from './fault.ts';
import { endSessions, globalStatus, openSessions, waitFor } from './steps.ts';

const limit = 10;

export const exhausted = defineFault({
  id: 'exhausted',
  title: 'Every connection is taken and new clients are refused with error 1040',
  question: 'the app says "Too many connections" on orders-prod, can you look?',
  primary: { args: [`--max-connections=${limit}`] },
  async inject({ primary, onStop }) {
    const sessions = await openSessions(primary, limit);
    const abort = new AbortController();
    let refused = 0;
    const retrying = Array.from({ length: 4 }, async () => {
      // The clients that found no place try again every 300 ms, as pools do.
      while (!abort.signal.aborted) {
        const entered = await primary.connect(primary.accounts.app).catch((error: unknown) => {
          if (error instanceof Error && 'errno' in error && error.errno === 1040) refused++;
        });
        await entered?.end();
        await delay(300, undefined, { signal: abort.signal }).catch(() => {});
      }
    });
    const stopRetrying = async (): Promise<void> => {
      abort.abort();
      await Promise.all(retrying);
    };
    onStop(stopRetrying);
    await waitFor('four refusals', () => refused >= 4);
    return {
      async gate() {
        // root may use the one connection kept for administrators; dbcheck may not.
        const refusals = await globalStatus(primary, 'Connection_errors_max_connections');
        const before = refused;
        await waitFor('one more refusal', () => refused > before, 3000);
        await primary.quiet();
        return `${refusals} clients refused, ${limit} of ${limit} connections taken`;
      },
      async undo() {
        await stopRetrying();
        await endSessions(primary, sessions);
      },
      expect: {
        required: [{ code: 'conn.exhausted' }],
        rootCause: { codes: ['conn.exhausted'] },
        allowed: ['conn.near_limit', 'incident.unreachable', 'incident.error_log'],
        verdict: ['critical'],
      },
    };
  },
});
