import { z } from 'zod';
import type { Kind, Store } from '../store/store.ts';
import { type Schedule, scheduleKind } from './schedule.ts';

/** The last number that was given out in a workspace; numbers do not come back, so that an old "delete 3" means nothing new. */
const countKind: Kind<{ readonly last: number }> = { name: 'schedule-count', schema: z.object({ last: z.number() }) };

const mostSchedules = 10_000;

/** The schedules of all channels. Every call rejects where the store cannot be used. */
export interface ScheduleBook {
  add(draft: Omit<Schedule, 'number'>): Promise<Schedule>;
  find(team: string, number: number): Promise<Schedule | undefined>;
  all(): Promise<readonly Schedule[]>;
  /** By number. */
  ofChannel(team: string, channel: string): Promise<readonly Schedule[]>;
  /** One step, also across processes; `change` has no effects and gives undefined where nothing is to be written. */
  change(team: string, number: number, change: (now: Schedule) => Schedule | undefined): Promise<Schedule | undefined>;
  /** True where there was one. */
  remove(team: string, number: number): Promise<boolean>;
}

export function createScheduleBook(store: Store): ScheduleBook {
  const keyFor = (team: string, number: number) => `${team}:${number}`;
  const all = async () => {
    const found = await store.list(scheduleKind, { limit: mostSchedules });
    return found.map(({ value }) => value).toSorted((a, b) => a.number - b.number);
  };
  return {
    async add(draft) {
      const count = await store.update(countKind, draft.team, (now) => ({ last: (now?.last ?? 0) + 1 }));
      const schedule = { ...draft, number: count?.last ?? 1 };
      await store.insert(scheduleKind, keyFor(draft.team, schedule.number), schedule);
      return schedule;
    },
    find: (team, number) => store.get(scheduleKind, keyFor(team, number)),
    all,
    ofChannel: async (team, channel) =>
      (await all()).filter((schedule) => schedule.team === team && schedule.channel === channel),
    change: (team, number, change) => store.update(scheduleKind, keyFor(team, number), (now) => now && change(now)),
    remove: (team, number) => store.remove(scheduleKind, keyFor(team, number)),
  };
}
