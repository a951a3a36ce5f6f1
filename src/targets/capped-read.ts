import type { Connection } from 'mariadb';

export interface ReadCap {
  readonly rows: number;
  /** Characters of text, and eight for any other value. */
  readonly bytes: number;
}

/** Reads a result row by row and stops at the cap, so that no statement can fill our memory. Rejects with the connector's error. */
export async function readCapped(
  connection: Connection,
  sql: string,
  cap: ReadCap,
): Promise<{ readonly rows: readonly Record<string, unknown>[]; readonly more: boolean }> {
  const rows: Record<string, unknown>[] = [];
  let bytes = 0;
  for await (const row of connection.queryStream({ sql })) {
    const record = row as Record<string, unknown>;
    for (const value of Object.values(record)) bytes += sizeOf(value);
    if (rows.length >= cap.rows || (bytes > cap.bytes && rows.length > 0)) return { rows, more: true };
    rows.push(record);
  }
  return { rows, more: false };
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' || Buffer.isBuffer(value) ? value.length : 8;
}
