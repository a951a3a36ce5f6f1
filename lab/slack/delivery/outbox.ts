import type { JsonObject } from '../nouns.ts';

export type DeliveryKind = 'events_api' | 'slash_commands' | 'interactive';

/** One try to hand a payload to the app. */
export interface Attempt {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `socket 2` or the request URL. */
  readonly via: string;
  /** 0 for the first try. */
  readonly retryNumber: number;
  readonly outcome: 'acknowledged' | 'timed_out' | 'failed';
  /** How long the app took to answer, or how long was waited. */
  readonly afterMs: number;
  /** HTTP status, in HTTP mode. */
  readonly status: number | undefined;
  /** Slack's word for why it failed: `timeout`, `http_error`, `connection_failed`. */
  readonly reason: string | undefined;
  /** What the app sent with its acknowledgement. */
  readonly body: JsonObject | string | undefined;
  /** The app forbade retries (`X-Slack-No-Retry: 1`). */
  readonly noRetry: boolean;
}

export interface Delivery {
  readonly id: number;
  readonly kind: DeliveryKind;
  /** Event type, command, or type of interaction. */
  readonly name: string;
  readonly payload: JsonObject;
  readonly attempts: Attempt[];
  /** The attempt that the app acknowledged; undefined while pending and when lost. */
  acknowledged: Attempt | undefined;
  /** No further attempt will follow. */
  finished: boolean;
}

export interface Retry {
  readonly number: number;
  readonly reason: string | undefined;
}

/** Hands one payload to the app and tells how that went. Never rejects. */
export interface Transport {
  deliver(kind: DeliveryKind, payload: JsonObject, retry: Retry): Promise<Attempt>;
}

export interface Outbox {
  readonly deliveries: readonly Delivery[];
  /** Delivers; resolves after the first try. Events that were not acknowledged are tried again afterwards. */
  send(kind: DeliveryKind, name: string, payload: JsonObject): Promise<Delivery>;
  /** Gives up what is pending. */
  close(): void;
}

export function createOutbox(parts: {
  readonly transport: () => Transport;
  readonly retryDelaysMs: readonly number[];
  readonly takeDuplicate: () => boolean;
  readonly changed: () => void;
}): Outbox {
  const deliveries: Delivery[] = [];
  const closing = new AbortController();

  async function attempt(delivery: Delivery, retry: Retry): Promise<Attempt> {
    const result = await parts.transport().deliver(delivery.kind, delivery.payload, retry);
    delivery.attempts.push(result);
    if (result.outcome === 'acknowledged') delivery.acknowledged ??= result;
    parts.changed();
    return result;
  }

  async function retryUntilAcknowledged(delivery: Delivery, first: Attempt): Promise<void> {
    let last = first;
    const delays = delivery.kind === 'events_api' ? parts.retryDelaysMs : [];
    for (const [index, delayMs] of delays.entries()) {
      if (last.outcome === 'acknowledged' || last.noRetry) break;
      await pause(delayMs, closing.signal);
      if (closing.signal.aborted) break;
      last = await attempt(delivery, { number: index + 1, reason: last.reason });
    }
    delivery.finished = true;
    parts.changed();
  }

  return {
    deliveries,
    async send(kind, name, payload) {
      const delivery: Delivery = {
        id: deliveries.length + 1,
        kind,
        name,
        payload,
        attempts: [],
        acknowledged: undefined,
        finished: false,
      };
      deliveries.push(delivery);
      const firstTry = { number: 0, reason: undefined };
      const again = kind === 'events_api' && parts.takeDuplicate() ? attempt(delivery, firstTry) : undefined;
      const first = await attempt(delivery, firstTry);
      await again;
      void retryUntilAcknowledged(delivery, first);
      return delivery;
    },
    close() {
      closing.abort();
    },
  };
}

/** Waits; ends early when aborted. Does not keep the process alive. */
function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, delayMs).unref();
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
