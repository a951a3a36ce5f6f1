import { defineFault } from '../fault.ts';
import { prove } from '../steps.ts';
import { onlyReplica } from './replica.ts';

export const replicaDown = defineFault({
  id: 'replica-down',
  title: 'The replica does not answer while the primary is fine',
  question: 'how are the replicas of orders-prod?',
  replicas: [{}],
  async inject(world) {
    const replica = onlyReplica(world);
    await world.quiet();
    await replica.kill('SIGKILL');
    return {
      async gate() {
        const error = await replica.query('SELECT 1').then(
          () => undefined,
          (caught: unknown) => caught,
        );
        prove(error !== undefined, 'it answers');
        return `${replica.name} refuses connections`;
      },
      undo: () => replica.restart(),
      expect: {
        required: [{ code: 'incident.unreachable', subject: replica.name }],
        rootCause: { codes: ['incident.unreachable'], subject: replica.name },
        allowed: ['repl.semisync_off'],
        verdict: ['degraded', 'critical', 'unknown'],
      },
    };
  },
});
