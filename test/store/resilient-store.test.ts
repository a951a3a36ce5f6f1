import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { silentLog } from '../../src/log.ts';
import { createResilientStore } from '../../src/store/resilient-store.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Kind } from '../../src/store/store.ts';
import { breakable } from '../support/breakable-store.ts';
import { describeStoreContract } from '../support/store-contract.ts';

const note: Kind<{ text: string }> = { name: 'note', schema: z.object({ text: z.string() }) };

describeStoreContract('SQLite behind the layer that survives failures', async () => {
  const store = createResilientStore(createSqliteStore({ path: ':memory:' }), silentLog);
  return { store, moveClock: undefined, openAnother: async () => store };
});

describeStoreContract('memory, while the engine is broken', async () => {
  const state = breakable('ping');
  state.broken = true;
  const store = createResilientStore(state.engine, silentLog);
  return { store, moveClock: undefined, openAnother: async () => store };
});

describe('a store whose engine breaks', () => {
  it('says why, goes on in memory, and catches up when it works again', async () => {
    const state = breakable();
    const store = createResilientStore(state.engine, silentLog);
    await store.put(note, 'before', { text: 'before' });
    state.broken = true;
    await store.put(note, 'during', { text: 'during' });
    await store.remove(note, 'before');
    await store.append(note, 'log', { text: 'entry' });
    expect(store.trouble).toBe('the disk is full');
    expect(await store.get(note, 'during')).toEqual({ text: 'during' });
    expect(await store.read(note, 'log')).toHaveLength(1);
    await expect(store.ping()).rejects.toThrow('the disk is full');

    state.broken = false;
    await expect.poll(() => store.trouble, { timeout: 5_000 }).toBeUndefined();
    expect(await state.engine.get(note, 'during')).toEqual({ text: 'during' });
    expect(await state.engine.get(note, 'before')).toBeUndefined();
    expect(await state.engine.read(note, 'log')).toHaveLength(1);
    await store.put(note, 'after', { text: 'after' });
    expect(await state.engine.get(note, 'after')).toEqual({ text: 'after' });
  });

  it('writes what it kept when it is closed, where the engine works by then', async () => {
    const state = breakable();
    const store = createResilientStore(state.engine, silentLog);
    state.broken = true;
    await store.put(note, 'during', { text: 'during' });
    state.broken = false;
    let written: unknown;
    const close = state.engine.close;
    state.engine.close = async () => {
      written = await state.engine.get(note, 'during');
      await close();
    };
    await store.close();
    expect(written).toEqual({ text: 'during' });
  });
});
