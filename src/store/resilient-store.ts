import { StoreUnavailableError } from '../errors.ts';
import type { Log } from '../log.ts';
import { decode, encode } from './record.ts';
import {
  defaultListLimit,
  defaultReadLimit,
  expiresAt,
  type Kind,
  type Logged,
  type Store,
  type Stored,
} from './store.ts';

type Kept = { readonly kind: Kind<unknown>; readonly key: string; readonly atMs: number } & (
  | { readonly does: 'put' | 'insert' | 'append'; readonly text: string }
  | { readonly does: 'remove' }
);

/** How often a broken engine is tried again. */
const retryMs = 1_000;
/** What is kept in memory at most; of more, the oldest log entries are given up. */
const maxKept = 20_000;

/**
 * A store that goes on in memory while its engine cannot be used, and catches up when it can: what is written meanwhile
 * is read back, and is written to the engine in its order later. In that time an `insert` is decided by this process
 * alone, so several processes may both be first; an answer twice is better than none.
 */
export function createResilientStore(engine: Store, log: Log, now: () => number = Date.now): Store {
  let kept: Kept[] = [];
  let trouble: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let catchingUp: Promise<void> | undefined;
  let isClosed = false;

  function fail(error: unknown): void {
    if (!(error instanceof StoreUnavailableError)) throw error;
    if (trouble === undefined) log.error({ err: error }, 'the store cannot be used; what is new is kept in memory');
    trouble = error.message;
    timer ??= setTimeout(retry, retryMs);
    timer.unref();
  }

  function retry(): void {
    timer = undefined;
    if (isClosed) return;
    catchingUp ??= catchUp()
      .catch((error: unknown) => log.error({ err: error }, 'the store could not catch up'))
      .finally(() => {
        catchingUp = undefined;
      });
  }

  async function catchUp(): Promise<void> {
    try {
      await engine.ping();
      let written = 0;
      for (let next = kept[0]; next; next = kept[0]) {
        await write(next);
        kept.shift();
        written += 1;
      }
      trouble = undefined;
      log.warn({ written }, 'the store works again and has caught up');
    } catch (error) {
      fail(error);
    }
  }

  async function write(entry: Kept): Promise<unknown> {
    if (entry.does === 'remove') return engine.remove(entry.kind, entry.key);
    const value = decode(entry.kind, entry.text);
    if (entry.does === 'append') return engine.append(entry.kind, entry.key, value, entry.atMs);
    return entry.does === 'put'
      ? engine.put(entry.kind, entry.key, value)
      : engine.insert(entry.kind, entry.key, value);
  }

  function keep(entry: Kept): void {
    if (kept.length >= maxKept) {
      const oldest = kept.findIndex(({ does }) => does === 'append');
      kept.splice(Math.max(oldest, 0), 1);
    }
    kept.push(entry);
  }

  /** The last word on a record in memory: its value, or that it was removed; undefined where memory knows nothing. */
  function remembered<T>(kind: Kind<T>, key: string): { readonly value: T | undefined } | undefined {
    const last = kept.findLast(
      (entry) => entry.does !== 'append' && entry.kind.name === kind.name && entry.key === key,
    );
    if (!last) return undefined;
    return { value: last.does === 'remove' ? undefined : decode(kind, last.text) };
  }

  /** The engine's answer, or `otherwise` while it cannot be used. */
  async function ask<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      fail(error);
      return otherwise;
    }
  }

  /** Writes through while all is well; while it is not, everything waits its turn in memory. */
  async function through<T>(work: () => Promise<T>, instead: () => T | Promise<T>): Promise<T> {
    if (trouble !== undefined) return instead();
    try {
      return await work();
    } catch (error) {
      fail(error);
      return instead();
    }
  }

  async function get<T>(kind: Kind<T>, key: string): Promise<T | undefined> {
    const known = remembered(kind, key);
    return known ? known.value : ask(() => engine.get(kind, key), undefined);
  }

  return {
    place: engine.place,
    isShared: engine.isShared,
    get trouble() {
      return trouble;
    },
    get,
    put: (kind, key, value) =>
      through(
        () => engine.put(kind, key, value),
        () => keep({ does: 'put', kind, key, text: encode(kind, value), atMs: now() }),
      ),
    insert: (kind, key, value) =>
      through(
        () => engine.insert(kind, key, value),
        async () => {
          if ((await get(kind, key)) !== undefined) return false;
          // Asked once more without a wait in between: another caller may have been here meanwhile.
          if (remembered(kind, key)?.value !== undefined) return false;
          keep({ does: 'insert', kind, key, text: encode(kind, value), atMs: now() });
          return true;
        },
      ),
    update: (kind, key, change) =>
      through(
        () => engine.update(kind, key, change),
        async () => {
          const stored = await get(kind, key);
          const known = remembered(kind, key);
          const current = known ? known.value : stored;
          const next = change(current);
          if (next === undefined) return current;
          keep({ does: 'put', kind, key, text: encode(kind, next), atMs: now() });
          return next;
        },
      ),
    remove: (kind, key) =>
      through(
        () => engine.remove(kind, key),
        async () => {
          const stood = (await get(kind, key)) !== undefined;
          // Also where nothing is known of it: the engine may hold it.
          keep({ does: 'remove', kind, key, atMs: now() });
          return stood;
        },
      ),
    async list<T>(kind: Kind<T>, options: Parameters<Store['list']>[1] = {}) {
      const stored = await ask(() => engine.list(kind, options), []);
      const mine = kept.filter(
        (entry) =>
          entry.does !== 'append' && entry.kind.name === kind.name && entry.key.startsWith(options.prefix ?? ''),
      );
      if (mine.length === 0) return stored;
      const byKey = new Map(stored.map((one) => [one.key, one]));
      for (const entry of mine) {
        byKey.delete(entry.key);
        const value = entry.does === 'remove' ? undefined : decode(kind, entry.text);
        if (value !== undefined) byKey.set(entry.key, { key: entry.key, value, writtenAtMs: entry.atMs });
      }
      const all: Stored<T>[] = [...byKey.values()];
      return all.toSorted((a, b) => b.writtenAtMs - a.writtenAtMs).slice(0, options.limit ?? defaultListLimit);
    },
    append: (kind, stream, value, atMs = now()) =>
      through(
        () => engine.append(kind, stream, value, atMs),
        () => keep({ does: 'append', kind, key: stream, text: encode(kind, value), atMs }),
      ),
    async read<T>(kind: Kind<T>, stream: string, options: Parameters<Store['read']>[2] = {}) {
      const stored = await ask(() => engine.read(kind, stream, options), []);
      const { fromMs = 0, untilMs = Number.POSITIVE_INFINITY, newestFirst = false, limit = defaultReadLimit } = options;
      const mine = kept.flatMap((entry): Logged<T>[] => {
        const { atMs } = entry;
        const isWanted = entry.kind.name === kind.name && entry.key === stream && atMs >= fromMs && atMs < untilMs;
        const isFresh = now() < (expiresAt(kind, atMs) ?? Number.POSITIVE_INFINITY);
        const value = entry.does === 'append' && isWanted && isFresh ? decode(kind, entry.text) : undefined;
        return value === undefined ? [] : [{ atMs, value }];
      });
      if (mine.length === 0) return stored;
      const sign = newestFirst ? -1 : 1;
      return [...stored, ...mine].toSorted((a, b) => sign * (a.atMs - b.atMs)).slice(0, limit);
    },
    async streams(kind, prefix = '') {
      const stored = await ask(() => engine.streams(kind, prefix), []);
      const mine = kept.flatMap((entry) =>
        entry.does === 'append' && entry.kind.name === kind.name && entry.key.startsWith(prefix) ? [entry.key] : [],
      );
      return [...new Set([...stored, ...mine])].toSorted();
    },
    removeExpired: () => ask(() => engine.removeExpired(), 0),
    ping: () => engine.ping(),
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await catchingUp;
      if (trouble !== undefined) await catchUp();
      if (kept.length > 0) log.error({ lost: kept.length }, 'the store stayed broken; what was kept in memory is lost');
      kept = [];
      clearTimeout(timer);
      await engine.close();
    },
  };
}
