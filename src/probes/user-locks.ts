import { z } from 'zod';
import { sqlProbe } from './probe.ts';

/** One row per name: the thread that holds this lock of GET_LOCK, or null. The names stand in the statements that wait. */
export const userLocks = sqlProbe({
  name: 'user-locks',
  needs: [],
  sql: ({ names }: { readonly names: readonly string[] }) =>
    names.map((name) => `SELECT ${quoted(name)} AS name, IS_USED_LOCK(${quoted(name)}) AS thread`).join(' UNION ALL '),
  row: z.object({ name: z.string(), thread: z.number().nullable() }),
});

/** Our sessions have backslash escapes, whatever the server's sql_mode is. */
function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
