import type { LabServer } from '../../mariadb/server.ts';
import { defineFault } from '../fault.ts';
import { metadataLocksInstrumented } from '../locks/instrument.ts';
import { endSessions, openSession, openSessions, prove, waitFor } from '../steps.ts';
import { onlyReplica, waitForChannel } from './replica.ts';

const ageSeconds = 11;

export const replicaLocalLock = defineFault({
  id: 'replica-local-lock',
  title: 'A session on the replica locked a table that the SQL thread must write',
  question: 'orders-replica-1 lags although it has nothing to do, why?',
  replicas: [{}],
  about: 'replica',
  ageSeconds,
  async inject(world) {
    const replica = onlyReplica(world);
    const local = await openSession(replica);
    await local.connection.query('LOCK TABLES orders READ');
    await world.primary.query("UPDATE shop.orders SET note = 'blocked on the replica' WHERE id = 1");
    await waitForBlockedApplier(replica);
    await waitForChannel(replica, 'the lag', (status) => Number(status['Seconds_Behind_Master']) >= ageSeconds);
    return {
      gate: () => proveBlockedApplier(replica, local.subject),
      undo: () => endSessions(replica, [local]),
      expect: {
        required: [{ code: 'repl.lag_local_lock', subject: local.subject }],
        rootCause: { codes: ['repl.lag_local_lock'], subject: local.subject },
        allowed: ['repl.lag', 'lock.mdl', 'lock.table'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});

export const replicaLocalLockDecoys = defineFault({
  id: 'replica-local-lock-decoys',
  title: 'The same with a dozen idle sessions beside it, and the metadata lock instrument on',
  question: 'which session on orders-replica-1 holds replication up?',
  replicas: [{ args: metadataLocksInstrumented }],
  about: 'replica',
  ageSeconds,
  async inject(world) {
    const replica = onlyReplica(world);
    const decoys = await openSessions(replica, 12);
    const [local] = decoys.splice(5, 1);
    if (!local) throw new Error('no session');
    await local.connection.query('LOCK TABLES orders READ');
    await world.primary.query("UPDATE shop.orders SET note = 'blocked on the replica' WHERE id = 1");
    await waitForBlockedApplier(replica);
    await waitForChannel(replica, 'the lag', (status) => Number(status['Seconds_Behind_Master']) >= ageSeconds);
    return {
      gate: () => proveBlockedApplier(replica, local.subject),
      undo: () => endSessions(replica, [local, ...decoys]),
      expect: {
        required: [{ code: 'repl.lag_local_lock', subject: local.subject }],
        rootCause: { codes: ['repl.lag_local_lock'], subject: local.subject },
        absent: decoys.map(({ subject }) => ({ subject })),
        allowed: ['repl.lag', 'lock.mdl', 'lock.table'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});

async function applierState(replica: LabServer): Promise<string> {
  const [applier] = await replica.query<{ STATE: string }>(
    "SELECT COALESCE(STATE, '') AS STATE FROM information_schema.PROCESSLIST WHERE COMMAND = 'Slave_SQL'",
  );
  return applier?.STATE ?? 'no SQL thread';
}

async function waitForBlockedApplier(replica: LabServer): Promise<void> {
  await waitFor('the SQL thread to wait', async () => (await applierState(replica)).includes('metadata lock'));
}

async function proveBlockedApplier(replica: LabServer, holder: string): Promise<string> {
  const state = await applierState(replica);
  prove(state.includes('metadata lock'), `the SQL thread is in state '${state}'`);
  return `SQL thread: ${state}, held up by ${holder}`;
}
