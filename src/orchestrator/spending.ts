import type { Spending, TokenUsage } from '../llm/chat-model.ts';
import { addUse, type ModelUse, oneCall, type Purpose } from '../report/model-use.ts';
import type { ModelUsage } from '../report/report.ts';
import type { Question } from './question.ts';

/** On whose account a call of the model goes. What the thread spent before stands in its reports, so it survives a restart. */
export function spendingOf(question: Question, onLost?: (use: ModelUse) => void): Spending {
  const usages = question.conversation?.turns.map(({ report }) => report.usage) ?? [];
  return {
    key: question,
    threadTokens: usages.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0),
    threadCostUsd: usages.reduce((sum, { costUsd }) => sum + costUsd, 0),
    ...(onLost ? { onLost } : {}),
  };
}

/** The bill of a turn with one more call on it. */
export function withCall<Bill extends ModelUsage>(
  bill: Bill,
  purpose: Purpose,
  model: string,
  usage: TokenUsage,
): Bill {
  return withUsage(bill, {
    llmCalls: 1,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    costUsd: usage.costUsd ?? 0,
    models: [oneCall(purpose, model, usage)],
  });
}

/** The bill with what was charged for attempts that brought nothing. */
export function withLost<Bill extends ModelUsage>(bill: Bill, lost: readonly ModelUse[]): Bill {
  return lost.reduce(
    (sum, { calls, inputTokens, outputTokens, costUsd, ...use }) =>
      withUsage(sum, {
        llmCalls: calls,
        inputTokens,
        outputTokens,
        costUsd,
        models: [{ ...use, calls, inputTokens, outputTokens, costUsd }],
      }),
    bill,
  );
}

/** The bill with another one added to it. */
export function withUsage<Bill extends ModelUsage>(bill: Bill, added: ModelUsage): Bill {
  return {
    ...bill,
    llmCalls: bill.llmCalls + added.llmCalls,
    inputTokens: bill.inputTokens + added.inputTokens,
    outputTokens: bill.outputTokens + added.outputTokens,
    costUsd: bill.costUsd + added.costUsd,
    models: added.models.reduce(addUse, bill.models),
  };
}

/** The bill with what the thread has spent so far, where there was something before this turn. */
export function withThread<Bill extends ModelUsage>(bill: Bill, question: Question): Bill {
  const { threadTokens, threadCostUsd } = spendingOf(question);
  if (threadTokens === 0) return bill;
  const tokens = threadTokens + bill.inputTokens + bill.outputTokens;
  return { ...bill, thread: { tokens, costUsd: threadCostUsd + bill.costUsd } };
}
