import { ConfigError } from '../errors.ts';
import { oneCall } from '../report/model-use.ts';
import type { BudgetSettings } from './budget-settings.ts';
import { type ChatModel, type ChatRequest, ModelError, type TokenUsage } from './chat-model.ts';
import { createMemoryLedger, type Ledger } from './ledger.ts';
import { promptTokens, tokensOf } from './tokens.ts';

type Span = keyof BudgetSettings['caps'];

/** What was spent, calls under way included. */
interface Account {
  tokens: number;
  costUsd: number;
  calls: number;
  failures: number;
}

/** Requests that leave for the model in one turn, attempts of a retry included. */
const maxTurnCalls = 3;

const spans = ['turn', 'thread', 'day'] as const;

/**
 * Holds a model to the caps of the configuration and fills in what each call cost. A call whose prompt and longest
 * answer could break a cap, a fourth call of a turn, and a prompt beyond its limit are not made: ModelError `not_asked`.
 * Days are UTC; what was spent on them stands in the ledger.
 * Throws ConfigError where money is capped and the model has no price.
 */
export function withBudget(
  model: ChatModel,
  settings: BudgetSettings,
  ledger: Ledger = createMemoryLedger(),
  now: () => number = Date.now,
): ChatModel {
  const price = Object.hasOwn(settings.prices, model.name) ? settings.prices[model.name] : undefined;
  const capped = spans.find((span) => settings.caps[span].usd !== undefined);
  if (capped && !price) {
    throw new ConfigError(`model.caps.${capped}.usd: the model ${model.name} has no price in model.prices`);
  }
  const turns = new WeakMap<object, Account>();
  /** Calls under way, which no ledger knows yet. */
  const underWay = emptyAccount();

  function costOf({ inputTokens, outputTokens }: TokenUsage): number {
    return price ? (inputTokens * price.input + outputTokens * price.output) / 1_000_000 : 0;
  }

  function turnOf({ turn }: ChatRequest): Account {
    const own = (turn && turns.get(turn.key)) ?? emptyAccount();
    if (turn) turns.set(turn.key, own);
    return own;
  }

  function book(accounts: readonly Account[], usage: TokenUsage, sign: 1 | -1): void {
    for (const account of accounts) {
      account.tokens += sign * (usage.inputTokens + usage.outputTokens);
      account.costUsd += sign * costOf(usage);
    }
  }

  return {
    name: model.name,
    async complete(request) {
      refuseLong(request);
      const own = turnOf(request);
      if (own.calls >= maxTurnCalls)
        throw new ModelError(
          'not_asked',
          `the model ${own.failures < maxTurnCalls ? 'was asked' : 'has failed'} ${maxTurnCalls} times in this turn`,
        );
      const { threadTokens = 0, threadCostUsd = 0 } = request.turn ?? {};
      const thread = { ...own, tokens: own.tokens + threadTokens, costUsd: own.costUsd + threadCostUsd };
      const most = mostOf(request);
      const before = { turn: { ...own }, thread, day: { ...underWay } };
      // Booked before anything is waited for, or calls side by side would each find the budget unspent.
      const accounts = [own, underWay];
      own.calls++;
      book(accounts, most, 1);
      const date = new Date(now()).toISOString().slice(0, 10);
      try {
        for (const use of await ledger.spent(date)) {
          before.day.tokens += use.inputTokens + use.outputTokens;
          before.day.costUsd += use.costUsd;
        }
        for (const span of spans) refuseOver(span, before[span], settings.caps[span], most, costOf(most));
        const reply = await model.complete(request);
        // A server that tells no usage is charged by our estimate.
        const usage = isTold(reply.usage)
          ? reply.usage
          : { inputTokens: most.inputTokens, outputTokens: charge(reply.text.length) };
        const costUsd = costOf(usage);
        await ledger.add(date, oneCall(request.purpose, model.name, { ...usage, costUsd }));
        book(accounts, most, -1);
        book([own], usage, 1);
        return { ...reply, usage: price ? { ...usage, costUsd } : usage };
      } catch (error) {
        const isFree = error instanceof ModelError && error.isFree;
        // Anything else may have been worked on, and is charged in full where the server does not tell what it took.
        if (!isFree) {
          const told = error instanceof ModelError && error.usage && isTold(error.usage) ? error.usage : most;
          const lost = oneCall(request.purpose, model.name, { ...told, costUsd: costOf(told) });
          await ledger.add(date, lost);
          request.turn?.onLost?.(lost);
          book([own], told, 1);
        }
        book(accounts, most, -1);
        if (error instanceof ModelError && error.kind === 'not_asked') own.calls--;
        else own.failures++;
        throw error;
      }
    },
  };
}

/** Prompts are built to fit; this is the wall behind them. */
function refuseLong(request: ChatRequest): void {
  const tokens = tokensOf(request);
  const most = promptTokens[request.purpose];
  if (tokens > most)
    throw new ModelError('not_asked', `a prompt of about ${tokens} tokens is beyond the limit of ${most}`);
}

function isTold({ inputTokens, outputTokens }: TokenUsage): boolean {
  return inputTokens + outputTokens > 0;
}

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
  return { tokens: 0, costUsd: 0, calls: 0, failures: 0 };
}
