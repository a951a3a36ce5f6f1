import { z } from 'zod';
import type { Kind } from '../store/store.ts';
import type { Alert } from './alert.ts';

/** An alert as its incident remembers it: cut, and masked by whoever stored it. */
export type Noted = z.infer<typeof noted>;
const noted = z.object({
  name: z.string(),
  severity: z.string().exactOptional(),
  summary: z.string().exactOptional(),
  firing: z.boolean(),
  startsAtMs: z.number(),
  /** How often it was sent as firing. */
  times: z.number(),
});

/**
 * Everything that alerts about one target in one channel say, from the first until all are resolved: one thread, however
 * many alerts there are.
 */
export type Incident = z.infer<typeof incident>;
const incident = z.object({
  channel: z.string(),
  /** The process that tells it, as long as that lives. */
  owner: z.string(),
  /** Undefined where the labels name no target. */
  target: z.string().exactOptional(),
  openedAtMs: z.number(),
  /** When an alert last came. */
  lastAtMs: z.number(),
  resolvedAtMs: z.number().exactOptional(),
  /** By fingerprint; the first of them, the rest are counted. */
  alerts: z.record(z.string(), noted),
  /** Firing alerts that found no room. */
  more: z.number(),
  /** Firing alerts that came, those that came again among them. */
  received: z.number(),
  /** The card: the thread's root. */
  threadTs: z.string().exactOptional(),
  /** What the card tells: it is behind where this is less than `received` and `changes` together. */
  shown: z.number(),
  /** How often anything changed. */
  changes: z.number(),
  /** Looks that were begun, and when the last was. */
  looks: z.number(),
  lookedAtMs: z.number().exactOptional(),
  /** When alerts last came back after all were resolved. */
  refiredAtMs: z.number().exactOptional(),
  /** A look that is still to be begun: at the first alert, after the cool-down, when it is back, when all is over. */
  wanted: z.enum(['first', 'again', 'refired', 'last']).exactOptional(),
});

/** Under channel and target. */
export const incidentKind: Kind<Incident> = { name: 'incident', schema: incident, keepDays: 30 };

export function incidentKey(channel: string, target: string | undefined): string {
  return `${channel} ${target ?? ''}`;
}

/** Alerts of an incident that are known one by one. */
const maxNoted = 40;
/** Alertmanager repeats what fires every 4 hours unless it is told otherwise; an end may never be sent (`send_resolved`). */
const silenceMs = 6 * 3_600_000;

export interface MergeOptions {
  readonly channel: string;
  readonly target: string | undefined;
  /** The process that stores it. */
  readonly owner: string;
  readonly nowMs: number;
  readonly coolDownMs: number;
}

/** An incident with the alerts of a notification in it. A pure step: the store may repeat it. */
export function withAlerts(
  before: Incident | undefined,
  alerts: readonly Alert[],
  { channel, target, owner, nowMs, coolDownMs }: MergeOptions,
): Incident | undefined {
  const old = before && isOver(before, alerts, nowMs, coolDownMs) ? undefined : before;
  // What is resolved and was never heard of here is nobody's news.
  if (!old && !alerts.some(({ status }) => status === 'firing')) return undefined;
  const now: Incident = old ?? {
    channel,
    owner,
    ...(target === undefined ? {} : { target }),
    openedAtMs: nowMs,
    lastAtMs: nowMs,
    alerts: {},
    more: 0,
    received: 0,
    shown: 0,
    changes: 0,
    looks: 0,
  };
  const known = { ...now.alerts };
  let { more, received } = now;
  for (const { fingerprint, status, name, severity, summary, startsAtMs } of alerts) {
    const seen = known[fingerprint];
    const isFiring = status === 'firing';
    if (isFiring) received++;
    const said = {
      name,
      ...(severity === undefined ? {} : { severity }),
      ...(summary === undefined ? {} : { summary }),
      firing: isFiring,
    };
    if (seen && isFiring) {
      const sinceMs = seen.firing ? Math.min(seen.startsAtMs, startsAtMs) : startsAtMs;
      known[fingerprint] = { ...seen, ...said, startsAtMs: sinceMs, times: seen.times + 1 };
    } else if (seen) known[fingerprint] = { ...seen, firing: false };
    else if (!isFiring) more = Math.max(0, more - 1);
    else if (Object.keys(known).length >= maxNoted) more++;
    else known[fingerprint] = { ...said, startsAtMs, times: 1 };
  }
  const { resolvedAtMs: _, ...open } = now;
  const merged: Incident = { ...open, alerts: known, more, received, lastAtMs: nowMs, changes: now.changes + 1 };
  const isFiring = firingOf(merged) > 0;
  if (!isFiring) {
    const isNews = now.resolvedAtMs === undefined;
    return { ...merged, resolvedAtMs: now.resolvedAtMs ?? nowMs, ...(isNews ? { wanted: 'last' as const } : {}) };
  }
  if (now.looks === 0) return { ...merged, wanted: 'first' };
  const isBack = now.resolvedAtMs !== undefined;
  // What goes on and off by the minute is counted; one word and one look in a cool-down are enough.
  if (isBack && (now.refiredAtMs === undefined || nowMs - now.refiredAtMs >= coolDownMs))
    return { ...merged, refiredAtMs: nowMs, wanted: 'refired' };
  const isDue = now.lookedAtMs === undefined || nowMs - now.lookedAtMs >= coolDownMs;
  return isDue ? { ...merged, wanted: 'again' } : merged;
}

/** Whether what comes now is another incident: the last one was resolved a while ago, or fell silent and never ended. */
function isOver(
  { resolvedAtMs, lastAtMs }: Incident,
  alerts: readonly Alert[],
  nowMs: number,
  coolDownMs: number,
): boolean {
  if (resolvedAtMs !== undefined) return nowMs - resolvedAtMs >= coolDownMs;
  if (nowMs - lastAtMs < silenceMs) return false;
  return alerts.every(({ status, startsAtMs }) => status === 'resolved' || startsAtMs > lastAtMs);
}

/** Alerts that fire just now; those that are only counted are taken to. */
export function firingOf({ alerts, more }: Incident): number {
  return Object.values(alerts).filter(({ firing }) => firing).length + more;
}
