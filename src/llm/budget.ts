import { ConfigError } from '../errors.ts';
import type { BudgetSettings } from './budget-settings.ts';
import { type ChatModel, type ChatRequest, ModelError, type TokenUsage } from './chat-model.ts';

type Span = keyof BudgetSettings['caps'];

/** What was spent, calls under way included. */
interface Account {
  tokens: number;
  costUsd: number;
}

const spans = ['turn', 'thread', 'day'] as const;

/**
 * Holds a model to the caps of the configuration and fills in what each call cost. A call whose prompt and longest
 * answer could break a cap is not made: ModelError `not_asked`. Days are UTC and counted by this process.
 * Throws ConfigError where money is capped and the model has no price.
 */
export function withBudget(model: ChatModel, settings: BudgetSettings, now: () => number = Date.now): ChatModel {
  const price = Object.hasOwn(settings.prices, model.name) ? settings.prices[model.name] : undefined;
  const capped = spans.find((span) => settings.caps[span].usd !== undefined);
  if (capped && !price) {
    throw new ConfigError(`model.caps.${capped}.usd: the model ${model.name} has no price in model.prices`);
  }
  const turns = new WeakMap<object, Account>();
  let day = { date: '', account: emptyAccount() };

  function costOf({ inputTokens, outputTokens }: TokenUsage): number {
    return price ? (inputTokens * price.input + outputTokens * price.output) / 1_000_000 : 0;
  }

  function accountsOf({ turn }: ChatRequest): Readonly<Record<Span, Account>> {
    const date = new Date(now()).toISOString().slice(0, 10);
    if (day.date !== date) day = { date, account: emptyAccount() };
    const own = (turn && turns.get(turn.key)) ?? emptyAccount();
    if (turn) turns.set(turn.key, own);
    const thread = {
      tokens: own.tokens + (turn?.threadTokens ?? 0),
      costUsd: own.costUsd + (turn?.threadCostUsd ?? 0),
    };
    return { turn: own, thread, day: day.account };
  }

  return {
    name: model.name,
    async complete(request) {
      const accounts = accountsOf(request);
      const most = mostOf(request);
      for (const span of spans) refuseOver(span, accounts[span], settings.caps[span], most, costOf(most));
      const book = (usage: TokenUsage, sign: 1 | -1) => {
        for (const account of [accounts.turn, accounts.day]) {
          account.tokens += sign * (usage.inputTokens + usage.outputTokens);
          account.costUsd += sign * costOf(usage);
        }
      };
      // Booked before the call, or calls side by side would each find the budget unspent.
      book(most, 1);
      try {
        const reply = await model.complete(request);
        const isTold = reply.usage.inputTokens + reply.usage.outputTokens > 0;
        book(most, -1);
        // A server that tells no usage is charged by our estimate.
        const usage = isTold ? reply.usage : { inputTokens: most.inputTokens, outputTokens: charge(reply.text.length) };
        book(usage, 1);
        return { ...reply, usage: price ? { ...usage, costUsd: costOf(usage) } : usage };
      } catch (error) {
        // What was refused is free. Anything else may have been worked on, and stays booked.
        if (error instanceof ModelError && freeKinds.has(error.kind)) book(most, -1);
        throw error;
      }
    },
  };
}

const freeKinds: ReadonlySet<string> = new Set(['unauthorized', 'quota', 'rate_limited', 'rejected', 'not_asked']);

const defaultOutputTokens = 4_000;

/** An upper estimate of tokens; English has about four characters a token, identifiers and JSON fewer. */
function charge(characters: number): number {
  return Math.ceil(characters / 3);
}

function mostOf({ messages, tools, answerSchema, maxOutputTokens }: ChatRequest): TokenUsage {
  const sent = JSON.stringify([messages, tools ?? [], answerSchema ?? {}]);
  return { inputTokens: charge(sent.length), outputTokens: maxOutputTokens ?? defaultOutputTokens };
}

function refuseOver(
  span: Span,
  spent: Account,
  cap: BudgetSettings['caps'][Span],
  most: TokenUsage,
  mostUsd: number,
): void {
  const where = span === 'day' ? 'for today' : `for this ${span}`;
  if (spent.tokens + most.inputTokens + most.outputTokens > cap.tokens) {
    throw new ModelError('not_asked', `the budget of the model ${where} is used up (${cap.tokens} tokens)`);
  }
  if (cap.usd !== undefined && spent.costUsd + mostUsd > cap.usd) {
    throw new ModelError('not_asked', `the budget of the model ${where} is used up ($${cap.usd})`);
  }
}

function emptyAccount(): Account {
  return { tokens: 0, costUsd: 0 };
}
