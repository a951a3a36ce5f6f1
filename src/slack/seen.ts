import { LRUCache } from 'lru-cache';
import { rememberEventsMs } from './limits.ts';

/** Tells a delivery that is new from one that Slack sends again. */
export interface Seen {
  /** True the first time that any of the keys is given; all of them are known from then on. */
  first(...keys: readonly (string | undefined)[]): boolean;
}

export function createSeen(maxKeys = 20_000): Seen {
  const keys = new LRUCache<string, true>({ max: maxKeys, ttl: rememberEventsMs });
  return {
    first(...given) {
      const present = given.filter((key) => key !== undefined);
      const known = present.some((key) => keys.has(key));
      for (const key of present) keys.set(key, true);
      return !known;
    },
  };
}
