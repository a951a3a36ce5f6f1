import type { AgentResult } from '../report/report.ts';
import type { RunCall } from './question.ts';

/** Where a result belongs, and what the call set. */
export function placeOf({ agent, target, params }: RunCall): Pick<AgentResult, 'agent' | 'target' | 'params'> {
  return { agent: agent.name, target, ...(Object.keys(params).length > 0 ? { params } : {}) };
}
