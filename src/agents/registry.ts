import type { Agent } from './agent.ts';
import { backup } from './backup.ts';
import { capacity } from './capacity.ts';
import { configuration } from './configuration.ts';
import { connections } from './connections.ts';
import { incidentTriage } from './incident-triage.ts';
import { replicationHealth } from './replication-health.ts';
import { runningQuery } from './running-query.ts';
import { schemaHealth } from './schema-health.ts';
import { slowQuery } from './slow-query.ts';

/** The agents, in the order in which reports list them. Help, tool schemas, routing and the README derive from this list. */
export const agents: readonly Agent[] = [
  slowQuery,
  runningQuery,
  incidentTriage,
  replicationHealth,
  connections,
  schemaHealth,
  configuration,
  capacity,
  backup,
];

export function findAgent(name: string): Agent | undefined {
  return agents.find((agent) => agent.name === name || agent.tool === name);
}
