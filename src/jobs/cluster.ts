import type { Log } from '../log.ts';
import type { RunnerFactory } from '../orchestrator/run.ts';
import type { Store } from '../store/store.ts';
import type { TargetLeases } from '../targets/leased-session.ts';
import { type AgentWorker, startAgentWorker, type WorkerParts } from './agent-worker.ts';
import { openJobDesk } from './job-desk.ts';
import { createJobRunner } from './job-runner.ts';
import { createRedisClients } from './redis-clients.ts';
import { createSharedResults } from './shared-results.ts';
import { createTargetLeases } from './target-leases.ts';

/** This process as one of many on the same Redis. */
export interface Cluster {
  /** For the sessions to servers. */
  readonly leases: TargetLeases;
  /** Whether another process may be connected to a server just now. */
  isBusyElsewhere(target: string): Promise<boolean>;
  /** Runs whose agents any worker may do. */
  runner(cacheSeconds: number): RunnerFactory;
  /** Does jobs in this process. */
  startWorker(parts: Pick<WorkerParts, 'agents' | 'world'>): Promise<AgentWorker>;
  close(): Promise<void>;
}

/** Rejects with StoreError where Redis cannot be reached. */
export async function openCluster(url: string, store: Store, log: Log): Promise<Cluster> {
  const clients = createRedisClients(url, log);
  const redis = await clients.open('impatient');
  const leases = createTargetLeases(redis, { prefix: 'dbcheck', log });
  const results = createSharedResults(store);
  const desk = await openJobDesk(clients, store, log);
  return {
    leases,
    async isBusyElsewhere(target) {
      const holder = await leases.holderOf(target);
      return holder !== undefined && holder !== leases.owner;
    },
    runner: (cacheSeconds) => createJobRunner({ desk, results, cacheSeconds }),
    startWorker: (parts) => startAgentWorker({ ...parts, clients, leases, results, store, log }),
    async close() {
      await desk.close();
      await leases.close();
      redis.disconnect();
    },
  };
}
