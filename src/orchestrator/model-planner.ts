import type { Agent } from '../agents/agent.ts';
import { describeError } from '../errors.ts';
import type { ChatModel } from '../llm/chat-model.ts';
import { createRedactor } from '../sql/redact-text.ts';
import type { Target } from '../targets/target.ts';
import { correction, planPrompt, readableCalls } from './plan-prompt.ts';
import type { Planned, Planner } from './planner.ts';
import { toolsFor } from './prompts.ts';
import { type CallContext, readCalls } from './read-calls.ts';
import { spendingOf } from './spending.ts';

/**
 * Plans by tool calling. What the model calls is checked against the registry, the agents' schemas and the targets;
 * what does not fit is told to it once. Invalid twice, or any ModelError: the rules plan in the same turn.
 */
export function createModelPlanner(
  model: ChatModel,
  agents: readonly Agent[],
  targets: readonly Target[],
  rules: Planner,
): Planner {
  const tools = toolsFor(agents);
  return {
    async plan(question) {
      const byRules = await rules.plan(question);
      const allowed = targets.filter(({ name }) => question.mayAsk?.(name) ?? true);
      const redactor = createRedactor();
      const context: CallContext = {
        agents,
        targets: allowed.map(({ name }) => name),
        byRules: byRules.plan,
        hasReport: (question.conversation?.turns.length ?? 0) > 0,
        restore: (text) => redactor.restore(text),
      };
      const spent = { llmCalls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 };
      const messages = planPrompt(question, allowed, tools, redactor);
      try {
        for (let round = 1; round <= 2; round++) {
          const reply = await model.complete({
            purpose: 'plan',
            messages,
            tools,
            maxOutputTokens: 800,
            turn: spendingOf(question),
            ...(question.signal ? { signal: question.signal } : {}),
          });
          spent.llmCalls++;
          spent.inputTokens += reply.usage.inputTokens;
          spent.outputTokens += reply.usage.outputTokens;
          spent.costUsd += reply.usage.costUsd ?? 0;
          const { plan, complaints } = readCalls(readableCalls(reply), context);
          if (plan) return { ...byRules, ...spent, plan: { ...plan, ...(byRules.plan.fresh ? { fresh: true } : {}) } };
          messages.push(...correction(reply, complaints));
        }
        return withNote(byRules, spent, 'the plan of the model was invalid twice; the rules planned');
      } catch (error) {
        return withNote(byRules, spent, `${describeError(error).message}; the rules planned`);
      }
    },
  };
}

type Spent = Pick<Planned, 'llmCalls' | 'inputTokens' | 'outputTokens' | 'costUsd'>;

function withNote(planned: Planned, spent: Spent, note: string): Planned {
  return { ...planned, ...spent, notes: [...planned.notes, note] };
}
