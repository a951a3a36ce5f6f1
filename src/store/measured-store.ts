import { metrics } from '../metrics.ts';
import type { Store } from './store.ts';

const measured: ReadonlySet<string> = new Set([
  'get',
  'put',
  'insert',
  'update',
  'remove',
  'list',
  'append',
  'read',
  'streams',
]);

/** The same store, its calls counted and timed. */
export function createMeasuredStore(store: Store): Store {
  return new Proxy(store, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function' || typeof name !== 'string' || !measured.has(name)) return member;
      return async (...args: unknown[]) => {
        const end = metrics.storeSeconds.startTimer({ operation: name });
        try {
          return await (member as (...args: unknown[]) => Promise<unknown>).apply(target, args);
        } catch (error) {
          metrics.storeFailures.inc({ operation: name });
          throw error;
        } finally {
          end();
        }
      };
    },
  });
}
