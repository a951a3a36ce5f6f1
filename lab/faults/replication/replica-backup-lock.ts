import { defineFault } from '../fault.ts';
import { endSessions, openSession, prove, waitFor } from '../steps.ts';
import { onlyReplica, waitForChannel } from './replica.ts';

const ageSeconds = 11;

export const replicaBackupLock = defineFault({
  id: 'replica-backup-lock',
  title: 'A backup that hangs holds the global read lock of the replica, and the applier waits for it',
  question: 'orders-replica-1 lags more and more since the backup began, why?',
  replicas: [{}],
  about: 'replica',
  ageSeconds,
  async inject(world) {
    const replica = onlyReplica(world);
    const backup = await openSession(replica, replica.accounts.root);
    await backup.connection.query('FLUSH TABLES WITH READ LOCK');
    await world.primary.query("UPDATE shop.orders SET note = 'behind a backup' WHERE id = 1");
    const applierState = async () => {
      const [row] = await replica.query<{ STATE: string }>(
        "SELECT COALESCE(STATE, '') AS STATE FROM information_schema.PROCESSLIST WHERE COMMAND = 'Slave_SQL'",
      );
      return row?.STATE ?? 'no applier';
    };
    await waitFor('the applier to wait', async () => (await applierState()).includes('backup lock'));
    await waitForChannel(replica, 'the lag', (status) => Number(status['Seconds_Behind_Master']) >= ageSeconds);
    return {
      async gate() {
        const state = await applierState();
        prove(state === 'Waiting for backup lock', `the applier is in state '${state}'`);
        return `applier: ${state}, held by ${backup.subject}`;
      },
      undo: () => endSessions(replica, [backup]),
      expect: {
        required: [{ code: 'repl.lag_local_lock', subject: backup.subject }],
        rootCause: { codes: ['repl.lag_local_lock'], subject: backup.subject },
        effects: ['repl.lag'],
        allowed: ['repl.lag', 'lock.table', 'lock.mdl'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
