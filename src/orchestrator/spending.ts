import type { Spending } from '../llm/chat-model.ts';
import type { Question } from './question.ts';

/** On whose account a call of the model goes. What the thread spent before stands in its reports, so it survives a restart. */
export function spendingOf(question: Question): Spending {
  const usages = question.conversation?.turns.map(({ report }) => report.usage) ?? [];
  return {
    key: question,
    threadTokens: usages.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0),
    threadCostUsd: usages.reduce((sum, { costUsd }) => sum + costUsd, 0),
  };
}
