import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createSqliteStore, type SqliteSettings } from '../../src/store/sqlite-store.ts';
import { dayMs, type Kind, type Store } from '../../src/store/store.ts';
import { describeStoreContract } from '../support/store-contract.ts';

const ending: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

const note: Kind<{ text: string }> = { name: 'note', schema: z.object({ text: z.string() }), keepDays: 30 };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'dbcheck-store-'));
  ending.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function open(path: string, settings: Partial<SqliteSettings> = {}): Store {
  const store = createSqliteStore({ path, ...settings });
  ending.push(() => store.close());
  return store;
}

describeStoreContract('SQLite', async () => {
  const path = join(folder(), 'dbcheck.db');
  let aheadMs = 0;
  const store = open(path, { now: () => Date.now() + aheadMs });
  return {
    store,
    moveClock: (byMs) => {
      aheadMs += byMs;
    },
    // One process holds the file, so "another connection" is the same store: the second bot is refused, see below.
    openAnother: async () => store,
  };
});

describe('the file of the store', () => {
  it('has everything after the process was killed', async () => {
    const path = join(folder(), 'dbcheck.db');
    const script = `
      import { createSqliteStore } from '${new URL('../../src/store/sqlite-store.ts', import.meta.url).href}';
      import { z } from 'zod';
      const store = createSqliteStore({ path: ${JSON.stringify(path)} });
      await store.put({ name: 'note', schema: z.object({ text: z.string() }) }, 'a', { text: 'kept' });
      console.log('written');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: join(import.meta.dirname, '../..'),
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await open(path).get(note, 'a')).toEqual({ text: 'kept' });
  });

  it('is refused to a second bot, with what to do', () => {
    const path = join(folder(), 'dbcheck.db');
    open(path);
    expect(() => open(path)).toThrow(/another dbcheck works on the store .*dbcheck\.db; stop it/);
  });

  it('takes writes of one moment together, in their order, and what cannot be written fails alone', async () => {
    const store = open(join(folder(), 'dbcheck.db'));
    const broken = () => {
      throw new Error('a change that cannot be made');
    };
    const ends = await Promise.allSettled([
      store.put(note, 'a', { text: 'one' }),
      store.update(note, 'a', broken),
      store.update(note, 'a', (now) => ({ text: `${now?.text} two` })),
      store.insert(note, 'a', { text: 'late' }),
      store.remove(note, 'none'),
    ]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    void store.put(note, 'b', { text: 'nobody waits for it' });
    expect(await store.get(note, 'b')).toEqual({ text: 'nobody waits for it' });
    expect(await store.get(note, 'a')).toEqual({ text: 'one two' });
  });

  it('may be read beside the bot that works on it', async () => {
    const path = join(folder(), 'dbcheck.db');
    await open(path).put(note, 'a', { text: 'one' });
    const reader = open(path, { use: 'read' });
    expect(await reader.get(note, 'a')).toEqual({ text: 'one' });
    await expect(reader.put(note, 'b', { text: 'two' })).rejects.toThrow(/may not be written/);
  });

  it('may be added to beside the bot that works on it, by a call of the command line', async () => {
    const path = join(folder(), 'dbcheck.db');
    const bot = open(path);
    await bot.put(note, 'a', { text: 'one' });
    const call = open(path, { use: 'beside' });
    await call.update(note, 'a', (old) => ({ text: `${old?.text} two` }));
    await bot.update(note, 'a', (old) => ({ text: `${old?.text} three` }));
    expect(await call.get(note, 'a')).toEqual({ text: 'one two three' });
    expect(() => open(path)).toThrow(/another dbcheck works/);
  });

  it('is refused where a newer program wrote it', () => {
    const path = join(folder(), 'dbcheck.db');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => open(path)).toThrow(/written by a newer dbcheck \(form 99/);
  });

  it('is set aside where it is damaged, and the store goes on empty', async () => {
    const where = folder();
    const path = join(where, 'dbcheck.db');
    writeFileSync(path, 'no database at all'.repeat(500));
    const told: string[] = [];
    const store = open(path, { onDamage: (sentence) => told.push(sentence) });
    await store.put(note, 'a', { text: 'after' });
    expect(await store.get(note, 'a')).toEqual({ text: 'after' });
    expect(told.join()).toMatch(/is damaged; it was set aside as .*dbcheck\.db\.damaged-/);
    expect(readdirSync(where).filter((name) => name.includes('damaged-'))).toHaveLength(1);
  });

  it('is set aside also where the damage is met while it is used', async () => {
    const where = folder();
    const path = join(where, 'dbcheck.db');
    createSqliteStore({ path }).close();
    const database = new DatabaseSync(path);
    // More than SQLite keeps in memory, so that the damaged pages are read.
    database.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
      INSERT INTO record SELECT 'note', 'k' || i, '{"text":"' || hex(zeroblob(1000)) || '"}', i, NULL FROM n`);
    database.close();
    const bytes = readFileSync(path);
    const told: string[] = [];
    const store = open(path, { onDamage: (sentence) => told.push(sentence) });
    // The pages change under the open file, as a failing disk changes them.
    writeFileSync(path, Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 0xa5)]));
    await store.put(note, 'after', { text: 'after' });
    await store.list(note);
    await store.put(note, 'after', { text: 'after' });
    expect(await store.get(note, 'after')).toEqual({ text: 'after' });
    expect(told).toHaveLength(1);
  });

  it('that cannot be made is named with what it needs', () => {
    expect(() => open(join(folder(), 'no-such-folder', 'dbcheck.db'))).toThrow(/folder must exist and be writable/);
  });

  it.skipIf(process.getuid?.() === 0)('in a folder without permission is named with what it needs', () => {
    const where = folder();
    chmodSync(where, 0o500);
    expect(() => open(join(where, 'dbcheck.db'))).toThrow(/writable/);
  });

  it('of ten years opens, answers, and shrinks to what is to be kept', async () => {
    const path = join(folder(), 'dbcheck.db');
    const reading: Kind<{ v: number }> = { name: 'reading', schema: z.object({ v: z.number() }), keepDays: 365 };
    const tenYears = 3_650;
    const start = Date.now() - tenYears * dayMs;
    createSqliteStore({ path }).close();
    const database = new DatabaseSync(path);
    database.exec('BEGIN');
    const add = database.prepare('INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)');
    for (let day = 0; day < tenYears; day += 1) {
      for (let part = 0; part < 8; part += 1) {
        const at = start + day * dayMs + part * 10_000_000;
        add.run('reading', `server-${part}`, at, day * 8 + part, '{"v":1}', at + 365 * dayMs);
      }
    }
    database.exec('COMMIT');
    database.close();
    const store = open(path);
    expect((await store.read(reading, 'server-3')).length).toBeLessThan(367);
    expect(await store.removeExpired()).toBeGreaterThan(8 * 3_283);
    expect((await store.read(reading, 'server-3')).length).toBeGreaterThan(363);
  });

  it('keeps the order of time when the clock jumps back', async () => {
    const path = join(folder(), 'dbcheck.db');
    let aheadMs = 0;
    const store = open(path, { now: () => Date.now() + aheadMs });
    const reading: Kind<{ v: number }> = { name: 'reading', schema: z.object({ v: z.number() }) };
    await store.append(reading, 's', { v: 1 });
    aheadMs = -3_600_000;
    await store.append(reading, 's', { v: 2 });
    expect((await store.read(reading, 's')).map(({ value }) => value.v)).toEqual([2, 1]);
    await store.put(note, 'a', { text: 'written in the past' });
    expect(await store.get(note, 'a')).toEqual({ text: 'written in the past' });
  });

  it.skipIf(process.getuid?.() !== 0)('names a full disk, and works again when there is room', async () => {
    const where = folder();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'dbcheck-store', where]);
    if (mounted.status !== 0) throw new Error(`no small volume can be mounted: ${mounted.stderr}`);
    const store = createSqliteStore({ path: join(where, 'dbcheck.db') });
    try {
      const ballast = join(where, 'ballast');
      writeFileSync(ballast, Buffer.alloc(700_000));
      const fill = async () => {
        for (let index = 0; ; index += 1) await store.put(note, `k${index}`, { text: 'x'.repeat(20_000) });
      };
      await expect(fill()).rejects.toThrow(/the disk of the store .* is full/);
      rmSync(ballast);
      await store.put(note, 'after', { text: 'room again' });
      expect(await store.get(note, 'after')).toEqual({ text: 'room again' });
    } finally {
      await store.close();
      spawnSync('umount', [where]);
    }
  });
});
