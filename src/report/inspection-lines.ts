import { oneLine, outcomeOf } from './outline.ts';
import type { Inspection } from './report.ts';

/** Rows that a text shows; `--json` has all. */
const shownRows = 50;
const maxCellCharacters = 60;

/** A statement with its result, as a person reads it in a terminal. */
export function inspectionLines(inspection: Inspection, withOutcome = true): string[] {
  const { target, statement, table } = inspection;
  const head = withOutcome ? [`${target} · ${outcomeOf(inspection)}`] : [];
  const rows = table ? (longCells(table) ?? gridOf(table)) : [];
  return [...head, `  ${oneLine(statement)}`, ...rows];
}

/** The one row of a result whose cells are texts of many lines, a column after the other; undefined where a grid does. */
export function longCells({ columns, rows }: NonNullable<Inspection['table']>): string[] | undefined {
  const [row] = rows;
  if (!row || rows.length > 1 || !row.some((cell) => String(cell).includes('\n'))) return undefined;
  return columns.flatMap((column, at) => `${column}: ${String(row[at] ?? '').trim()}`.split('\n'));
}

function gridOf({ columns, rows }: NonNullable<Inspection['table']>): string[] {
  const shown = rows.slice(0, shownRows).map((row) => row.map((cell) => short(String(cell))));
  const widths = columns.map((name, at) => Math.max(short(name).length, ...shown.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `  ${cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()}`;
  const more = rows.length - shownRows;
  return [
    line(columns.map(short)),
    line(widths.map((width) => '-'.repeat(width))),
    ...shown.map(line),
    ...(more > 0 ? [`  and ${more} more rows (--json has them)`] : []),
  ];
}

function short(cell: string): string {
  const plain = oneLine(cell);
  return plain.length > maxCellCharacters ? `${plain.slice(0, maxCellCharacters - 1)}…` : plain;
}
