import type { Agent } from './agent.ts';

/** The agents, in the order in which reports list them. Help, tool schemas, routing and the README derive from this list. */
export const agents: readonly Agent[] = [];

export function findAgent(name: string): Agent | undefined {
  return agents.find((agent) => agent.name === name || agent.tool === name);
}
