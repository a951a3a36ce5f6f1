import { runningQuery } from '../../agents/running-query.ts';
import { schemaHealth } from '../../agents/schema-health.ts';
import { slowQuery } from '../../agents/slow-query.ts';
import type { RunCall } from '../question.ts';
import { intoDomains } from './domains.ts';
import { callOf, findingsOn, paramsOf, type Sight, type Step, type Workflow } from './step.ts';
import { tableInQuestion } from './why-slow.ts';

/** The servers that the replicas in question follow; what is applied late was written there. */
function primariesOf({ targets, primaryOf, outcomes }: Sight): string[] {
  const seen = [...new Set([...targets, ...outcomes.map(({ result }) => result.target)])];
  return [...new Set(seen.flatMap((target) => primaryOf(target) ?? []))];
}

/** Patterns and running statements of the primary, in the window of the question. */
const primary: Step = {
  name: 'primary',
  next(sight) {
    const calls = primariesOf(sight).flatMap((target): RunCall[] => {
      const asked = sight.targets.map((name) => paramsOf('slow_query', name, sight)['hours']);
      const hours = asked.find((value) => typeof value === 'number');
      return [callOf(runningQuery, target, {}), callOf(slowQuery, target, hours === undefined ? {} : { hours })];
    });
    return { calls };
  },
};

/** The table that the applier works on, as the primary defines and writes it. */
const replicatedTable: Step = {
  name: 'replicated table',
  next(sight) {
    const calls = primariesOf(sight).flatMap((target): RunCall[] => {
      const late = sight.outcomes
        .filter(({ result }) => sight.primaryOf(result.target) === target)
        .flatMap(({ result }) => findingsOn(result.target, sight.outcomes))
        .find(({ code, facts }) => /^repl\.lag_/.test(code) && typeof facts['table'] === 'string');
      const table = late?.facts['table'];
      return typeof table === 'string'
        ? [callOf(schemaHealth, target, { table }), callOf(slowQuery, target, { table })]
        : [];
    });
    return { calls };
  },
};

/** Replication lags and things are slow: the replicas, and on their primary what runs and what was slow. */
export const lagAndSlow: Workflow = {
  name: 'lag_and_slow',
  heldBack: [],
  steps: [primary, replicatedTable, tableInQuestion, intoDomains],
};
