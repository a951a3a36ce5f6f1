import { DbcheckError } from '../errors.ts';
import type { ModelUse, Purpose } from '../report/model-use.ts';

/** A function that the model may ask us to call. `parameters` is JSON Schema; we validate the arguments ourselves. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON as the model wrote it: unchecked. */
  readonly arguments: string;
}

export type ChatMessage =
  | { readonly role: 'system' | 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls?: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly callId: string; readonly text: string };

export interface ChatRequest {
  /** What the call is for; names it in usage and traces. */
  readonly purpose: Purpose;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ToolDefinition[];
  /** Asks for an answer of this JSON Schema; servers may ignore it, so the answer is validated again. */
  readonly answerSchema?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };
  readonly maxOutputTokens?: number;
  /** On whose account the call goes; without it only the day's budget holds. */
  readonly turn?: Spending;
  readonly signal?: AbortSignal;
  /** Called with each piece of text as it arrives; the answer then comes as a stream. */
  readonly onText?: (piece: string) => void;
}

/** A turn, and what its thread spent before it. */
export interface Spending {
  /** The same object in every call of a turn. */
  readonly key: object;
  readonly threadTokens: number;
  readonly threadCostUsd: number;
  /** Hears of attempts that failed and may have been worked on: they are charged by estimate. */
  readonly onLost?: (use: ModelUse) => void;
}

export interface ChatReply {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly usage: TokenUsage;
}

export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** What the call cost by the price table of the configuration; absent where no price is known. */
  readonly costUsd?: number;
}

/** A language model behind HTTP. Rejects with ModelError and nothing else; one call is one attempt. */
export interface ChatModel {
  readonly name: string;
  complete(request: ChatRequest): Promise<ChatReply>;
}

export type ModelErrorKind =
  /** 401, 403: the key is wrong or missing. */
  | 'unauthorized'
  /** 429 without hope: the account's quota is used up. */
  | 'quota'
  /** 429: too many requests for the moment. */
  | 'rate_limited'
  /** 5xx, a cut connection or stream, no connection. */
  | 'unavailable'
  | 'timed_out'
  /** 400, 404, 422: what we sent or the address is wrong. */
  | 'rejected'
  /** The answer is no valid answer: not JSON, no choice, too large. */
  | 'malformed'
  /** It worked and gave no whole answer: a refusal, a content filter, its own limit of tokens. */
  | 'refused'
  /** Our own signal ended the call. */
  | 'stopped'
  /** The breaker is open or a budget is used up: the model was not asked. */
  | 'not_asked';

/** Everything that can go wrong with a model. `retryAfterMs` is the server's wish where it gave one. */
export class ModelError extends DbcheckError {
  readonly kind: ModelErrorKind;
  readonly retryAfterMs: number | undefined;
  /** Whoever answered has not worked on the request, so that it costs nothing. */
  readonly isFree: boolean;
  /** What it took all the same, where the server told it. */
  readonly usage: TokenUsage | undefined;

  constructor(
    kind: ModelErrorKind,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly retryAfterMs?: number;
      readonly isFree?: boolean;
      readonly usage?: TokenUsage;
    } = {},
  ) {
    super('model_failed', message, options);
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
    this.usage = options.usage;
    this.isFree = options.isFree ?? kind === 'not_asked';
  }

  /** A second attempt may succeed where the first did not. */
  get retryable(): boolean {
    return this.kind === 'rate_limited' || this.kind === 'unavailable' || this.kind === 'malformed';
  }
}
