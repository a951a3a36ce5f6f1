import { z } from 'zod';
import { addUse, type ModelUse } from '../report/model-use.ts';
import type { Kind, Store } from '../store/store.ts';

const use = z.object({
  purpose: z.enum(['plan', 'replan', 'narrate', 'inspect']),
  model: z.string(),
  calls: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  costUsd: z.number(),
});

/** What a day's calls of models cost, under the date in UTC. */
const spendingKind: Kind<{ readonly uses: readonly ModelUse[] }> = {
  name: 'model-spending',
  schema: z.object({ uses: z.array(use) }),
  keepDays: 400,
};

/** What was spent on models, by day. Neither call rejects: where the store fails, this process's own count stands in. */
export interface Ledger {
  /** By every process; `date` as in 2026-11-23, UTC. */
  spent(date: string): Promise<readonly ModelUse[]>;
  add(date: string, use: ModelUse): Promise<void>;
}

/** Counts what this process spends; without a store a restart begins anew. */
export function createMemoryLedger(): Ledger {
  const days = new Map<string, readonly ModelUse[]>();
  return {
    spent: async (date) => days.get(date) ?? [],
    async add(date, added) {
      days.set(date, addUse(days.get(date) ?? [], added));
    },
  };
}

/** Counts in the store, so that a restart or a second process does not open the purse anew. */
export function createStoredLedger(store: Store): Ledger {
  const own = createMemoryLedger();
  return {
    async spent(date) {
      const stored = await store.get(spendingKind, date).catch(() => undefined);
      return stored?.uses ?? own.spent(date);
    },
    async add(date, added) {
      await own.add(date, added);
      const change = (day: { readonly uses: readonly ModelUse[] } | undefined) => ({
        uses: addUse(day?.uses ?? [], added),
      });
      await store.update(spendingKind, date, change).catch(() => undefined);
    },
  };
}

/** What the last days cost, the newest first. */
export async function readSpending(
  store: Store,
  days: number,
): Promise<readonly { readonly date: string; readonly uses: readonly ModelUse[] }[]> {
  const stored = await store.list(spendingKind);
  return stored
    .map(({ key, value }) => ({ date: key, uses: value.uses }))
    .toSorted((a, b) => (a.date < b.date ? 1 : -1))
    .slice(0, days);
}
