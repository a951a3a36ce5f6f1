import { defineFault } from '../fault.ts';
import { prove } from '../steps.ts';

export const deadServer = defineFault({
  id: 'dead-server',
  title: 'The server process is gone',
  question: 'is orders-prod down?',
  async inject({ primary, quiet }) {
    await quiet();
    await primary.kill('SIGKILL');
    return {
      async gate() {
        const error = await primary.query('SELECT 1').then(
          () => undefined,
          (caught: unknown) => caught,
        );
        prove(error !== undefined, 'it answers');
        return `no connection: ${error instanceof Error && 'code' in error ? error.code : error}`;
      },
      undo: () => primary.restart(),
      expect: {
        required: [{ code: 'incident.unreachable' }],
        rootCause: { codes: ['incident.unreachable'] },
        verdict: ['critical', 'unknown'],
      },
    };
  },
});
