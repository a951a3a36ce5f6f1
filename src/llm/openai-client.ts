import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { ModelError, type ModelErrorKind } from './chat-model.ts';

export interface ModelSettings {
  readonly apiKey: string | undefined;
  /** Root of an OpenAI-compatible API; api.openai.com when absent. */
  readonly baseUrl: string | undefined;
  readonly name: string;
  readonly timeoutMs: number;
}

/** An answer larger than this is no answer. */
export const maxAnswerCharacters = 64_000;

/** The SDK's own retries are off: retrying, waiting and giving up are decided in one place (resilience.ts). */
export function createClient(settings: ModelSettings): OpenAI {
  return new OpenAI({
    // Local servers need no key, but the SDK insists on one.
    apiKey: settings.apiKey ?? 'none',
    ...(settings.baseUrl === undefined ? {} : { baseURL: settings.baseUrl }),
    timeout: settings.timeoutMs,
    maxRetries: 0,
    logLevel: 'off',
  });
}

/** Turns whatever the SDK throws into a ModelError that names neither key nor prompt. */
export function asModelError(error: unknown, signal: AbortSignal | undefined): ModelError {
  if (error instanceof ModelError) return error;
  if (signal?.aborted || error instanceof APIUserAbortError) return new ModelError('stopped', 'stopped on request');
  const cause = { cause: error };
  if (error instanceof APIConnectionTimeoutError)
    return new ModelError('timed_out', 'the model did not answer in time', cause);
  if (error instanceof APIConnectionError) return new ModelError('unavailable', 'the model cannot be reached', cause);
  if (error instanceof APIError) return fromStatus(error);
  // A body that is not JSON is a raw SyntaxError, a stream that is cut a raw TypeError.
  if (error instanceof SyntaxError)
    return new ModelError('malformed', 'the model answered something that is not JSON', cause);
  return new ModelError('unavailable', 'the connection to the model broke', cause);
}

function fromStatus(error: APIError): ModelError {
  const status = Number(error.status ?? 0);
  const quota = status === 429 && /insufficient_quota|billing/.test(String(error.code ?? ''));
  const kind: ModelErrorKind =
    status === 401 || status === 403
      ? 'unauthorized'
      : quota
        ? 'quota'
        : status === 429
          ? 'rate_limited'
          : status === 408
            ? 'timed_out'
            : status >= 500 || status === 0
              ? 'unavailable'
              : 'rejected';
  const words: Partial<Record<ModelErrorKind, string>> = {
    unauthorized: 'the model refuses the key',
    quota: 'the quota at the model is used up',
    rate_limited: 'the model is asked too often',
    timed_out: 'the model did not answer in time',
    unavailable: 'the model is out of order',
    rejected: 'the model rejects the request',
  };
  const retryAfterMs = retryAfter(error.headers);
  return new ModelError(kind, `${words[kind]}${status ? ` (HTTP ${status})` : ''}`, {
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function retryAfter(headers: unknown): number | undefined {
  const value = headers instanceof Headers ? headers.get('retry-after') : undefined;
  const seconds = value === null || value === undefined ? Number.NaN : Number(value);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}

export function checkSize(characters: number): void {
  if (characters > maxAnswerCharacters) throw new ModelError('malformed', 'the answer of the model is too large');
}
