import { isRefused } from '../block-kit/violation.ts';
import type { Delivery } from '../delivery/outbox.ts';
import type { Lab } from '../lab.ts';
import type { Call } from '../traffic.ts';
import { type Html, html, nothing } from './html.ts';

/** Most recent entries that the page shows. */
const shown = 120;
/** Longer payloads are cut on the page; the log itself keeps them. */
const maximumPayload = 6_000;

function payload(value: unknown): Html {
  const text = JSON.stringify(value, undefined, 2);
  return html`<pre>${text.length > maximumPayload ? `${text.slice(0, maximumPayload)}\n…` : text}</pre>`;
}

function verdict(call: Call): Html {
  if (call.violations.length === 0)
    return call.args['blocks'] === undefined ? nothing : html`<span class="verdict good">valid</span>`;
  if (isRefused(call.violations)) return html`<span class="verdict bad">refused</span>`;
  const isFault = call.violations.some((violation) => violation.severity === 'fault');
  return html`<span class="verdict ${isFault ? 'bad' : 'soso'}">${isFault ? 'fault' : 'warning'}</span>`;
}

function callHtml(call: Call): Html {
  return html`<details class="call ${call.ok ? '' : 'failed'}"><summary><span class="direction">app → Slack</span><b>${call.method}</b>${verdict(call)}<span class="outcome">${call.error ?? 'ok'} · ${call.durationMs} ms</span></summary>
${call.violations.map((violation) => html`<p class="violation ${violation.severity}"><code>${violation.path}</code> ${violation.message}</p>`)}
${payload(call.args)}${call.ok ? nothing : payload(call.response)}</details>`;
}

function deliveryHtml(delivery: Delivery): Html {
  const last = delivery.attempts.at(-1);
  const tries = delivery.attempts.length > 1 ? ` · ${delivery.attempts.length} tries` : '';
  const outcome = last === undefined ? 'pending' : `${last.outcome.replace('_', ' ')} · ${last.afterMs} ms${tries}`;
  const isLost = last !== undefined && last.outcome !== 'acknowledged';
  return html`<details class="call delivery ${isLost ? 'failed' : ''}"><summary><span class="direction">Slack → app</span><b>${delivery.name}</b><span class="outcome">${outcome}</span></summary>${payload(delivery.payload)}</details>`;
}

export interface KeyedHtml {
  readonly key: string;
  readonly html: string;
}

/** Calls and deliveries together, the newest first, with what the validator said of each. */
export function trafficHtml(lab: Lab): readonly KeyedHtml[] {
  const calls = lab.traffic.calls.slice(-shown).map((call) => ({
    at: call.at,
    key: `call-${call.id}`,
    html: () => callHtml(call),
  }));
  const deliveries = lab.outbox.deliveries.slice(-shown).map((delivery) => ({
    at: delivery.attempts[0]?.at ?? Number.MAX_SAFE_INTEGER,
    key: `delivery-${delivery.id}`,
    html: () => deliveryHtml(delivery),
  }));
  return [...calls, ...deliveries]
    .sort((one, other) => other.at - one.at)
    .slice(0, shown)
    .map((entry) => ({ key: entry.key, html: entry.html().markup }));
}
