import { z } from 'zod';
import type { Kill } from '../report/finding.ts';

/** The key `actions` of dbcheck.yml: how long people have. */
export const actionSettings = z
  .strictObject({
    /** Minutes that a button may be pressed after the report. */
    offerMinutes: z.number().positive().max(120).default(15),
    /** Minutes that a second person has to confirm. */
    secondPersonMinutes: z.number().positive().max(120).default(10),
  })
  .prefault({});
export type ActionSettings = z.output<typeof actionSettings>;

const prodTag = 'prod';

/** Whether it takes two people to act on a target: those that are tagged `prod`. */
export function needsSecondPerson({ tags }: { readonly tags: readonly string[] }): boolean {
  return tags.some((tag) => tag.toLowerCase() === prodTag);
}

/** `Kill connection 4711`: what a button says. Killing a query or a connection is all that dbcheck can do to a server. */
export function nameOfKill({ kind, thread }: Pick<Kill, 'kind' | 'thread'>): string {
  return `Kill ${kind} ${thread}`;
}
