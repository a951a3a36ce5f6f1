import { join } from 'node:path';
import { startReplicas } from '../mariadb/replicate.ts';
import type { Series } from '../mariadb/series.ts';
import { type LabServer, startServer } from '../mariadb/server.ts';
import { type TargetEntry, targetEntry } from '../mariadb/target.ts';
import { writeMariadbBackup } from './backup/folder.ts';
import type { Fault, World } from './fault.ts';

/**
 * A production server as its owners would keep it, so that the injected fault is the only thing wrong:
 * durable binary log that expires, slow queries logged to a file from one second on, a backup of today.
 */
const wellKept: readonly string[] = [
  '--log-bin=binlog',
  '--sync-binlog=1',
  '--expire-logs-days=7',
  '--slow-query-log=ON',
  '--long-query-time=1',
];

/** Starts the servers that a fault asks for. Nothing is broken yet; call the fault's `inject`. */
export async function startWorld(
  fault: Pick<Fault, 'primary' | 'replicas' | 'about'>,
  options: { readonly series?: Series } = {},
): Promise<World> {
  const series = options.series ? { series: options.series } : {};
  const primary = await startServer({
    name: 'orders-prod',
    args: ['--server-id=1', ...wellKept, ...(fault.primary?.args ?? [])],
    // Replication needs an address; a server without replicas stays off the network.
    port: fault.primary?.port ?? (fault.replicas ?? []).length > 0,
    ...series,
  });
  const replicas: LabServer[] = [];
  const atStop: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    // At once: work that hangs on a server ends with it.
    const endings = atStop.toReversed().map((work) => work());
    await Promise.all([...endings, ...[primary, ...replicas].map((server) => server.stop())]);
  };
  const base = new Map<LabServer, Partial<TargetEntry>>();
  try {
    const replicaSettings = (fault.replicas ?? []).map((settings) => ({ ...settings, ...series }));
    replicas.push(...(await startReplicas(primary, replicaSettings, wellKept)));
    for (const server of [primary, ...replicas]) base.set(server, await keepWell(server, primary, replicas));
  } catch (error) {
    await stop();
    throw error;
  }
  const servers = [primary, ...replicas];
  const targets = servers.map((server) => targetEntry(server, base.get(server)));
  const asked = fault.about === 'replica' ? replicas[0] : primary;
  if (!asked) throw new Error('a fault about a replica needs one');
  return {
    primary,
    replicas,
    targets,
    about: asked.name,
    retarget(server, overrides, hidden = []) {
      targets[servers.indexOf(server)] = targetEntry(server, { ...base.get(server), ...overrides }, hidden);
    },
    onStop: (work) => void atStop.push(work),
    async quiet() {
      await Promise.all(servers.map((server) => server.quiet()));
    },
    stop,
  };
}

/** Gives a server a backup of today, and returns what dbcheck.yml says about it beside its address. */
async function keepWell(
  server: LabServer,
  primary: LabServer,
  replicas: readonly LabServer[],
): Promise<Partial<TargetEntry>> {
  const backups = join(server.directory, 'backups');
  await writeMariadbBackup(server, backups, { endedAt: new Date() });
  await server.quiet();
  return {
    tags: ['prod', 'orders'],
    backups: { kind: 'mariadb-backup', path: backups, maxAgeHours: 26 },
    ...(server === primary && replicas.length > 0 ? { replicas: replicas.map(({ name }) => name) } : {}),
  };
}
