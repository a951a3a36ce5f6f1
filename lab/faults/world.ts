import { startReplicas } from '../mariadb/replicate.ts';
import { type LabServer, startServer } from '../mariadb/server.ts';
import { targetEntry } from '../mariadb/target.ts';
import type { Fault, World } from './fault.ts';

/**
 * A production server as its owners would keep it, so that the injected fault is the only thing wrong:
 * durable binary log that expires, slow queries logged to a file from one second on.
 */
export const wellKept: readonly string[] = [
  '--log-bin=binlog',
  '--sync-binlog=1',
  '--expire-logs-days=7',
  '--slow-query-log=ON',
  '--long-query-time=1',
];

/** Starts the servers that a fault asks for. Nothing is broken yet; call the fault's `inject`. */
export async function startWorld(fault: Pick<Fault, 'primary' | 'replicas' | 'about'>): Promise<World> {
  const primary = await startServer({
    name: 'orders-prod',
    args: ['--server-id=1', ...wellKept, ...(fault.primary?.args ?? [])],
    // Replication needs an address; a server without replicas stays off the network.
    port: fault.primary?.port ?? (fault.replicas ?? []).length > 0,
  });
  const replicas: LabServer[] = [];
  const atStop: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const work of atStop.toReversed()) await work();
    await Promise.all([primary, ...replicas].map((server) => server.stop()));
  };
  try {
    replicas.push(...(await startReplicas(primary, fault.replicas ?? [], wellKept)));
  } catch (error) {
    await stop();
    throw error;
  }
  const servers = [primary, ...replicas];
  const replicaNames = replicas.map((replica) => replica.name);
  const targets = servers.map((server) => {
    const own = server === primary && replicaNames.length > 0 ? { replicas: replicaNames } : {};
    return targetEntry(server, { tags: ['prod', 'orders'], ...own });
  });
  const asked = fault.about === 'replica' ? replicas[0] : primary;
  if (!asked) throw new Error('a fault about a replica needs one');
  return {
    primary,
    replicas,
    targets,
    about: asked.name,
    retarget(server, overrides, hidden = []) {
      const index = servers.indexOf(server);
      const { tags, replicas: replicated } = targets[index] ?? {};
      targets[index] = targetEntry(
        server,
        { ...(tags && { tags }), ...(replicated && { replicas: replicated }), ...overrides },
        hidden,
      );
    },
    onStop: (work) => void atStop.push(work),
    async quiet() {
      await Promise.all(servers.map((server) => server.quiet()));
    },
    stop,
  };
}
