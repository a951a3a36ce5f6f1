import type { Agent } from '../agents/agent.ts';
import type { Target } from '../targets/target.ts';
import { planByRules, statementOf } from './plan-by-rules.ts';
import { freePlanning, type Planner } from './planner.ts';

/** Plans by rules alone: no key, no network, no waiting. */
export function createRulePlanner(agents: readonly Agent[], targets: readonly Target[]): Planner {
  return {
    async plan(question) {
      const turns = question.conversation?.turns.map(({ question: text, report }) => ({
        text,
        plan: report.plan,
        report,
      }));
      const input = { text: question.text, agents, targets, ...(turns ? { turns } : {}) };
      const plan = planByRules({
        ...input,
        ...(question.quoted?.length ? { quoted: question.quoted.map(({ text }) => text).join('\n') } : {}),
        ...(question.mayAsk ? { mayAsk: question.mayAsk } : {}),
      });
      const statement = plan.queries ? statementOf(input) : undefined;
      return { plan, ...freePlanning, ...(statement ? { statements: [statement.sql] } : {}) };
    },
  };
}
