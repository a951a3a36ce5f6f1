import { existsSync, renameSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreError, StoreUnavailableError } from '../errors.ts';
import { migrations } from './sqlite-schema.ts';

/**
 * `own`: for the one bot that works on the file. `beside`: by the command line, which adds to it while a bot may work on
 * it. `read`: only to be looked at.
 */
export type FileUse = 'own' | 'beside' | 'read';

export interface SqliteFileSettings {
  readonly path: string;
  /** `own` when absent. */
  readonly use?: FileUse;
  readonly onDamage?: (sentence: string) => void;
}

export interface SqliteFile {
  database(): DatabaseSync;
  isDamage(error: unknown): boolean;
  /** Sets the damaged file aside and goes on with an empty one. */
  replaceDamaged(): void;
  asStoreError(error: unknown): StoreError;
  close(): void;
}

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html */
const sqlite = { busy: 5, readonly: 8, ioError: 10, corrupt: 11, full: 13, cantOpen: 14, notADatabase: 26 };

/** A whole check reads the whole file; above this it would delay the start, and damage is met when it is read instead. */
const maxCheckedBytes = 200_000_000;
/** How long another process that reads or writes the file just now is waited for. */
const busyTimeoutMs = 2_000;

/** Opens the file, migrated to the newest form where it may be written. Throws StoreError with what to do about it. */
export function openSqliteFile(
  { path, use = 'own', onDamage = () => {} }: SqliteFileSettings,
  now: () => number,
): SqliteFile {
  const lock = use === 'own' ? lockFor(path) : undefined;
  let database: DatabaseSync;

  function setAside(): void {
    const name = `${path}.damaged-${new Date(now()).toISOString().replaceAll(':', '')}`;
    renameSync(path, name);
    for (const extra of ['-wal', '-shm']) if (existsSync(path + extra)) renameSync(path + extra, name + extra);
    onDamage(
      `the store ${path} is damaged; it was set aside as ${name}, and an empty one is used: earlier threads are not known`,
    );
  }

  try {
    try {
      database = use === 'read' ? openToRead(path) : open(path, use);
    } catch (error) {
      if (use !== 'own' || !isDamage(error)) throw error;
      setAside();
      database = open(path, use);
    }
  } catch (error) {
    lock?.close();
    throw asStoreError(error, path);
  }

  return {
    database: () => database,
    isDamage: (error) => use === 'own' && isDamage(error),
    replaceDamaged() {
      database.close();
      setAside();
      database = open(path, use);
    },
    asStoreError: (error) => asStoreError(error, path),
    close() {
      if (database.isOpen) database.close();
      if (lock?.isOpen) lock.close();
    },
  };
}

/**
 * Only one bot works on a file: two would answer everything twice. The lock is a transaction on a file beside it that
 * stays open, so the system releases it when the process ends, however it ends.
 */
function lockFor(path: string): DatabaseSync | undefined {
  if (path === ':memory:') return undefined;
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (primaryCode(error) !== sqlite.busy) throw asStoreError(error, path);
    throw new StoreError(
      `another dbcheck works on the store ${path}; stop it, or give this one its own with "store: { path: … }", or use Redis`,
      { cause: error },
    );
  }
}

function open(path: string, use: FileUse): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    // Of a new file: rows of up to 2 kB lie within their page, and samples of history are a little over the 1 kB of 4096.
    database.exec('PRAGMA page_size = 8192');
    // FULL: what was acknowledged to Slack is on the disk, also after a power cut.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16000000');
    // What was forgotten is also gone from the free parts of pages that are written anyway.
    database.exec('PRAGMA secure_delete = FAST');
    if (use === 'own') check(database, path);
    migrate(database, path);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function openToRead(path: string): DatabaseSync {
  if (!existsSync(path)) throw new StoreError(`there is no store at ${path} yet; the bot makes it when it starts`);
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version === migrations.length) return database;
  database.close();
  throw new StoreError(`the store ${path} was written by another release of dbcheck (form ${version})`);
}

function check(database: DatabaseSync, path: string): void {
  if (path === ':memory:' || statSync(path).size > maxCheckedBytes) return;
  const result = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (result !== 'ok') throw Object.assign(new Error(String(result)), { errcode: sqlite.corrupt });
}

function migrate(database: DatabaseSync, path: string): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > migrations.length) {
    throw new StoreError(
      `the store ${path} was written by a newer dbcheck (form ${version}, this one knows ${migrations.length}); start that one, or give another path`,
    );
  }
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}

function primaryCode(error: unknown): number | undefined {
  const code = (error as { readonly errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

function isDamage(error: unknown): boolean {
  const code = primaryCode(error);
  return code === sqlite.corrupt || code === sqlite.notADatabase;
}

function asStoreError(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = primaryCode(error);
  const reasons = new Map([
    [sqlite.readonly, `the store ${path} may not be written; give dbcheck's user write access to it and its folder`],
    [sqlite.cantOpen, `the store ${path} cannot be opened or made; its folder must exist and be writable`],
    [sqlite.full, `the disk of the store ${path} is full`],
    [sqlite.ioError, `the disk of the store ${path} cannot be read or written`],
    [sqlite.busy, `the store ${path} is held by another process`],
  ]);
  return new StoreUnavailableError((code !== undefined && reasons.get(code)) || `the store ${path} cannot be used`, {
    cause: error,
  });
}
