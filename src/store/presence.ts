import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Log } from '../log.ts';
import type { Kind, Store } from './store.ts';

/** A process that works on the store, and when it last said so. */
const processKind: Kind<{ readonly beatAtMs: number }> = {
  name: 'process',
  schema: z.object({ beatAtMs: z.number() }),
  keepDays: 1,
};

/** Which processes live, so that what a dead one left is taken up by another. */
export interface Presence {
  /** This process. */
  readonly id: string;
  isAlive(id: string): Promise<boolean>;
  stop(): Promise<void>;
}

const beatMs = 2_000;
/** Three beats missed: a pause of a collected heap or of a busy machine is shorter. */
const silentMs = 6_500;

/** On a store that only one process can open every other one is dead; on a shared one each says that it lives. */
export async function startPresence(store: Store, log: Log, now: () => number = Date.now): Promise<Presence> {
  const id = randomUUID();
  if (!store.isShared) return { id, isAlive: async (other) => other === id, stop: async () => {} };
  const beat = () =>
    store
      .put(processKind, id, { beatAtMs: now() })
      .catch((error: unknown) => log.debug({ err: error }, 'a sign of life was not stored'));
  await beat();
  const timer = setInterval(beat, beatMs);
  timer.unref();
  return {
    id,
    async isAlive(other) {
      if (other === id) return true;
      const last = await store.get(processKind, other);
      return last !== undefined && now() - last.beatAtMs < silentMs;
    },
    async stop() {
      clearInterval(timer);
      await store.remove(processKind, id).catch(() => {});
    },
  };
}
