import { replicationAccount } from '../../mariadb/replicate.ts';
import type { LabServer } from '../../mariadb/server.ts';
import { defineFault } from '../fault.ts';
import { prove } from '../steps.ts';
import { channelStatus, onlyReplica, waitForChannel, withoutBinaryLog } from './replica.ts';

export const replicaIoAuth = defineFault({
  id: 'replica-io-auth',
  title: 'The password of the replication account was changed on the primary; the replica cannot log in',
  question: 'is orders-replica-1 up to date?',
  replicas: [{}],
  about: 'replica',
  async inject(world) {
    const replica = onlyReplica(world);
    await changeReplicationPassword(world.primary, 'rotated');
    await waitForChannel(replica, 'the refused login', (status) => Number(status['Last_IO_Errno']) === 1045);
    return {
      async gate() {
        const status = await channelStatus(replica);
        const { Last_IO_Errno: errno, Seconds_Behind_Master: lag } = status;
        prove(Number(errno) === 1045 && lag === null, `Last_IO_Errno ${errno}, Seconds_Behind_Master ${lag}`);
        return 'Last_IO_Errno 1045, Seconds_Behind_Master NULL';
      },
      async undo() {
        await changeReplicationPassword(world.primary, replicationAccount.password);
        await waitForChannel(replica, 'the login', (status) => status['Slave_IO_Running'] === 'Yes');
      },
      expect: {
        required: [{ code: 'repl.io_auth', subject: replica.name }],
        rootCause: { codes: ['repl.io_auth'], subject: replica.name },
        absent: [{ code: 'repl.lag' }],
        allowed: ['repl.io_error', 'repl.stopped', 'incident.error_log'],
        verdict: ['degraded', 'critical'],
        notes: 'the lag is unknown, not 0',
      },
    };
  },
});

/** Changes the password and drops the replica's connection, so that it has to log in again. */
export async function changeReplicationPassword(primary: LabServer, password: string): Promise<void> {
  const accounts = ['localhost', '127.0.0.1'].map((host) => `'${replicationAccount.user}'@'${host}'`);
  await withoutBinaryLog(
    primary,
    accounts.map((account) => `ALTER USER ${account} IDENTIFIED BY '${password}'`),
  );
  const dumps = await primary.query<{ ID: number }>(
    "SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND = 'Binlog Dump'",
  );
  for (const { ID } of dumps) await primary.query(`KILL ${ID}`);
}
