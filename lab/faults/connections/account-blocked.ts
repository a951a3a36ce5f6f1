import { addAccount } from '../../mariadb/accounts.ts';
import { defineFault } from '../fault.ts';
import { prove } from '../steps.ts';

const errorsAllowed = 5;
const billing = { user: 'billing', password: 'the-right-one' };

export const accountBlocked = defineFault({
  id: 'account-blocked',
  title: 'A job with an old password got its account blocked: now nobody can use it, with the right password either',
  question: 'billing cannot log in at orders-prod although its password is right, why?',
  agents: ['connections', 'incident_triage'],
  async inject({ primary }) {
    const connection = await primary.connect();
    await addAccount(connection, billing, 'SELECT ON shop.*');
    await connection.end();
    await primary.query(`SET GLOBAL max_password_errors = ${errorsAllowed}`);
    const errnoOf = async (password: string) =>
      await primary.connect({ ...billing, password }).then(
        async (opened) => {
          await opened.end();
          return 0;
        },
        (error: { errno?: number }) => error.errno ?? -1,
      );
    for (let turn = 0; turn < errorsAllowed + 2; turn++) await errnoOf('an old one');
    return {
      async gate() {
        const errno = await errnoOf(billing.password);
        prove(errno === 4150, `the right password gave ${errno}`);
        return 'the right password is refused with error 4150';
      },
      async undo() {
        await primary.query(`SET GLOBAL max_password_errors = ${2 ** 32 - 1}`);
        await primary.query('FLUSH PRIVILEGES');
      },
      expect: {
        required: [{ code: 'conn.auth_failures', subject: 'billing@localhost', facts: { errno: 4150 } }],
        rootCause: { codes: ['conn.auth_failures'] },
        verdict: ['degraded'],
      },
    };
  },
});
