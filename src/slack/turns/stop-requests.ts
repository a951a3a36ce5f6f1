import { z } from 'zod';
import type { Kind, Store } from '../../store/store.ts';

/** A person pressed Stop on a turn that another process works on. */
const stopKind: Kind<{ readonly turn: number | null }> = {
  name: 'stop-request',
  schema: z.object({ turn: z.number().nullable() }),
  keepDays: 1 / 24,
};

/** A person waits for the stop: well below the two seconds that they are promised. */
const lookMs = 400;

/** Carries a press of Stop to the process that works on the turn. */
export interface StopRequests {
  /** Asks whoever works on the thread; without a number, for whatever turn runs there. */
  ask(thread: string, turn: number | undefined): Promise<void>;
  /** Calls back once when the turn is asked to stop; returns how to end looking. */
  watch(thread: string, turn: number, onStop: () => void): () => void;
}

export function createStopRequests(store: Store): StopRequests {
  return {
    ask: (thread, turn) => store.put(stopKind, thread, { turn: turn ?? null }),
    watch(thread, turn, onStop) {
      if (!store.isShared) return () => {};
      const timer = setInterval(async () => {
        const asked = await store.get(stopKind, thread).catch(() => undefined);
        if (!asked || (asked.turn !== null && asked.turn !== turn)) return;
        await store.remove(stopKind, thread).catch(() => false);
        onStop();
      }, lookMs).unref();
      return () => clearInterval(timer);
    },
  };
}
