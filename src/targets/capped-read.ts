import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Connection } from 'mariadb';

/** The connector's stream: after `close` its rows are read from the socket and dropped. */
type DiscardableStream = Readable & { close?: () => void };

export interface ReadCap {
  readonly rows: number;
  /** Characters of text, and eight for any other value. */
  readonly bytes: number;
}

export interface CappedRead {
  readonly rows: readonly Record<string, unknown>[];
  /** Where the cap cut the result: settles when the connection is free again. What still comes is thrown away. */
  readonly rest?: Promise<void>;
}

/**
 * Reads a result row by row and stops at the cap, so that no statement can fill our memory; the caller then kills the
 * statement, whose rest would come in otherwise. Rejects with the connector's error.
 */
export async function readCapped(connection: Connection, sql: string, cap: ReadCap): Promise<CappedRead> {
  const rows: Record<string, unknown>[] = [];
  let bytes = 0;
  const stream: DiscardableStream = connection.queryStream({ sql });
  for await (const row of stream.iterator({ destroyOnReturn: false })) {
    const record = row as Record<string, unknown>;
    for (const value of Object.values(record)) bytes += sizeOf(value);
    if (rows.length >= cap.rows || (bytes > cap.bytes && rows.length > 0)) {
      const rest = finished(stream).catch(() => {});
      stream.close?.();
      stream.resume();
      return { rows, rest };
    }
    rows.push(record);
  }
  return { rows };
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' || Buffer.isBuffer(value) ? value.length : 8;
}
