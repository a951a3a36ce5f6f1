import { Cron } from 'croner';
import { z } from 'zod';

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);

/** When something is done again and again, in a time zone. Days of the week count from Sunday = 0, as cron counts them. */
export type Recurrence = z.infer<typeof recurrence>;
export const recurrence = z.intersection(
  z.object({ zone: z.string() }),
  z.discriminatedUnion('every', [
    z.object({ every: z.literal('minutes'), step: z.int().min(1).max(59) }),
    z.object({ every: z.literal('hours'), step: z.int().min(1).max(23), minute: z.int().min(0).max(59) }),
    z.object({
      every: z.literal('week'),
      days: z.array(z.int().min(0).max(6)).min(1),
      times: z.array(clockTime).min(1),
    }),
    z.object({
      every: z.literal('month'),
      days: z.array(z.union([z.int().min(1).max(31), z.literal('last')])).min(1),
      times: z.array(clockTime).min(1),
    }),
  ]),
);

/** Steps that divide an hour or a day: any other would begin anew, early, at every full one. */
export const minuteSteps: readonly number[] = [5, 6, 10, 12, 15, 20, 30];
export const hourSteps: readonly number[] = [1, 2, 3, 4, 6, 8, 12];

/**
 * The first time after a moment, in milliseconds since 1970. Where clocks go forward over a time, it is the end of the lost
 * hour; where they go back, the first of the two. Undefined where there is none, such as the 31st of a month without one.
 */
export function nextAfter(when: Recurrence, atMs: number): number | undefined {
  const next = patternsOf(when)
    .map((pattern) => new Cron(pattern, { timezone: when.zone, paused: true }).nextRun(new Date(atMs))?.getTime())
    .filter((ms) => ms !== undefined);
  return next.length === 0 ? undefined : Math.min(...next);
}

/** How many times lie after `fromMs`, up to and with `untilMs`; counted to `most`. */
export function countBetween(when: Recurrence, fromMs: number, untilMs: number, most: number): number {
  let count = 0;
  for (let at = nextAfter(when, fromMs); at !== undefined && at <= untilMs && count < most; at = nextAfter(when, at)) {
    count++;
  }
  return count;
}

function patternsOf(when: Recurrence): readonly string[] {
  const at = (time: string) => `${Number(time.slice(3))} ${Number(time.slice(0, 2))}`;
  switch (when.every) {
    case 'minutes':
      return [`*/${when.step} * * * *`];
    case 'hours':
      return hoursOf(when.step).map((hour) => `${when.minute} ${hour} * * *`);
    case 'week':
      return when.times.map((time) => `${at(time)} * * ${when.days.join(',')}`);
    case 'month':
      return when.times.map(
        (time) => `${at(time)} ${when.days.map((day) => (day === 'last' ? 'L' : day)).join(',')} * *`,
      );
  }
}

/** One by one: a pattern of several hours leaves out the one that a change of the clock takes away. */
function hoursOf(step: number): readonly string[] {
  return step === 1 ? ['*'] : Array.from({ length: 24 / step }, (_, index) => String(index * step));
}

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const weekdays = [1, 2, 3, 4, 5];

/** "every day at 08:00 Europe/Berlin"; read again, it gives the same recurrence. */
export function recurrenceInWords(when: Recurrence): string {
  const times = 'times' in when ? ` at ${listed(when.times)}` : '';
  return `${daysInWords(when)}${times} ${when.zone}`;
}

function daysInWords(when: Recurrence): string {
  switch (when.every) {
    case 'minutes':
      return `every ${when.step} minutes`;
    case 'hours': {
      const every = when.step === 1 ? 'every hour' : `every ${when.step} hours`;
      return when.minute === 0 ? every : `${every} at minute ${when.minute}`;
    }
    case 'week':
      if (when.days.length === 7) return 'every day';
      if (when.days.join() === weekdays.join()) return 'every weekday';
      // The week of people begins on Monday.
      return `every ${listed(when.days.toSorted((a, b) => ((a + 6) % 7) - ((b + 6) % 7)).map((day) => dayNames[day] ?? ''))}`;
    case 'month':
      return `every month on ${listed(when.days.map((day) => (day === 'last' ? 'the last day' : `the ${ordinal(day)}`)))}`;
  }
}

export function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

function ordinal(day: number): string {
  const teens = day % 100 >= 11 && day % 100 <= 13;
  return `${day}${teens ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th')}`;
}

/** A moment as a person in that zone reads it: "Tue 24 Nov 08:00 Europe/Berlin". */
export function momentInWords(atMs: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    day: '2-digit',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(atMs);
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('weekday')} ${of('day')} ${of('month')} ${of('hour')}:${of('minute')} ${zone}`;
}
