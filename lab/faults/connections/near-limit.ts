import { defineFault } from '../fault.ts';
import { endSessions, globalVariable, openSessions, prove } from '../steps.ts';

export const nearLimit = defineFault({
  id: 'near-limit',
  title: 'Connections reach 95 % of max_connections',
  question: 'are we running out of connections?',
  primary: { args: ['--max-connections=20'] },
  async inject({ primary }) {
    const sessions = await openSessions(primary, 18);
    return {
      async gate() {
        const limit = Number(await globalVariable(primary, 'max_connections'));
        // The one that asks is the lab's own; dbcheck's takes its place later.
        const [row] = await primary.query<{ n: number }>('SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST');
        prove(limit === 20 && row?.n === 19, `${row?.n} of ${limit} connections`);
        return `${row?.n} of ${limit} connections with the one that asks`;
      },
      undo: () => endSessions(primary, sessions),
      expect: {
        required: [{ code: 'conn.near_limit' }],
        rootCause: { codes: ['conn.near_limit'] },
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
