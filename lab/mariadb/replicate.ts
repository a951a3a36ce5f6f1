import { addAccount } from './accounts.ts';
import type { Series } from './series.ts';
import { type LabServer, startServer } from './server.ts';

export type ReplicaSettings = {
  readonly args?: readonly string[];
  readonly port?: boolean;
  readonly series?: Series;
  /** Intended lag. */
  readonly delaySeconds?: number;
  /** Acknowledge each commit; the primary waits for one acknowledgement. */
  readonly semiSync?: boolean;
  /** The name of the connection; the unnamed one when absent. */
  readonly channel?: string;
};

/** The account that replicas log in with; it exists on lab primaries only and may do nothing but replicate. */
export const replicationAccount = { user: 'replicator', password: 'replicates-the-shop' };

/** A primary with the binary log on, and its replicas, all in step. */
export type ReplicationPair = {
  readonly primary: LabServer;
  readonly replicas: readonly LabServer[];
  stop(): Promise<void>;
};

/** Starts a primary and its replicas, one per entry. */
export async function startPair(
  options: { readonly primaryArgs?: readonly string[]; readonly replicas?: readonly ReplicaSettings[] } = {},
): Promise<ReplicationPair> {
  const primary = await startServer({
    name: 'orders-prod',
    port: true,
    args: ['--server-id=1', '--log-bin=binlog', ...(options.primaryArgs ?? [])],
  });
  try {
    const replicas = await startReplicas(primary, options.replicas ?? [{}]);
    const stop = async (): Promise<void> => {
      await Promise.all([primary, ...replicas].map((server) => server.stop()));
    };
    return { primary, replicas, stop };
  } catch (error) {
    await primary.stop();
    throw error;
  }
}

/** Starts a read-only replica per entry and waits until each has everything. The primary must have its binary log on. */
export async function startReplicas(
  primary: LabServer,
  settings: readonly ReplicaSettings[],
  commonArgs: readonly string[] = [],
): Promise<LabServer[]> {
  const replicas: LabServer[] = [];
  try {
    for (const [index, setting] of settings.entries()) {
      const replica = await startServer({
        name: `orders-replica-${index + 1}`,
        args: [`--server-id=${index + 2}`, '--read-only=ON', ...commonArgs, ...(setting.args ?? [])],
        port: setting.port ?? false,
        ...(setting.series ? { series: setting.series } : {}),
      });
      replicas.push(replica);
      await replicateFrom(replica, primary, setting);
    }
    return replicas;
  } catch (error) {
    await Promise.all(replicas.map((replica) => replica.stop()));
    throw error;
  }
}

/** Makes `replica` follow `primary` by GTID on one channel, and waits until it has everything. */
export async function replicateFrom(
  replica: LabServer,
  primary: LabServer,
  setting: ReplicaSettings = {},
): Promise<void> {
  if (primary.port === undefined) throw new Error(`${primary.name} needs a port to replicate from`);
  await addReplicationAccount(primary);
  if (setting.semiSync) {
    await primary.query('SET GLOBAL rpl_semi_sync_master_enabled = ON');
    await replica.query('SET GLOBAL rpl_semi_sync_slave_enabled = ON');
  }
  const channel = setting.channel ?? '';
  await replica.query(
    `CHANGE MASTER '${channel}' TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${primary.port},
       MASTER_USER = '${replicationAccount.user}', MASTER_PASSWORD = '${replicationAccount.password}',
       MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1`,
  );
  await replica.query(`START SLAVE '${channel}'`);
  await waitUntilCaughtUp(replica, primary);
  if (setting.delaySeconds !== undefined) {
    await replica.query(`STOP SLAVE '${channel}'`);
    await replica.query(`CHANGE MASTER '${channel}' TO MASTER_DELAY = ${setting.delaySeconds}`);
    await replica.query(`START SLAVE '${channel}'`);
  }
}

/** Waits until the replica has applied what the primary has written by now. */
export async function waitUntilCaughtUp(replica: LabServer, primary: LabServer, timeoutSeconds = 30): Promise<void> {
  const [position] = await primary.query<{ gtid: string }>('SELECT @@gtid_binlog_pos AS gtid');
  const [wait] = await replica.query<{ result: number }>('SELECT MASTER_GTID_WAIT(?, ?) AS result', [
    position?.gtid ?? '',
    timeoutSeconds,
  ]);
  if (wait?.result !== 0) throw new Error(`${replica.name} did not reach ${position?.gtid} in ${timeoutSeconds} s`);
}

/** One row per channel, the unnamed one included, with the columns of SHOW ALL SLAVES STATUS. */
export async function replicaStatus(replica: LabServer): Promise<Record<string, string | number | null>[]> {
  return await replica.query('SHOW ALL SLAVES STATUS');
}

async function addReplicationAccount(primary: LabServer): Promise<void> {
  const connection = await primary.connect();
  try {
    // Kept out of the binary log: replicas need not log in to themselves.
    await connection.query('SET SESSION sql_log_bin = OFF');
    const [known] = await connection.query('SELECT COUNT(*) AS accounts FROM mysql.global_priv WHERE User = ?', [
      replicationAccount.user,
    ]);
    if (known.accounts === 0) await addAccount(connection, replicationAccount, 'REPLICATION SLAVE ON *.*');
  } finally {
    await connection.end();
  }
}
