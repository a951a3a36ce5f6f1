import { replicaStatus } from '../../mariadb/replicate.ts';
import type { LabServer } from '../../mariadb/server.ts';
import type { World } from '../fault.ts';
import { waitFor } from '../steps.ts';

/** The replica of a world that has one. */
export function onlyReplica(world: World): LabServer {
  const [replica] = world.replicas;
  if (!replica) throw new Error('this fault needs a replica');
  return replica;
}

export type ChannelStatus = Readonly<Record<string, string | number | null>>;

/** The status of one channel; the unnamed one when no name is given. */
export async function channelStatus(replica: LabServer, channel = ''): Promise<ChannelStatus> {
  const status = (await replicaStatus(replica)).find((row) => row['Connection_name'] === channel);
  if (!status) throw new Error(`${replica.name} has no channel '${channel}'`);
  return status;
}

/** Waits until the status of a channel fits. */
export async function waitForChannel(
  replica: LabServer,
  what: string,
  fits: (status: ChannelStatus) => boolean,
  timeoutMs?: number,
): Promise<void> {
  await waitFor(what, async () => fits(await channelStatus(replica)), timeoutMs);
}

/** Runs statements on a server without writing them to its binary log, as somebody does by hand. */
export async function withoutBinaryLog(server: LabServer, statements: readonly string[]): Promise<void> {
  const connection = await server.connect({ initSql: 'SET SESSION sql_log_bin = OFF' });
  for (const statement of statements) await connection.query(statement);
  await connection.end();
}
