import { StoreUnavailableError } from '../../src/errors.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';

/** A SQLite store whose every call, but for those excepted, fails while it is broken. */
export function breakable(...excepted: readonly string[]): { readonly engine: Store; broken: boolean } {
  const state = { engine: createSqliteStore({ path: ':memory:' }), broken: false };
  state.engine = new Proxy(state.engine, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function' || ['close', ...excepted].includes(String(name))) return value;
      return (...args: unknown[]) =>
        state.broken ? Promise.reject(new StoreUnavailableError('the disk is full')) : value.apply(target, args);
    },
  });
  return state;
}
