import type { Cell, Row } from '../report/evidence.ts';

export interface CappedRows {
  readonly rows: readonly Row[];
  readonly truncated: boolean;
}

/** Rows of the connector as JSON can hold them, up to so many rows and bytes. */
export function capRows(raw: readonly unknown[], maxRows: number, maxBytes: number): CappedRows {
  const rows: Row[] = [];
  let bytes = 0;
  if (!Array.isArray(raw)) return { rows, truncated: false };
  for (const record of raw as readonly Record<string, unknown>[]) {
    if (rows.length >= maxRows) return { rows, truncated: true };
    const row: Record<string, Cell> = {};
    for (const [name, value] of Object.entries(record)) {
      const cell = asCell(value);
      row[name] = cell;
      bytes += typeof cell === 'string' ? cell.length : 8;
    }
    if (bytes > maxBytes) return { rows, truncated: true };
    rows.push(row);
  }
  return { rows, truncated: false };
}

function asCell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return JSON.stringify(value);
}
