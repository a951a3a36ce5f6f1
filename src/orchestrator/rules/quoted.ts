import type { Agent } from '../../agents/agent.ts';
import { type Intent, readIntent } from './intents.ts';
import { normalise } from './question-text.ts';
import { type KnownTarget, readTargets } from './target-names.ts';
import { readDurations } from './windows.ts';

/** What the messages of others in a thread tell about a question: an alert card's target and time. */
export interface QuotedContext {
  readonly targets: readonly string[];
  /** How far back the alert began, where that is longer ago than agents look by themselves. */
  readonly hours: number | undefined;
  readonly intent: Intent;
}

export function readQuoted(
  quoted: string,
  targets: readonly KnownTarget[],
  agents: readonly Agent[],
  now: Date,
): QuotedContext {
  const text = normalise(quoted);
  const { names, rest } = readTargets(text, targets);
  return { targets: names, hours: hoursSince(quoted, text, now), intent: readIntent(rest, agents) };
}

/** Whether a question is about what stands above it: "what is this?", "can you look into it?" */
export function pointsAtThread(text: string): boolean {
  return (
    /\b(this|that|these|it|above|alert|card|here|message|das|dies|esto|ca|cela)\b/.test(text) ||
    /^(please |pls )?(check|help|look|why|what happened|investigate|diagnose|triage|analy[sz]e)?( please| pls)?[\s?!.]*$/.test(
      text.trim(),
    )
  );
}

const dayMs = 86_400_000;

function hoursSince(original: string, text: string, now: Date): number | undefined {
  const startMs = isoTime(original) ?? clockTime(text, now);
  const ageMs = startMs === undefined ? undefined : now.getTime() - startMs;
  const hours =
    ageMs !== undefined && ageMs > 0 && ageMs < 7 * dayMs
      ? Math.ceil(ageMs / 900_000) / 4
      : (readDurations(text, now).windowSeconds ?? 0) / 3_600;
  return hours > 1 && hours <= 168 ? hours : undefined;
}

function isoTime(text: string): number | undefined {
  const found = /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?/.exec(text);
  const time = found ? Date.parse(found[0].replace(' ', 'T') + (found[1] === undefined ? 'Z' : '')) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** The last time that the clock showed it, UTC. */
function clockTime(text: string, now: Date): number | undefined {
  const [, hour, minute] =
    /\b(?:since|at|from|started|began|start|startsat|time|seit|desde)\W{0,3}(\d{1,2}):(\d{2})(?!\d)/.exec(text) ?? [];
  if (hour === undefined || minute === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined;
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), Number(hour), Number(minute));
  return today <= now.getTime() ? today : today - dayMs;
}
