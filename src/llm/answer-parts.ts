import { ModelError, type TokenUsage, type ToolCall } from './chat-model.ts';

/** A count as a server tells it: whatever is no count is 0, for a sum with NaN or less than nothing would open a budget. */
function countOf(told: unknown): number {
  return typeof told === 'number' && Number.isFinite(told) && told > 0 ? Math.ceil(told) : 0;
}

export function usageOf(inputTokens: unknown, outputTokens: unknown): TokenUsage {
  return { inputTokens: countOf(inputTokens), outputTokens: countOf(outputTokens) };
}

/** A call of a tool as servers write it: some leave the id out or repeat it, some send arguments as an object. */
export interface WrittenCall {
  readonly id: unknown;
  readonly name: unknown;
  readonly arguments: unknown;
}

/** The calls, each with an id of its own: what is wrong with one is told to the model by it. */
export function toolCallsOf(written: readonly WrittenCall[]): readonly ToolCall[] {
  const taken = new Set<string>();
  return written.map(({ id, name, arguments: given }, index) => {
    const own = typeof id === 'string' && id !== '' && !taken.has(id) ? id : `call_${index + 1}_${taken.size}`;
    taken.add(own);
    return { id: own, name: typeof name === 'string' ? name : '', arguments: argumentsOf(given) };
  });
}

function argumentsOf(given: unknown): string {
  if (typeof given === 'string') return given;
  return given === undefined || given === null ? '' : JSON.stringify(given);
}

/** The text without what a reasoning model thought aloud before it. */
export function withoutThoughts(text: string): string {
  return text.replace(/^\s*<think(?:ing)?>[\s\S]*?(?:<\/think(?:ing)?>|$)\s*/i, '');
}

const refusals = {
  length: 'the model reached its limit of tokens before its answer was whole',
  filter: "the model's content filter let no answer through",
  refusal: 'the model refused to answer',
} as const;

/** The model worked and has no answer; asked again it would have none either. */
export function noAnswer(why: keyof typeof refusals, usage: TokenUsage): ModelError {
  return new ModelError('refused', refusals[why], { usage });
}
