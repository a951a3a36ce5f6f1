import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Presence } from '../../store/presence.ts';
import type { Kind, Store } from '../../store/store.ts';

const entry = z.object({
  id: z.string(),
  owner: z.string(),
  takenAtMs: z.number(),
  /** It is worked on: one that was taken earlier and joins later does not overtake it. */
  begun: z.literal(true).exactOptional(),
});
type Entry = z.infer<typeof entry>;

/** The questions of one thread that are worked on or wait, over all processes, in the order in which they were taken. */
export const threadLineKind: Kind<{ readonly line: readonly Entry[] }> = {
  name: 'thread-line',
  schema: z.object({ line: z.array(entry) }),
  keepDays: 1,
};

const lookMs = 150;

/** What is worked on, then what was taken first. */
function inLine(a: Entry, b: Entry): number {
  return Number(b.begun ?? false) - Number(a.begun ?? false) || a.takenAtMs - b.takenAtMs || (a.id < b.id ? -1 : 1);
}

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
      return { line: [...others, { id, owner: presence.id, takenAtMs }].toSorted(inLine) };
    });
  }

  const leave = (thread: string, id: string) =>
    store.update(threadLineKind, thread, (now) => now && { line: now.line.filter((one) => one.id !== id) });

  /** Begins the question where it is first, in one step: no other can begin meanwhile. */
  async function begins(thread: string, id: string): Promise<boolean> {
    // A store that cannot be used just now must not hold up an answer.
    if (store.trouble !== undefined) return true;
    const now = await store.update(threadLineKind, thread, (stored) => {
      const [first, ...rest] = stored?.line ?? [];
      return first?.id === id && !first.begun ? { line: [{ ...first, begun: true as const }, ...rest] } : undefined;
    });
    const first = now?.line[0];
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
        while (!(await begins(thread, id))) await wait(lookMs);
        await work();
      } finally {
        await leave(thread, id);
      }
    },
  };
}
