import { z } from 'zod';
import type { Kind } from '../store/store.ts';
import { listed, recurrence, recurrenceInWords } from './recurrence.ts';

/** When a scheduled check is told: each time, when something changed since the last one, or when something is wrong. */
export type Notify = z.infer<typeof notify>;
const notify = z.enum(['always', 'change', 'warning']);

/** What the last check came to, for "on change". */
export type LastCheck = z.infer<typeof lastCheck>;
const lastCheck = z.object({
  atMs: z.number(),
  verdict: z.enum(['healthy', 'degraded', 'critical', 'unknown']),
  /** `severity code target subject` of each finding that is more than information. */
  findings: z.array(z.string()),
});

/** A check that is made again and again for a channel. It holds names and times only. */
export type Schedule = z.infer<typeof schedule>;
const schedule = z.object({
  number: z.int().positive(),
  team: z.string(),
  channel: z.string(),
  /** The person who made it, whose rights it has. */
  user: z.string(),
  when: recurrence,
  /** Names of targets; where a tag or all of them were asked for, `select` says so and this is empty. */
  targets: z.array(z.string()),
  select: z.union([z.literal('all'), z.object({ tag: z.string() })]).exactOptional(),
  /** Names of agents; empty for all of them. */
  agents: z.array(z.string()),
  notify,
  /** Why it rests: a person paused it, or it could not be made any more. */
  paused: z.string().exactOptional(),
  /** The next time that is due, in milliseconds since 1970. */
  nextAtMs: z.number(),
  /** The question of the inbox that the last due time became. */
  lastRun: z.string().exactOptional(),
  last: lastCheck.exactOptional(),
});

/** Kept until somebody deletes it; the key is team and number. */
export const scheduleKind: Kind<Schedule> = { name: 'schedule', schema: schedule };

/** What a person's words ask for, before it is known where and for whom. */
export type ScheduleWish = Pick<Schedule, 'when' | 'targets' | 'select' | 'agents' | 'notify'>;

const notifyWords: Readonly<Record<Notify, string>> = {
  always: 'notify always',
  change: 'notify on change',
  warning: 'notify on warning and above',
};

/** "orders-prod every day at 08:00 Europe/Berlin, full, notify on change"; read again, it asks for the same. */
export function scheduleInWords({ targets, select, when, agents, notify: told }: ScheduleWish): string {
  const which = select === undefined ? listed(targets) : select === 'all' ? 'all targets' : `tag ${select.tag}`;
  const what = agents.length === 0 ? 'full' : listed(agents.map((name) => name.replaceAll('_', ' ')));
  return `${which} ${recurrenceInWords(when)}, ${what}, ${notifyWords[told]}`;
}
