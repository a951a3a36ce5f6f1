import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { endSessions, globalStatus, openSession, type Session, waitFor } from '../steps.ts';

const limit = 10;

export const exhausted = defineFault({
  id: 'exhausted',
  title: 'Every connection is taken and new clients are refused with error 1040',
  question: 'the app says "Too many connections" on orders-prod, can you look?',
  primary: { args: [`--max-connections=${limit}`] },
  async inject(world) {
    const { primary } = world;
    const sessions: Session[] = [];
    // The lab's own connection takes a moment to be gone.
    await waitFor('every connection to be taken', async () => {
      const session = await openSession(primary).catch(() => undefined);
      if (session) sessions.push(session);
      return sessions.length === limit;
    });
    let refused = 0;
    // The clients that found no place try again, as pools do.
    const clients = Array.from({ length: 4 }, () =>
      repeat(world, 300, async () => {
        const entered = await primary.connect(primary.accounts.app).catch((error: unknown) => {
          if (error instanceof Error && 'errno' in error && error.errno === 1040) refused++;
        });
        await entered?.end();
      }),
    );
    await waitFor('four refusals', () => refused >= 4);
    return {
      async gate() {
        // root may use the one connection kept for administrators, when no client is being refused on it.
        let refusals = 0;
        await waitFor('a place for root', async () => {
          refusals = await globalStatus(primary, 'Connection_errors_max_connections').catch(() => 0);
          return refusals > 0;
        });
        const before = refused;
        await waitFor('one more refusal', () => refused > before, 1500);
        return `${refusals} clients refused, ${limit} of ${limit} connections taken`;
      },
      async undo() {
        for (const client of clients) await client.stop();
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
