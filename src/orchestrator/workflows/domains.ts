import type { Agent } from '../../agents/agent.ts';
import { capacity } from '../../agents/capacity.ts';
import { connections } from '../../agents/connections.ts';
import { replicationHealth } from '../../agents/replication-health.ts';
import { runningQuery } from '../../agents/running-query.ts';
import { slowQuery } from '../../agents/slow-query.ts';
import { matchesCode } from '../../report/causes.ts';
import type { RunCall } from '../question.ts';
import { answeringTargets, isCalled, painOn, type Step, type Workflow } from './step.ts';

/** Which agent looks deeper where a finding of a code hurts. */
const specialists: readonly { readonly seen: string; readonly agent: Agent }[] = [
  { seen: 'lock.*', agent: runningQuery },
  { seen: 'tx.*', agent: runningQuery },
  { seen: 'ddl.*', agent: runningQuery },
  { seen: 'conn.*', agent: connections },
  { seen: 'conn.near_limit', agent: runningQuery },
  { seen: 'repl.*', agent: replicationHealth },
  { seen: 'capacity.*', agent: capacity },
  { seen: 'query.*', agent: slowQuery },
];

/** Every domain that hurts is looked into by its specialist, unless that one has been called. */
export const intoDomains: Step = {
  name: 'domains',
  next(sight) {
    const calls: RunCall[] = [];
    for (const target of answeringTargets(sight)) {
      const pain = painOn(target, sight);
      const wanted = specialists.filter(({ seen }) => pain.some(({ code }) => matchesCode(seen, code)));
      for (const agent of new Set(wanted.map((rule) => rule.agent))) {
        if (!isCalled(agent.name, target, sight)) calls.push({ agent, target, params: {} });
      }
    }
    return { calls };
  },
};

/** Any question that has no workflow of its own. */
export const domains: Workflow = { name: 'domains', heldBack: [], steps: [intoDomains] };
