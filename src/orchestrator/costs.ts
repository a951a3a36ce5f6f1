import type { Plan } from '../report/report.ts';
import type { SessionCost } from '../targets/connection.ts';
import type { TargetRegistry } from '../targets/registry.ts';
import { withNeighbours } from './where.ts';

/** What each server that a plan may reach has cost so far. */
export type Costs = ReadonlyMap<string, SessionCost>;

/** Taken before a run, so that `costSince` can tell what the run took. */
export function costs(targets: TargetRegistry, plan: Plan): Costs {
  const names = withNeighbours(plan.targets, targets);
  return new Map(names.map((name) => [name, targets.session(name).cost()]));
}

/** Statements and connections since then, all servers together. */
export function costSince(before: Costs, targets: TargetRegistry, plan: Plan): SessionCost {
  const after = costs(targets, plan);
  const sum = (list: Costs, of: (cost: SessionCost) => number) =>
    [...list.values()].reduce((total, cost) => total + of(cost), 0);
  return {
    statements: sum(after, ({ statements }) => statements) - sum(before, ({ statements }) => statements),
    connections: sum(after, ({ connections }) => connections) - sum(before, ({ connections }) => connections),
  };
}
