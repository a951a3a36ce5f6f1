import { defineFault } from '../fault.ts';
import { globalVariable, prove } from '../steps.ts';

export const readOnlyPrimary = defineFault({
  id: 'read-only-primary',
  title: 'The primary was left read-only after maintenance: every write of the application fails',
  question: 'checkout gets errors on every order since 02:00, is orders-prod broken?',
  replicas: [{}],
  async inject({ primary }) {
    await primary.query('SET GLOBAL read_only = ON');
    return {
      async gate() {
        prove(Number(await globalVariable(primary, 'read_only')) === 1, 'read_only is OFF');
        const connection = await primary.connect({ ...primary.accounts.app, database: 'shop' });
        const refused = await connection.query("UPDATE orders SET note = '' WHERE id = 1").then(
          () => undefined,
          (error: { errno?: number }) => error.errno,
        );
        await connection.end();
        prove(refused === 1290, `the write gave ${refused}`);
        return 'a write of the application fails with error 1290';
      },
      undo: async () => void (await primary.query('SET GLOBAL read_only = OFF')),
      expect: {
        required: [{ code: 'config.read_only', subject: 'read_only', facts: { replicas: 1 } }],
        rootCause: { codes: ['config.read_only'] },
        verdict: ['critical'],
      },
    };
  },
});
