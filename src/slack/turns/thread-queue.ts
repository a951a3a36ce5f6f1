import pLimit, { type LimitFunction } from 'p-limit';

/** One turn at a time per thread, threads side by side up to a limit. */
export interface ThreadQueue {
  /**
   * Runs `work` when the thread's earlier turns are through and there is room. `waits` tells for which of the two it
   * has to wait, if for any. What `work` throws is its own affair: `done` rejects and the queue goes on.
   */
  add(
    thread: string,
    work: () => Promise<void>,
  ): { readonly waits: 'thread' | 'capacity' | undefined; readonly done: Promise<void> };
  /** Turns of a thread that have not begun. */
  waiting(thread: string): number;
  /** Turns that run or wait, over all threads. */
  size(): number;
  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void>;
}

export function createThreadQueue(concurrency: number): ThreadQueue {
  const overall = pLimit(concurrency);
  const threads = new Map<string, LimitFunction>();
  const open = new Set<Promise<void>>();
  return {
    add(thread, work) {
      const own = threads.get(thread) ?? pLimit(1);
      threads.set(thread, own);
      const isThreadBusy = own.activeCount + own.pendingCount > 0;
      const isFull = overall.activeCount + overall.pendingCount >= concurrency;
      const done = own(() => overall(work));
      open.add(done);
      const leave = () => {
        open.delete(done);
        if (own.activeCount + own.pendingCount === 0) threads.delete(thread);
      };
      done.then(leave, leave);
      return { waits: isThreadBusy ? 'thread' : isFull ? 'capacity' : undefined, done };
    },
    waiting: (thread) => threads.get(thread)?.pendingCount ?? 0,
    size: () => open.size,
    async idle() {
      while (open.size > 0) await Promise.allSettled(open);
    },
  };
}
