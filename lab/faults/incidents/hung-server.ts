import { connect } from 'node:net';
import { defineFault } from '../fault.ts';
import { prove } from '../steps.ts';

export const hungServer = defineFault({
  id: 'hung-server',
  title: 'The server process is frozen: connections are accepted and nothing answers',
  question: 'orders-prod does not answer, what is wrong?',
  async inject({ primary, quiet }) {
    await quiet();
    primary.suspend();
    return {
      async gate() {
        const socket = connect(primary.socket);
        const greeted = await new Promise<boolean>((resolve) => {
          socket.setTimeout(500, () => resolve(false));
          socket.once('data', () => resolve(true));
          socket.once('error', () => resolve(false));
          socket.once('close', () => resolve(false));
        });
        socket.destroy();
        prove(!greeted, 'the server greets');
        return 'the socket takes a connection and no greeting comes';
      },
      undo: async () => primary.resume(),
      expect: {
        required: [{ code: 'incident.unreachable' }],
        rootCause: { codes: ['incident.unreachable'] },
        verdict: ['critical', 'unknown'],
      },
    };
  },
});
