import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { type ChatReply, type ChatRequest, ModelError, type ModelErrorKind } from './chat-model.ts';

export interface ModelSettings {
  readonly apiKey: string | undefined;
  /** Root of an OpenAI-compatible API; api.openai.com when absent. */
  readonly baseUrl: string | undefined;
  readonly name: string;
  readonly timeoutMs: number;
}

/** An answer larger than this is no answer. */
const maxAnswerCharacters = 64_000;

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

/**
 * One attempt, from the request to the last byte of the answer. The SDK's timeout ends with the headers
 * and its streams end silently on an abort, so the deadline is ours. Rejects with ModelError only.
 */
export async function attempt(
  { timeoutMs }: ModelSettings,
  request: ChatRequest,
  call: (signal: AbortSignal) => Promise<ChatReply>,
): Promise<ChatReply> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await call(request.signal ? AbortSignal.any([request.signal, deadline]) : deadline);
  } catch (error) {
    if (request.signal?.aborted) throw new ModelError('stopped', 'stopped on request', { cause: error });
    if (deadline.aborted) throw new ModelError('timed_out', 'the model did not answer in time', { cause: error });
    throw asModelError(error);
  }
}

/** Turns whatever the SDK throws into a ModelError that names neither key nor prompt. */
function asModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  const cause = { cause: error };
  if (error instanceof APIUserAbortError) return new ModelError('stopped', 'stopped on request', cause);
  if (error instanceof APIConnectionTimeoutError)
    return new ModelError('timed_out', 'the model did not answer in time', cause);
  if (error instanceof APIConnectionError) return new ModelError('unavailable', 'the model cannot be reached', cause);
  if (error instanceof APIError) return fromStatus(error);
  // A body that is not JSON is a raw SyntaxError; a raw TypeError is a page or JSON of another shape, unless a cut connection is its cause.
  if (error instanceof SyntaxError)
    return new ModelError('malformed', 'the model answered something that no model answers', cause);
  if (error instanceof TypeError && error.cause === undefined) return noModel(undefined);
  return new ModelError('unavailable', 'the connection to the model broke', cause);
}

function fromStatus(error: Pick<APIError, 'status' | 'code' | 'headers'>): ModelError {
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
  const hint = status === 404 ? '; check OPENAI_BASE_URL and OPENAI_MODEL' : '';
  return new ModelError(kind, `${words[kind]}${status ? ` (HTTP ${status})` : ''}${hint}`, {
    cause: error,
    // No provider charges for an error; one that gave up waiting may have worked.
    isFree: status >= 400 && status !== 408 && status !== 504,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function retryAfter(headers: unknown): number | undefined {
  if (!(headers instanceof Headers)) return undefined;
  // Some servers say it more finely beside the standard header.
  const ms = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const value = headers.get('retry-after') ?? '';
  const seconds = value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1_000 : undefined;
  const at = Date.parse(value);
  if (Number.isNaN(at)) return undefined;
  // Counted by the server's own clock where it tells it: ours may be off by more than the wait.
  const now = Date.parse(headers.get('date') ?? '');
  return Math.max(0, at - (Number.isNaN(now) ? Date.now() : now));
}

/** Gateways answer 200 with an error inside. Undefined where there is none. */
export function errorIn(answer: unknown): ModelError | undefined {
  const told = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined;
  if (typeof told !== 'object' || told === null) return undefined;
  const code = 'code' in told ? told.code : undefined;
  const status = Number(code);
  return fromStatus({
    status: Number.isInteger(status) && status >= 400 && status < 600 ? status : undefined,
    code: String(code),
    headers: undefined,
  });
}

/** What a login page, a proxy or another API answers: it never saw a model, so that it costs nothing. */
export function noModel(answer: unknown): ModelError {
  return new ModelError('malformed', 'what answers at the address of the model is no model; check OPENAI_BASE_URL', {
    isFree: typeof answer !== 'object' || answer === null || !('usage' in answer),
  });
}

/** Throws ModelError where an answer, its text and its tool calls together, is larger than any answer may be. */
export function checkSize(characters: number): void {
  if (characters > maxAnswerCharacters) throw new ModelError('malformed', 'the answer of the model is too large');
}
