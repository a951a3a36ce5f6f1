import { z } from 'zod';
import { quotedText } from '../sql/quote.ts';
import { sqlProbe } from './probe.ts';

/** One row per name: the thread that holds this lock of GET_LOCK, or null. The names stand in the statements that wait. */
export const userLocks = sqlProbe({
  name: 'user-locks',
  needs: [],
  sql: ({ names }: { readonly names: readonly string[] }) =>
    names
      .map((name) => `SELECT ${quotedText(name)} AS name, IS_USED_LOCK(${quotedText(name)}) AS thread`)
      .join(' UNION ALL '),
  row: z.object({ name: z.string(), thread: z.number().nullable() }),
});
