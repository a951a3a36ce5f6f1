import type { Log } from '../log.ts';
import type { Store } from './store.ts';

const everyMs = 3_600_000;

/** Removes what is past its time: soon after the start and every hour. */
export function startHousekeeping(store: Store, log: Log): { stop(): void } {
  const clean = (): void => {
    store.removeExpired().then(
      (removed) => removed > 0 && log.info({ removed }, 'what was past its time is removed from the store'),
      (error: unknown) => log.warn({ err: error }, 'the store could not be cleaned'),
    );
  };
  const soon = setTimeout(clean, 10_000).unref();
  const timer = setInterval(clean, everyMs).unref();
  return {
    stop() {
      clearTimeout(soon);
      clearInterval(timer);
    },
  };
}
