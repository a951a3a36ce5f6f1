import { z } from 'zod';
import type { Recurrence } from './recurrence.ts';

const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** The key `summary` of dbcheck.yml: when channels that own targets read what happened on these in a week. */
export const summarySettings = z
  .strictObject({
    enabled: z.boolean().default(true),
    day: z.enum(days).default('monday'),
    at: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time such as 09:00')
      .default('09:00'),
    zone: z.string().refine(isZone, { error: 'is no time zone; expected one such as Europe/Berlin' }).default('UTC'),
  })
  .prefault({});

export type SummarySettings = z.output<typeof summarySettings>;

export function recurrenceOf({ day, at, zone }: SummarySettings): Recurrence {
  return { zone, every: 'week', days: [days.indexOf(day)], times: [at] };
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
