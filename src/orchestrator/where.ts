import type { Agent } from '../agents/agent.ts';
import type { Plan } from '../report/report.ts';
import { nearestNames, type TargetRegistry } from '../targets/registry.ts';
import type { Question, RunCall } from './question.ts';

/** The targets, their replicas and their primaries: as far as any step may look. */
export function withNeighbours(names: readonly string[], targets: TargetRegistry): string[] {
  const near = names.flatMap((name) => {
    const { replicas, primary } = targets.get(name);
    return [name, ...replicas, ...(primary === undefined ? [] : [primary])];
  });
  return [...new Set(near)];
}

/** Which servers a plan is about: named in it, else those of the conversation, else the usual one, else the only one; else a question back. */
export function settleTargets(plan: Plan, question: Question, { targets }: TargetRegistry): Plan {
  if (plan.kind !== 'run') return plan;
  const names = targets.map(({ name }) => name);
  const allowed = names.filter((name) => question.mayAsk?.(name) ?? true);
  const last = question.conversation?.turns.findLast(({ report }) => report.plan.targets.length > 0);
  const wanted = [
    plan.targets,
    last?.report.plan.targets ?? [],
    question.defaultTarget ? [question.defaultTarget] : [],
    allowed.length === 1 ? allowed : [],
  ];
  const chosen = wanted.find((list) => list.length > 0) ?? [];
  const clarify = (answer: string): Plan => ({ ...plan, kind: 'clarify', agents: [], targets: [], answer });
  if (chosen.length === 0 && allowed.length === 0)
    return clarify('There is no target here that you may ask about. Whoever runs dbcheck can allow it.');
  if (chosen.length === 0) return { ...clarify(`Which target? ${allowed.join(', ')}`), missing: 'target' };
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const near = nearestNames(unknown, allowed).join(', ');
    return clarify(`There is no target "${unknown}".${near === '' ? '' : ` The nearest: ${near}`}`);
  }
  return { ...plan, targets: chosen };
}

/** One call per agent and target; an agent that must ask the replicas too is called for each that the person may ask about. */
export function expandCalls(
  plan: Plan,
  agents: readonly Agent[],
  targets: TargetRegistry,
  mayAsk: Question['mayAsk'] = () => true,
): RunCall[] {
  const calls: RunCall[] = [];
  for (const target of plan.targets) {
    for (const { agent: name, params } of plan.agents) {
      const agent = agents.find((candidate) => candidate.name === name);
      if (!agent) continue;
      const places = agent.includesReplicas ? [target, ...targets.get(target).replicas.filter(mayAsk)] : [target];
      for (const place of places) {
        if (calls.some((call) => call.agent === agent && call.target === place)) continue;
        calls.push({ agent, target: place, params });
      }
    }
  }
  return calls;
}
