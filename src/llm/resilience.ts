import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  type IBackoffFactory,
  type IDefaultPolicyContext,
  type IRetryBackoffContext,
  retry,
  wrap,
} from 'cockatiel';
import { type ChatModel, ModelError } from './chat-model.ts';

/** Waits of a retry: the server's Retry-After where it gave one, else doubling from `baseMs`. Longer than `maxWaitMs` is not waited for. */
export interface ResilienceSettings {
  readonly retries: number;
  readonly baseMs: number;
  readonly maxWaitMs: number;
  /** Failures in a row after which the model is left alone … */
  readonly breakAfter: number;
  /** … for this long. */
  readonly restMs: number;
}

export const defaultResilience: ResilienceSettings = {
  retries: 2,
  baseMs: 300,
  maxWaitMs: 5_000,
  breakAfter: 5,
  restMs: 30_000,
};

/** Retries what may succeed the second time and leaves a model alone that keeps failing. */
export function withResilience(model: ChatModel, settings: ResilienceSettings = defaultResilience): ChatModel {
  // The breaker stands inside the retry: each attempt counts, and an open breaker ends the retrying at once.
  const breaker = circuitBreaker(
    handleWhen((error) => error instanceof ModelError && error.kind !== 'stopped' && error.kind !== 'not_asked'),
    { halfOpenAfter: settings.restMs, breaker: new ConsecutiveBreaker(settings.breakAfter) },
  );
  const retrying = retry(
    handleWhen(
      (error) => error instanceof ModelError && error.retryable && (error.retryAfterMs ?? 0) <= settings.maxWaitMs,
    ),
    {
      maxAttempts: settings.retries,
      backoff: createBackoff(settings.baseMs),
    },
  );
  const policy = wrap(retrying, breaker);
  return {
    name: model.name,
    async complete(request) {
      try {
        const answer = policy.execute((_: IDefaultPolicyContext) => model.complete(request), request.signal);
        return await (request.signal ? Promise.race([answer, rejectOnAbort(request.signal)]) : answer);
      } catch (error) {
        if (error instanceof BrokenCircuitError) {
          throw new ModelError('not_asked', 'the model keeps failing and is left alone for a while', { cause: error });
        }
        if (error instanceof ModelError) throw error;
        throw new ModelError(request.signal?.aborted ? 'stopped' : 'unavailable', 'the model did not answer', {
          cause: error,
        });
      }
    },
  };
}

/** The policy's wait between two attempts cannot be cut short, but nobody has to sit through it. */
function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new ModelError('stopped', 'stopped on request'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** Each step waits as long as the server wished, else twice as long as the one before. */
function createBackoff(baseMs: number): IBackoffFactory<IRetryBackoffContext<unknown>> {
  const next = (context: IRetryBackoffContext<unknown>) => {
    const failure = 'error' in context.result ? context.result.error : undefined;
    const wish = failure instanceof ModelError ? failure.retryAfterMs : undefined;
    return { duration: wish ?? baseMs * 2 ** (context.attempt - 1), next };
  };
  return { next };
}
