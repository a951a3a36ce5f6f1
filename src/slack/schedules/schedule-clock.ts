import type { Log } from '../../log.ts';
import { countBetween, nextAfter } from '../../schedules/recurrence.ts';
import type { ScheduleBook } from '../../schedules/schedule-book.ts';
import type { Desk } from '../turns/desk.ts';
import type { DueCheck } from './scheduled-check.ts';

/** Due times are whole minutes; nobody waits for one to the second. */
const everyMs = 1_000;
/** A clock that was ahead when the next time was reckoned left one that never comes; it is reckoned anew so often. */
const compareEveryMs = 60_000;
/** Missed times are counted to here. */
const mostMissed = 1_000;

/**
 * Looks for due times and takes each into the inbox under an id that is the same in every process: so it is worked on once
 * over all of them, and a process that dies with it leaves it to the next. However many times went by while nobody looked,
 * one check is made. A clock that jumps forth makes at most one check too early; when it comes back, so do the due times.
 */
export function startScheduleClock({
  book,
  take,
  begin,
  now,
  log,
}: {
  readonly book: ScheduleBook;
  readonly take: Desk['take'];
  readonly begin: (id: string, question: DueCheck) => void;
  readonly now: () => number;
  readonly log: Log;
}): { stop(): Promise<void> } {
  let comparedAtMs = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    const nowMs = now();
    const isCompared = Math.abs(nowMs - comparedAtMs) >= compareEveryMs;
    if (isCompared) comparedAtMs = nowMs;
    for (const { team, number, channel, user, when, nextAtMs: atMs, paused } of await book.all()) {
      if (paused !== undefined) continue;
      if (atMs > nowMs) {
        const sooner = isCompared ? nextAfter(when, nowMs) : undefined;
        if (sooner !== undefined && sooner < atMs)
          await book.change(team, number, (one) => (one.nextAtMs === atMs ? { ...one, nextAtMs: sooner } : undefined));
        continue;
      }
      const id = `schedule ${team} ${number} ${atMs}`;
      const due = { number, atMs, missed: countBetween(when, atMs, nowMs, mostMissed) };
      const question = { team, channel, text: `scheduled check ${number}`, user, fresh: true, due };
      const isOurs = await take(id, question);
      const next = nextAfter(when, nowMs);
      // A time that never comes again: an hour is as good as any to look once more.
      const nextAtMs = next ?? nowMs + 3_600_000;
      await book.change(team, number, (one) => (one.nextAtMs === atMs ? { ...one, nextAtMs } : undefined));
      if (isOurs) begin(id, { ...question, takenAtMs: nowMs, state: 'waiting', begun: 0, owner: '' });
    }
  }

  let work: Promise<void> | undefined;
  const timer = setInterval(() => {
    work ??= look()
      .catch((error: unknown) => log.warn({ err: error }, 'schedules could not be looked at'))
      .finally(() => {
        work = undefined;
      });
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await work;
    },
  };
}
