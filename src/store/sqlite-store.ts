import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { decode, encode } from './record.ts';
import { type FileUse, openSqliteFile } from './sqlite-file.ts';
import { defaultListLimit, defaultReadLimit, expiresAt, type KeepDays, type Kind, type Store } from './store.ts';

export interface SqliteSettings {
  /** The file, or ':memory:'. */
  readonly path: string;
  /** `own` when absent. */
  readonly use?: FileUse;
  readonly keepDays?: KeepDays;
  /** Milliseconds since 1970; tests give their own. */
  readonly now?: () => number;
  /** Told in one sentence when a damaged file was set aside. */
  readonly onDamage?: (sentence: string) => void;
}

/** No key begins with more than this after a prefix: the end of a range of keys. */
const lastCharacter = '\u{10FFFF}';
const removedAtOnce = 5_000;

/** A write that waits for the next commit. */
interface Pending {
  readonly work: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A store in one file, in this process. Calls are short and synchronous inside; writes of one turn of the event loop
 * share a commit, because a commit waits for the disk. A write is on the disk when its promise resolves.
 * Throws StoreError where the file cannot be used: not writable, newer than this program, or held by another bot.
 */
export function createSqliteStore(settings: SqliteSettings): Store {
  const now = settings.now ?? Date.now;
  const file = openSqliteFile(settings, now);
  let statements = new Map<string, StatementSync>();
  let number = 0;

  function expiry(kind: Kind<unknown>, fromMs: number): number | null {
    return expiresAt(kind, fromMs, settings.keepDays) ?? null;
  }

  function statement(sql: string): StatementSync {
    const known = statements.get(sql) ?? file.database().prepare(sql);
    statements.set(sql, known);
    return known;
  }

  /** Runs on the file; where it turns out to be damaged, once more on a new one. */
  function attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof StoreError) throw error;
      if (!file.isDamage(error)) throw file.asStoreError(error);
      statements = new Map();
      file.replaceDamaged();
      try {
        return work();
      } catch (again) {
        throw file.asStoreError(again);
      }
    }
  }

  const all = (sql: string, ...values: SQLInputValue[]) => statement(sql).all(...values);
  const run = (sql: string, ...values: SQLInputValue[]) => Number(statement(sql).run(...values).changes);

  const readRecord = (kind: Kind<unknown>, key: string): string | undefined => {
    const [row] = all(
      'SELECT value FROM record WHERE kind = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)',
      kind.name,
      key,
      now(),
    );
    return row ? String(row['value']) : undefined;
  };
  const writeRecord = (kind: Kind<unknown>, key: string, text: string): void => {
    run(
      `INSERT INTO record (kind, key, value, written_at, expires_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (kind, key) DO UPDATE
         SET value = excluded.value, written_at = excluded.written_at, expires_at = excluded.expires_at`,
      kind.name,
      key,
      text,
      now(),
      expiry(kind, now()),
    );
  };
  /** Read and write as one step against other connections to the file too. */
  const atomically = <T>(work: () => T): T => {
    const database = file.database();
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };

  let pending: Pending[] = [];

  /** Does its work with the others of this moment, in their order. What the work itself throws fails it alone. */
  function write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (pending.length === 0) setImmediate(commit);
      pending.push({ work, resolve, reject });
    });
  }

  function commit(): void {
    const batch = pending;
    pending = [];
    if (batch.length === 0) return;
    try {
      const ends = attempt(() => atomically(() => batch.map(workOf)));
      for (const end of ends) end();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  function workOf({ work, resolve, reject }: Pending): () => void {
    try {
      const value = work();
      return () => resolve(value as never);
    } catch (error) {
      // Trouble of the file is that of the whole commit; a value that does not fit wrote nothing.
      if ((error as { readonly code?: unknown }).code === 'ERR_SQLITE_ERROR') throw error;
      return () => reject(error);
    }
  }

  /** Sees what was written before, also where nobody waited for it. */
  function look<T>(work: () => T): T {
    commit();
    return attempt(work);
  }

  return {
    place: `SQLite, ${settings.path}`,
    isShared: false,
    get: async (kind, key) => {
      const text = look(() => readRecord(kind, key));
      return text === undefined ? undefined : decode(kind, text);
    },
    put: async (kind, key, value) => {
      const text = encode(kind, value);
      await write(() => writeRecord(kind, key, text));
    },
    insert: async (kind, key, value) => {
      const text = encode(kind, value);
      return write(() => {
        if (readRecord(kind, key) !== undefined) return false;
        writeRecord(kind, key, text);
        return true;
      });
    },
    update: async (kind, key, change) =>
      write(() => {
        const text = readRecord(kind, key);
        const current = text === undefined ? undefined : decode(kind, text);
        const next = change(current);
        if (next === undefined) return current;
        writeRecord(kind, key, encode(kind, next));
        return next;
      }),
    remove: async (kind, key) => write(() => run('DELETE FROM record WHERE kind = ? AND key = ?', kind.name, key) > 0),
    list: async (kind, { prefix = '', limit = defaultListLimit } = {}) => {
      const rows = look(() =>
        all(
          `SELECT key, value, written_at FROM record
            WHERE kind = ? AND key >= ? AND key < ? AND (expires_at IS NULL OR expires_at > ?)
            ORDER BY written_at DESC, key LIMIT ?`,
          kind.name,
          prefix,
          prefix + lastCharacter,
          now(),
          limit,
        ),
      );
      return rows.flatMap((row) => {
        const value = decode(kind, String(row['value']));
        return value === undefined ? [] : [{ key: String(row['key']), value, writtenAtMs: Number(row['written_at']) }];
      });
    },
    append: async (kind, stream, value, atMs = now()) => {
      const text = encode(kind, value);
      // Two entries of one millisecond keep their order, also when the program was started anew in between.
      number = Math.max(number + 1, now() * 1_000);
      const place = number;
      await write(() =>
        run(
          'INSERT INTO log (kind, stream, at, number, value, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
          kind.name,
          stream,
          Math.trunc(atMs),
          place,
          text,
          expiry(kind, atMs),
        ),
      );
    },
    read: async (kind, stream, { fromMs = 0, untilMs = Number.MAX_SAFE_INTEGER, limit, newestFirst = false } = {}) => {
      const order = newestFirst ? 'DESC' : 'ASC';
      const rows = look(() =>
        all(
          `SELECT at, value FROM log WHERE kind = ? AND stream = ? AND at >= ? AND at < ?
              AND (expires_at IS NULL OR expires_at > ?) ORDER BY at ${order}, number ${order} LIMIT ?`,
          kind.name,
          stream,
          Math.trunc(fromMs),
          Math.trunc(untilMs),
          now(),
          limit ?? defaultReadLimit,
        ),
      );
      return rows.flatMap((row) => {
        const value = decode(kind, String(row['value']));
        return value === undefined ? [] : [{ atMs: Number(row['at']), value }];
      });
    },
    streams: async (kind, prefix = '') =>
      look(() =>
        all(
          `SELECT DISTINCT stream FROM log WHERE kind = ? AND stream >= ? AND stream < ?
              AND (expires_at IS NULL OR expires_at > ?) ORDER BY stream`,
          kind.name,
          prefix,
          prefix + lastCharacter,
          now(),
        ).map((row) => String(row['stream'])),
      ),
    removeExpired: async () => {
      let removed = 0;
      for (const [table, key] of [
        ['record', 'kind, key'],
        ['log', 'kind, stream, at, number'],
      ]) {
        const sql = `DELETE FROM ${table} WHERE (${key}) IN
          (SELECT ${key} FROM ${table} WHERE expires_at <= ? LIMIT ${removedAtOnce})`;
        // In bites: one long delete would hold the process up.
        let bite = removedAtOnce;
        while (bite === removedAtOnce) {
          bite = attempt(() => run(sql, now()));
          removed += bite;
          await new Promise(setImmediate);
        }
      }
      return removed;
    },
    ping: async () => void attempt(() => all('SELECT 1')),
    close: async () => {
      commit();
      statements.clear();
      file.close();
    },
  };
}
