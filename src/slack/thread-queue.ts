import pLimit, { type LimitFunction } from 'p-limit';

/** One turn at a time per thread, threads side by side up to a limit. */
export interface ThreadQueue {
  /** Runs `work` when the thread's earlier turns are through. `waits` says whether it has to wait for one of them. */
  add(thread: string, work: () => Promise<void>): { readonly waits: boolean; readonly done: Promise<void> };
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
      const waits = own.activeCount + own.pendingCount > 0;
      const done = own(() => overall(work));
      open.add(done);
      const leave = () => {
        open.delete(done);
        if (own.activeCount + own.pendingCount === 0) threads.delete(thread);
      };
      done.then(leave, leave);
      return { waits, done };
    },
    async idle() {
      while (open.size > 0) await Promise.allSettled(open);
    },
  };
}
