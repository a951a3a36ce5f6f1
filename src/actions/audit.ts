import { z } from 'zod';
import type { Kind, Logged, Store } from '../store/store.ts';

/** Who asked or did what, about which target, with what result. It holds ids, names of things and numbers, never a statement's literal. */
export type AuditEntry = Readonly<z.infer<typeof auditEntry>>;
const auditEntry = z.object({
  /** A Slack user id; `dbcheck` where nobody in person did it. */
  who: z.string(),
  /** In a word: `ask`, `request`, `approve`, `kill_connection`, `stop_actions` … */
  did: z.string(),
  target: z.string().exactOptional(),
  result: z.enum(['done', 'refused', 'failed', 'waiting']),
  /** Why it was refused or failed, in a sentence. */
  why: z.string().exactOptional(),
  channel: z.string().exactOptional(),
  thread: z.string().exactOptional(),
  /** What else was known: thread, query id, rows. */
  about: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).exactOptional(),
});

/** Added to and never changed or removed; it has no end of life. */
export const auditKind: Kind<AuditEntry> = { name: 'audit', schema: auditEntry };
const stream = 'all';

export interface Audit {
  /** Resolves when the entry is on the disk; rejects with StoreError, and then what it tells of must not be done. */
  note(entry: AuditEntry): Promise<void>;
}

export function createAudit(store: Store): Audit {
  return { note: (entry) => store.append(auditKind, stream, entry) };
}

export interface AuditRange {
  readonly fromMs?: number;
  readonly untilMs?: number;
}

const pageSize = 5_000;

/** Every entry of a time, the oldest first, read in pages so that years of them fit. */
export async function* readAudit(
  store: Store,
  { fromMs = 0, untilMs }: AuditRange,
): AsyncGenerator<Logged<AuditEntry>> {
  const until = untilMs === undefined ? {} : { untilMs };
  for (let from = fromMs, limit = pageSize; ; ) {
    const page = await store.read(auditKind, stream, { fromMs: from, ...until, limit });
    const lastMs = page.at(-1)?.atMs;
    if (page.length < limit || lastMs === undefined) {
      yield* page;
      return;
    }
    // The page may end in the middle of a millisecond: that one is read again, whole.
    const whole = page.filter(({ atMs }) => atMs < lastMs);
    yield* whole;
    limit = whole.length === 0 ? limit * 2 : pageSize;
    from = lastMs;
  }
}

/** An entry as a line of JSON. */
export function auditLine({ atMs, value: { who, did, target, result, ...rest } }: Logged<AuditEntry>): string {
  return JSON.stringify({ at: new Date(atMs).toISOString(), who, did, target: target ?? null, result, ...rest });
}
