import { createHmac } from 'node:crypto';
import { isObject } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import type { Attempt, DeliveryKind, Retry, Transport } from './outbox.ts';

/** The headers by which an app knows that a request is Slack's. `timestampSeconds` may lie, to try the app. */
export function signatureHeaders(
  signingSecret: string,
  body: string,
  timestampSeconds = Math.floor(Date.now() / 1_000),
): Record<string, string> {
  const digest = createHmac('sha256', signingSecret).update(`v0:${timestampSeconds}:${body}`).digest('hex');
  return { 'X-Slack-Request-Timestamp': String(timestampSeconds), 'X-Slack-Signature': `v0=${digest}` };
}

function encode(kind: DeliveryKind, payload: JsonObject): { readonly type: string; readonly body: string } {
  if (kind === 'events_api') return { type: 'application/json', body: JSON.stringify(payload) };
  const form = new URLSearchParams();
  if (kind === 'interactive') form.set('payload', JSON.stringify(payload));
  else for (const [name, value] of Object.entries(payload)) form.set(name, String(value));
  return { type: 'application/x-www-form-urlencoded', body: form.toString() };
}

/** Slack's own names of retry reasons in the X-Slack-Retry-Reason header. */
function retryHeaders(retry: Retry): Record<string, string> {
  if (retry.number === 0) return {};
  return { 'X-Slack-Retry-Num': String(retry.number), 'X-Slack-Retry-Reason': retry.reason ?? 'unknown_error' };
}

function decodeBody(text: string): JsonObject | string {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : text;
  } catch {
    return text;
  }
}

/** Posts to the app's request URL, signed, and takes a 2xx in time as the acknowledgement. */
export function createSignedHttp(parts: {
  readonly requestUrl: string;
  readonly signingSecret: string;
  readonly ackTimeoutMs: number;
}): Transport {
  return {
    async deliver(kind, payload, retry) {
      const { type, body } = encode(kind, payload);
      const at = Date.now();
      const base = { at, via: parts.requestUrl, retryNumber: retry.number };
      const result = (rest: Pick<Attempt, 'outcome' | 'status' | 'reason' | 'body' | 'noRetry'>): Attempt => ({
        ...base,
        afterMs: Date.now() - at,
        ...rest,
      });
      try {
        const response = await fetch(parts.requestUrl, {
          method: 'POST',
          headers: {
            'Content-Type': type,
            'User-Agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
            ...signatureHeaders(parts.signingSecret, body),
            ...retryHeaders(retry),
          },
          body,
          signal: AbortSignal.timeout(parts.ackTimeoutMs),
        });
        const text = await response.text();
        return result({
          outcome: response.ok ? 'acknowledged' : 'failed',
          status: response.status,
          reason: response.ok ? undefined : 'http_error',
          body: decodeBody(text),
          noRetry: response.headers.get('x-slack-no-retry') === '1',
        });
      } catch (error) {
        const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
        return result({
          outcome: isTimeout ? 'timed_out' : 'failed',
          status: undefined,
          reason: isTimeout ? 'http_timeout' : 'connection_failed',
          body: undefined,
          noRetry: false,
        });
      }
    },
  };
}
