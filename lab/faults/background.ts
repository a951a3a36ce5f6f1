import { setTimeout as delay } from 'node:timers/promises';
import type { World } from './fault.ts';

/** Work that goes on while the server is asked. */
export type Background = {
  /** Turns done so far. */
  readonly turns: number;
  stop(): Promise<void>;
};

/**
 * Repeats a piece of work until it is stopped, with a pause between the turns; at the latest the world's stop ends it,
 * and so do five minutes. A turn that throws is part of the fault: the next one follows.
 */
export function repeat(world: World, pauseMs: number, work: (turn: number) => Promise<void>): Background {
  const abort = new AbortController();
  const deadline = Date.now() + 300_000;
  let turns = 0;
  const going = (async (): Promise<void> => {
    while (!abort.signal.aborted && Date.now() < deadline) {
      await work(turns).catch(() => {});
      turns++;
      await delay(pauseMs, undefined, { signal: abort.signal }).catch(() => {});
    }
  })();
  const stop = async (): Promise<void> => {
    abort.abort();
    await going;
  };
  world.onStop(stop);
  return {
    get turns() {
      return turns;
    },
    stop,
  };
}
