import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agents } from '../../src/agents/registry.ts';
import { readSchedule } from '../../src/schedules/read-schedule.ts';
import { hourSteps, minuteSteps, type Recurrence } from '../../src/schedules/recurrence.ts';
import { type ScheduleWish, scheduleInWords } from '../../src/schedules/schedule.ts';

const targets = [
  { name: 'orders-prod', tags: ['prod', 'orders'] },
  { name: 'orders-prod-2', tags: ['prod'] },
  { name: 'inv-db-2', tags: [] },
];
const names = agents.map(({ name }) => name);
const context = {
  targets,
  zone: 'Europe/Berlin',
  agentsFor: async (words: string) => {
    const found = names.filter((name) => ` ${words} `.includes(` ${name.replaceAll('_', ' ')} `));
    return found.length > 0 ? found : undefined;
  },
};

async function inWords(text: string): Promise<string> {
  const read = await readSchedule(text, context);
  return 'problem' in read ? `? ${read.problem}` : scheduleInWords(read.wish);
}

describe('the words of a schedule', () => {
  it.each([
    [
      'orders-prod every day at 08:00 Europe/Berlin full',
      'orders-prod every day at 08:00 Europe/Berlin, full, notify always',
    ],
    ['full check of orders-prod daily at 8', 'orders-prod every day at 08:00 Europe/Berlin, full, notify always'],
    ['every morning at 8am orders-prod', 'orders-prod every day at 08:00 Europe/Berlin, full, notify always'],
    ['inv-db-2 every 15 min on change', 'inv-db-2 every 15 minutes Europe/Berlin, full, notify on change'],
    [
      'inv-db-2 hourly, only when something is wrong',
      'inv-db-2 every hour Europe/Berlin, full, notify on warning and above',
    ],
    ['inv-db-2 every two hours at :15 UTC', 'inv-db-2 every 2 hours at minute 15 UTC, full, notify always'],
    [
      'orders-prod and inv-db-2 mon-fri 7:30 and 18.00',
      'orders-prod and inv-db-2 every weekday at 07:30 and 18:00 Europe/Berlin, full, notify always',
    ],
    [
      'orders-prod-2 sundays at midnight america/new_york',
      'orders-prod-2 every Sunday at 00:00 America/New_York, full, notify always',
    ],
    ['orders-prod at 9:15 us/pacific daily', 'orders-prod every day at 09:15 US/Pacific, full, notify always'],
    [
      'orders-prod from friday to monday at 9pm',
      'orders-prod every Monday, Friday, Saturday and Sunday at 21:00 Europe/Berlin, full, notify always',
    ],
    [
      'all servers on the 1st and 15th of every month at noon',
      'all targets every month on the 1st and the 15th at 12:00 Europe/Berlin, full, notify always',
    ],
    [
      'tag PROD every last day of the month at 23:30',
      'tag prod every month on the last day at 23:30 Europe/Berlin, full, notify always',
    ],
    [
      'orders-prod every day at 8 backup and capacity, notify on warning',
      'orders-prod every day at 08:00 Europe/Berlin, capacity and backup, notify on warning and above',
    ],
    [
      'tell me if it changes: orders-prod every day 8:00',
      'orders-prod every day at 08:00 Europe/Berlin, full, notify on change',
    ],
  ])('"%s" is %s', async (text, expected) => {
    expect(await inWords(text)).toBe(expected);
  });

  it.each([
    ['', 'Which target?'],
    ['crm every day at 8', 'Which target?'],
    ['tag staging every day at 8', 'No target has the tag "staging"'],
    ['orders-prod', 'When?'],
    ['orders-prod every day', 'At what time?'],
    ['orders-prod at 8', 'On which days?'],
    ['orders-prod weekly at 8', 'On which day of the week?'],
    ['orders-prod every day at 25:00', '"25:00" is no time'],
    ['orders-prod every day at 13pm', '"13pm" is no time'],
    ['orders-prod every 7 minutes', 'Possible are every 5, 6'],
    ['orders-prod every 2 minutes', 'Possible are every 5, 6'],
    ['orders-prod every 5 hours', 'Possible are every 1, 2, 3'],
    ['orders-prod every month on the 32nd at 8', 'No month has a day 32'],
    ['orders-prod every day at 8 Mars/Base', 'no time zone "Mars/Base"'],
    ['orders-prod every fortnight at 8', 'On which days?'],
    ['orders-prod every first monday at 8', 'I do not understand "every first"'],
    ['orders-prod every day at 8 except sunday', 'I do not understand "every day except"'],
    ['orders-prod every day at 8 quarterly backup', 'I do not understand "quarterly backup"'],
    ['orders-prod every day at 8 coffee', 'I do not understand "coffee"'],
  ])('"%s" is asked back, and nothing is guessed: %s', async (text, problem) => {
    expect(await inWords(text)).toContain(problem);
  });

  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
  const times = fc.uniqueArray(time, { minLength: 1, maxLength: 4 }).map((found) => found.toSorted());
  const zone = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'America/Argentina/Buenos_Aires',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
  );
  const days = fc
    .uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 })
    .map((found) => found.toSorted((a, b) => a - b));
  const monthDays = fc
    .tuple(fc.uniqueArray(fc.integer({ min: 1, max: 31 }), { maxLength: 4 }), fc.boolean())
    .map(([some, isLast]) => [
      ...some.toSorted((a, b) => a - b),
      ...(isLast || some.length === 0 ? ['last' as const] : []),
    ]);
  const when: fc.Arbitrary<Recurrence> = fc.oneof(
    fc.record({ zone, every: fc.constant('minutes' as const), step: fc.constantFrom(...minuteSteps) }),
    fc.record({
      zone,
      every: fc.constant('hours' as const),
      step: fc.constantFrom(...hourSteps),
      minute: fc.integer({ min: 0, max: 59 }),
    }),
    fc.record({ zone, every: fc.constant('week' as const), days, times }),
    fc.record({ zone, every: fc.constant('month' as const), days: monthDays, times }),
  );
  const which = fc.oneof(
    fc
      .subarray(
        targets.map(({ name }) => name),
        { minLength: 1 },
      )
      .map((chosen) => ({ targets: chosen })),
    fc.constant<Pick<ScheduleWish, 'targets' | 'select'>>({ targets: [], select: 'all' }),
    fc.constant<Pick<ScheduleWish, 'targets' | 'select'>>({ targets: [], select: { tag: 'prod' } }),
  );

  it('that are said back ask for the same schedule when they are read again', async () => {
    await fc.assert(
      fc.asyncProperty(
        which,
        when,
        fc.oneof(fc.constant<string[]>([]), fc.subarray(names, { minLength: 1 })),
        fc.constantFrom('always' as const, 'change' as const, 'warning' as const),
        async (chosen, recurring, asked, notify) => {
          const wish: ScheduleWish = { ...chosen, when: recurring, agents: asked, notify };
          expect(await readSchedule(scheduleInWords(wish), context)).toEqual({ wish });
        },
      ),
      { numRuns: 300 },
    );
  });
});
