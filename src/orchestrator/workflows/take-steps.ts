import type { Agent } from '../../agents/agent.ts';
import type { AgentOutcome } from '../../report/assemble.ts';
import type { RunCall } from '../question.ts';
import { isSame } from '../same-call.ts';
import type { Sight, Skip, Workflow } from './step.ts';

export interface Journey {
  readonly workflow: Workflow;
  readonly agents: readonly Agent[];
  readonly targets: readonly string[];
  readonly primaryOf: Sight['primaryOf'];
  /** Where a step may look: nobody learns by a workflow what they may not ask. */
  readonly mayLook: (target: string) => boolean;
  readonly run: (calls: readonly RunCall[]) => Promise<AgentOutcome[]>;
  readonly skip: (skips: readonly Skip[]) => AgentOutcome[];
  readonly isStopped: () => boolean;
}

export interface Taken {
  readonly calls: readonly RunCall[];
  readonly outcomes: readonly AgentOutcome[];
}

/** Takes the steps of a workflow in order, each with what all before it brought. A step without calls costs nothing. */
export async function takeSteps(journey: Journey, first: Taken, heldBack: readonly RunCall[]): Promise<Taken> {
  const calls = [...first.calls];
  const outcomes = [...first.outcomes];
  for (const step of journey.workflow.steps) {
    if (journey.isStopped()) break;
    const sight: Sight = { targets: journey.targets, primaryOf: journey.primaryOf, calls, outcomes, heldBack };
    const { calls: wanted, skips = [] } = step.next(sight);
    const fresh: RunCall[] = [];
    for (const call of wanted) {
      const agent = journey.agents.find(({ name }) => name === call.agent.name);
      if (!agent || !journey.mayLook(call.target)) continue;
      const one: RunCall = { ...call, agent };
      if (![...calls, ...fresh].some((other) => isSame(one, other))) fresh.push(one);
    }
    calls.push(...fresh);
    outcomes.push(...journey.skip(skips), ...(await journey.run(fresh)));
  }
  return { calls: calls.slice(first.calls.length), outcomes: outcomes.slice(first.outcomes.length) };
}
