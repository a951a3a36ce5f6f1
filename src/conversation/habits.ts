import { z } from 'zod';
import type { Kind, Store } from '../store/store.ts';
import type { Habits } from './next-questions.ts';

/** Which agents were asked next after a finding, by `team:channel code`. It holds no word of a question. */
const nextKind: Kind<{ readonly asked: Habits }> = {
  name: 'asked-next',
  schema: z.object({ asked: z.record(z.string(), z.number()) }),
  keepDays: 180,
};

/** When a finding was seen, by `target code subject`; ms since 1970, the oldest first. */
const sightingKind: Kind<{ readonly atMs: readonly number[] }> = {
  name: 'sighting',
  schema: z.object({ atMs: z.array(z.number()) }),
  keepDays: 30,
};

const weekMs = 7 * 86_400_000;
/** Seen again sooner than this after the last look it is the same occurrence. */
const sameOccurrenceMs = 3_600_000;
const maxSightings = 50;

export interface HabitBook {
  /** Counts that these agents were asked after this finding in a channel. */
  noteNext(channel: string, code: string, agents: readonly string[]): Promise<void>;
  next(channel: string, code: string): Promise<Habits>;
  /** Notes that a finding was seen; gives when it occurred within a week, this time included. */
  see(target: string, code: string, subject: string, nowMs: number): Promise<readonly number[]>;
  /** When it occurred within a week, without noting that it was seen. */
  sightings(target: string, code: string, subject: string, nowMs: number): Promise<readonly number[]>;
}

export function createHabitBook(store: Store): HabitBook {
  return {
    async noteNext(channel, code, agents) {
      await store.update(nextKind, `${channel} ${code}`, (now) => {
        const asked: Record<string, number> = { ...now?.asked };
        for (const agent of agents) asked[agent] = (asked[agent] ?? 0) + 1;
        return { asked };
      });
    },
    async next(channel, code) {
      return (await store.get(nextKind, `${channel} ${code}`))?.asked ?? {};
    },
    async see(target, code, subject, nowMs) {
      const seen = await store.update(sightingKind, sightingKey(target, code, subject), (now) => {
        const before = now?.atMs ?? [];
        const lastMs = before.at(-1);
        // What goes on is one occurrence; its time moves along, so that an hour of quiet has to lie in between.
        const isSame = lastMs !== undefined && nowMs - lastMs < sameOccurrenceMs;
        return { atMs: [...(isSame ? before.slice(0, -1) : before), nowMs].slice(-maxSightings) };
      });
      return (seen?.atMs ?? [nowMs]).filter((atMs) => nowMs - atMs < weekMs);
    },
    async sightings(target, code, subject, nowMs) {
      const seen = await store.get(sightingKind, sightingKey(target, code, subject));
      return (seen?.atMs ?? []).filter((atMs) => nowMs - atMs < weekMs);
    },
  };
}

function sightingKey(target: string, code: string, subject: string): string {
  // A thread has another number each time, and is the same trouble all the same.
  return `${target} ${code} ${/^thread \d+$/.test(subject) ? 'thread' : subject.slice(0, 120)}`;
}
