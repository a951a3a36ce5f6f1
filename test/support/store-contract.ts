import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StoreError } from '../../src/errors.ts';
import { dayMs, type Kind, type Store } from '../../src/store/store.ts';

/** A store on a clock that the test moves. */
export interface StoreBench {
  readonly store: Store;
  /** The engine's own clock goes on by so much; undefined where it cannot be moved. */
  readonly moveClock: ((byMs: number) => void) | undefined;
  /** A second connection to the same records, as another process has one. */
  openAnother(): Promise<Store>;
}

const note: Kind<{ text: string; count?: number | undefined }> = {
  name: 'contract-note',
  schema: z.object({ text: z.string(), count: z.number().optional() }),
  keepDays: 1,
};
const keptNote: Kind<{ text: string }> = { name: 'contract-kept-note', schema: z.object({ text: z.string() }) };
const stricterNote: Kind<{ text: number }> = { name: 'contract-note', schema: z.object({ text: z.number() }) };
const reading: Kind<{ value: number }> = {
  name: 'contract-reading',
  schema: z.object({ value: z.number() }),
  keepDays: 2,
};

/** What every engine of the store does alike. */
export function describeStoreContract(engine: string, bench: () => Promise<StoreBench>): void {
  describe(`a store on ${engine}`, () => {
    it('gives back what was put, and undefined for what never was', async () => {
      const { store } = await bench();
      await store.put(note, 'a', { text: 'one' });
      await store.put(note, 'a', { text: 'two', count: 2 });
      expect(await store.get(note, 'a')).toEqual({ text: 'two', count: 2 });
      expect(await store.get(note, 'b')).toBeUndefined();
      expect(await store.get(keptNote, 'a')).toBeUndefined();
    });

    it('keeps any text whole: quotes, line ends, emoji, NUL, and a megabyte', async () => {
      const { store } = await bench();
      const text = `it's "quoted"\r\n\u0000 🐬 ${'x'.repeat(1_000_000)}`;
      await store.put(note, 'a:b/c d\'"%_', { text });
      expect(await store.get(note, 'a:b/c d\'"%_')).toEqual({ text });
    });

    it('refuses a value that is not of its kind, and stores nothing of it', async () => {
      const { store } = await bench();
      const wrong = { text: 5 } as unknown as { text: string };
      await expect(store.put(note, 'wrong', wrong)).rejects.toThrow(StoreError);
      expect(await store.get(note, 'wrong')).toBeUndefined();
    });

    it('takes a record whose shape is not known any more as absent', async () => {
      const { store } = await bench();
      await store.put(note, 'old', { text: 'words' });
      expect(await store.get(stricterNote, 'old')).toBeUndefined();
      expect(await store.list(stricterNote)).toEqual([]);
    });

    it('lets exactly one of many callers insert under a key', async () => {
      const { store, openAnother } = await bench();
      const other = await openAnother();
      const tries = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? store : other).insert(note, 'event', { text: String(index) }),
      );
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    });

    it('loses no change of many that happen at once, also between connections', async () => {
      const { store, openAnother } = await bench();
      const other = await openAnother();
      const add = (place: Store) =>
        place.update(note, 'counter', (now) => ({ text: 'n', count: (now?.count ?? 0) + 1 }));
      await Promise.all(Array.from({ length: 40 }, (_, index) => add(index % 2 === 0 ? store : other)));
      expect((await store.get(note, 'counter'))?.count).toBe(40);
    });

    it('writes nothing where a change gives nothing, and says what stands there', async () => {
      const { store } = await bench();
      await store.put(note, 'a', { text: 'one' });
      expect(await store.update(note, 'a', () => undefined)).toEqual({ text: 'one' });
      expect(await store.update(note, 'none', () => undefined)).toBeUndefined();
      expect(await store.get(note, 'none')).toBeUndefined();
    });

    it('removes a record once, and it can be inserted again', async () => {
      const { store } = await bench();
      await store.put(note, 'a', { text: 'one' });
      expect(await store.remove(note, 'a')).toBe(true);
      expect(await store.remove(note, 'a')).toBe(false);
      expect(await store.list(note)).toEqual([]);
      expect(await store.insert(note, 'a', { text: 'again' })).toBe(true);
    });

    it('lists by prefix, up to a limit, the last written first', async () => {
      const { store } = await bench();
      for (const key of ['T1:a', 'T1:b', 'T10:c', 'T2:d', 'T1:e']) {
        await store.put(keptNote, key, { text: key });
        await later();
      }
      const keys = async (options: Parameters<Store['list']>[1]) =>
        (await store.list(keptNote, options)).map(({ key }) => key);
      expect(await keys({ prefix: 'T1:' })).toEqual(['T1:e', 'T1:b', 'T1:a']);
      expect(await keys({ limit: 2 })).toEqual(['T1:e', 'T2:d']);
      expect(await keys({ prefix: '%' })).toEqual([]);
    });

    it('reads a log in the order of time, by range and from either end', async () => {
      const { store } = await bench();
      for (const atMs of [3_000, 1_000, 2_000, 2_000]) {
        await store.append(reading, 'orders', { value: atMs }, Date.now() + atMs);
      }
      await store.append(reading, 'billing', { value: 7 });
      const values = async (options: Parameters<Store['read']>[2]) =>
        (await store.read(reading, 'orders', options)).map(({ value }) => value.value);
      expect(await values({})).toEqual([1_000, 2_000, 2_000, 3_000]);
      expect(await values({ newestFirst: true, limit: 2 })).toEqual([3_000, 2_000]);
      expect(await values({ fromMs: Date.now() + 2_500 })).toEqual([3_000]);
      expect(await values({ untilMs: Date.now() + 500 })).toEqual([]);
      expect(await store.streams(reading)).toEqual(['billing', 'orders']);
      expect(await store.streams(reading, 'or')).toEqual(['orders']);
      expect(await store.read(reading, 'none')).toEqual([]);
    });

    it('keeps equal entries of one millisecond apart', async () => {
      const { store, openAnother } = await bench();
      const other = await openAnother();
      const atMs = Date.now();
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          (index % 2 === 0 ? store : other).append(reading, 'same', { value: 1 }, atMs),
        ),
      );
      expect(await store.read(reading, 'same')).toHaveLength(10);
    });

    it('forgets what is past its time and keeps what has none', async () => {
      const { store, moveClock } = await bench();
      await store.put(keptNote, 'kept', { text: 'kept' });
      await store.append(reading, 'orders', { value: 1 }, Date.now() - 3 * dayMs);
      await store.append(reading, 'orders', { value: 2 });
      expect(await store.read(reading, 'orders')).toHaveLength(1);
      if (moveClock) {
        await store.put(note, 'a', { text: 'one' });
        moveClock(1.5 * dayMs);
        expect(await store.get(note, 'a')).toBeUndefined();
        expect(await store.list(note)).toEqual([]);
        expect(await store.insert(note, 'a', { text: 'new' })).toBe(true);
      }
      await store.removeExpired();
      expect(await store.get(keptNote, 'kept')).toEqual({ text: 'kept' });
    });

    it('answers a ping, and says where it is without a password', async () => {
      const { store } = await bench();
      await store.ping();
      expect(store.place).not.toMatch(/secret|:.*@/);
    });
  });
}

/** The engines write down milliseconds; two writes that are to be told apart lie in different ones. */
async function later(): Promise<void> {
  const before = Date.now();
  while (Date.now() === before) await new Promise(setImmediate);
}
