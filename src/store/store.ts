import type { z } from 'zod';

/**
 * A kind of record that outlives a run: its name, its shape and how long it is kept. Each stands beside the code that
 * owns it; the store knows none of them. What is stored holds no secret and no literal of anybody's data.
 */
export interface Kind<T> {
  /** Lower case, dashes; part of the keys of the store, so it is never renamed. */
  readonly name: string;
  /** Checked on the way in and on the way out. Additions to a shape are optional or have a default. */
  readonly schema: z.ZodType<T>;
  /** How long a record is kept after it was last written; for ever where it is left out. */
  readonly keepDays?: number;
}

export interface Stored<T> {
  readonly key: string;
  readonly value: T;
  readonly writtenAtMs: number;
}

export interface Logged<T> {
  readonly atMs: number;
  readonly value: T;
}

export interface ListOptions {
  /** Only keys that begin so. */
  readonly prefix?: string;
  /** 1,000 by default. */
  readonly limit?: number;
}

export interface ReadOptions {
  /** From this time on, itself included. */
  readonly fromMs?: number;
  /** Before this time. */
  readonly untilMs?: number;
  /** 10,000 by default. */
  readonly limit?: number;
  /** The oldest first where it is left out; `limit` counts from that end. */
  readonly newestFirst?: boolean;
}

/**
 * Where everything lives that outlives a run. Two engines: SQLite in the process, Redis for several processes.
 * Records have a kind and a key and are replaced whole; logs have a kind, a stream and a time, and are only added to.
 * Every call rejects with StoreUnavailableError where the engine cannot be used just now.
 */
export interface Store {
  /** For people: the engine and where it is. Holds no credential. */
  readonly place: string;
  /** Whether several processes work on it at the same time. */
  readonly isShared: boolean;
  /** Why what is stored is kept in memory only for the time being, for people; undefined while all is well. */
  readonly trouble?: string | undefined;
  /** Undefined where nothing is stored under the key, where it is past its time, or where its shape is not known any more. */
  get<T>(kind: Kind<T>, key: string): Promise<T | undefined>;
  put<T>(kind: Kind<T>, key: string, value: T): Promise<void>;
  /** Stores only where nothing stands under the key. True for exactly one of several callers, in whatever process. */
  insert<T>(kind: Kind<T>, key: string, value: T): Promise<boolean>;
  /**
   * Reads, changes and writes as one step, also across processes. `change` may be called again when another was faster,
   * so it has no effects; where it gives undefined nothing is written. Resolves to what stands there afterwards.
   */
  update<T>(kind: Kind<T>, key: string, change: (now: T | undefined) => T | undefined): Promise<T | undefined>;
  /** True where there was something to remove. */
  remove(kind: Kind<unknown>, key: string): Promise<boolean>;
  /** The last written first. */
  list<T>(kind: Kind<T>, options?: ListOptions): Promise<readonly Stored<T>[]>;
  /** Adds to a log; `atMs` is now where it is left out. */
  append<T>(kind: Kind<T>, stream: string, value: T, atMs?: number): Promise<void>;
  read<T>(kind: Kind<T>, stream: string, options?: ReadOptions): Promise<readonly Logged<T>[]>;
  /** The streams of a log that hold something, by name. */
  streams(kind: Kind<unknown>, prefix?: string): Promise<readonly string[]>;
  /** Removes what is past its time; gives the number of records. An engine that does so by itself gives 0. */
  removeExpired(): Promise<number>;
  /** Rejects where the engine does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Days by the name of a kind, where its own time does not fit. */
export type KeepDays = Readonly<Record<string, number>>;

/** When a record of this kind, written at this time, is past its time; undefined for never. */
export function expiresAt(kind: Kind<unknown>, writtenAtMs: number, overrides: KeepDays = {}): number | undefined {
  const days = overrides[kind.name] ?? kind.keepDays;
  return days === undefined ? undefined : Math.trunc(writtenAtMs + days * dayMs);
}

export const dayMs = 86_400_000;
export const defaultListLimit = 1_000;
export const defaultReadLimit = 10_000;
