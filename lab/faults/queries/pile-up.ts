import { fingerprint, fingerprintId } from '../../../src/sql/fingerprint.ts';
import { defineFault } from '../fault.ts';
import { endSessions, openSessions, prove, startStatement, threadStates, waitFor } from '../steps.ts';

const sessions = 9;
const search = (total: number) =>
  `SELECT COUNT(*) FROM orders a JOIN orders b ON a.note = b.note AND a.total = b.total + ${total}`;

export const pileUp = defineFault({
  id: 'pile-up',
  title: 'Users repeat a search that takes minutes: nine of them run at once, and nobody blocks anybody',
  question: 'orders-prod is at 100 % cpu and nothing answers, why?',
  ageSeconds: 7,
  async inject({ primary }) {
    const users = await openSessions(primary, sessions);
    for (const [at, user] of users.entries()) startStatement(user, search(at));
    const allOlder = async (ms: number) =>
      (await threadStates(primary, users)).every(({ TIME_MS, STATE }) => TIME_MS >= ms && STATE !== '');
    await waitFor('all to have run for 7 s', () => allOlder(7_000), 40_000);
    return {
      async gate() {
        prove(await allOlder(5_000), JSON.stringify(await threadStates(primary, users)));
        return `${users.length} sessions have run the same statement for 5 s and more`;
      },
      undo: () => endSessions(primary, users),
      expect: {
        required: [{ code: 'query.pile_up', subject: fingerprintId(fingerprint(search(1))), facts: { sessions } }],
        rootCause: { codes: ['query.pile_up'] },
        allowed: ['query.long_running'],
        verdict: ['degraded'],
      },
    };
  },
});
