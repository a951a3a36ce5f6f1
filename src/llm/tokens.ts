import type { Purpose } from '../report/model-use.ts';
import type { ChatRequest } from './chat-model.ts';

/** Of English, identifiers and JSON; of other scripts each character is taken for a token. */
export const charactersPerToken = 3.5;

/** About how many tokens a text is, rather too many than too few. */
export function estimateTokens(text: string): number {
  const strange = text.replaceAll(/\p{ASCII}/gu, '').length;
  return Math.ceil((text.length - strange) / charactersPerToken + strange);
}

/** How many characters of a text are as many tokens as `maxCharacters` of English. */
export function fittingCharacters(text: string, maxCharacters: number): number {
  const heaviness = (estimateTokens(text) * charactersPerToken) / Math.max(1, text.length);
  return Math.floor(maxCharacters / Math.max(1, heaviness));
}

/** The most that a prompt may hold, in tokens, by what it is for; tools and schema included. */
export const promptTokens: Readonly<Record<Purpose, number>> = {
  plan: 4_000,
  replan: 4_000,
  narrate: 12_000,
  inspect: 4_000,
};

/**
 * The most that one answer may take. A plan or a summary is a tenth of it; models that reason count what they think as
 * answer, and one that reaches the limit while thinking says nothing at all.
 */
export const maxAnswerTokens = 2_500;

export function tokensOf({ messages, tools, answerSchema }: ChatRequest): number {
  const texts = messages.map((message) =>
    message.role === 'assistant'
      ? message.text + (message.toolCalls ?? []).map((call) => call.name + call.arguments).join('')
      : message.text,
  );
  return estimateTokens(texts.join('\n') + JSON.stringify(tools ?? []) + JSON.stringify(answerSchema ?? {}));
}
