import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Presence } from '../../store/presence.ts';
import type { Kind, Store } from '../../store/store.ts';

const entry = z.object({ id: z.string(), owner: z.string(), takenAtMs: z.number() });

/** The questions of one thread that are worked on or wait, over all processes, in the order in which they were taken. */
export const threadLineKind: Kind<{ readonly line: readonly z.infer<typeof entry>[] }> = {
  name: 'thread-line',
  schema: z.object({ line: z.array(entry) }),
  keepDays: 1,
};

const lookMs = 150;

/** Lets the questions of a thread be worked on one after the other, whichever process took them. */
export interface ThreadOrder {
  /** Runs `work` when every earlier question of the thread is through, or its process is dead. */
  inTurn(
    thread: string,
    question: { readonly id: string; readonly takenAtMs: number },
    work: () => Promise<void>,
  ): Promise<void>;
  /** Whether another process that lives works on a question of the thread. */
  isBusy(thread: string): Promise<boolean>;
}

export function createThreadOrder(store: Store, presence: Presence): ThreadOrder {
  /** Where only one process works, its own queue keeps the order. */
  if (!store.isShared) return { inTurn: (_thread, _question, work) => work(), isBusy: async () => false };

  async function join(thread: string, id: string, takenAtMs: number): Promise<void> {
    await store.update(threadLineKind, thread, (now) => {
      const others = (now?.line ?? []).filter((one) => one.id !== id);
      const line = [...others, { id, owner: presence.id, takenAtMs }];
      return { line: line.toSorted((a, b) => a.takenAtMs - b.takenAtMs || (a.id < b.id ? -1 : 1)) };
    });
  }

  const leave = (thread: string, id: string) =>
    store.update(threadLineKind, thread, (now) => now && { line: now.line.filter((one) => one.id !== id) });

  async function isFirst(thread: string, id: string): Promise<boolean> {
    // A store that cannot be used just now must not hold up an answer.
    if (store.trouble !== undefined) return true;
    const first = (await store.get(threadLineKind, thread))?.line[0];
    if (first === undefined || first.id === id) return true;
    if (!(await presence.isAlive(first.owner))) await leave(thread, first.id);
    return false;
  }

  return {
    async isBusy(thread) {
      const first = (await store.get(threadLineKind, thread))?.line[0];
      return first !== undefined && (await presence.isAlive(first.owner));
    },
    async inTurn(thread, { id, takenAtMs }, work) {
      await join(thread, id, takenAtMs);
      try {
        while (!(await isFirst(thread, id))) await wait(lookMs);
        await work();
      } finally {
        await leave(thread, id);
      }
    },
  };
}
