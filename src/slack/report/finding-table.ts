import type { DataTableBlock, KnownBlock } from '@slack/types';
import type { FindingTable } from '../../report/finding.ts';
import { preformatted } from '../posting/blocks.ts';
import { atLeast, clamp, withoutControl } from '../posting/escape.ts';
import { limits } from '../posting/limits.ts';

/** A block of one of Slack's newest types, with the same in types that every client knows. */
export interface Modern {
  readonly block: KnownBlock;
  readonly plain: readonly KnownBlock[];
}

/** Rows as monospace lines, which cannot be paged. */
const plainRows = 15;

type Cell = DataTableBlock['rows'][number][number];

/** A table that people can sort and page through. Rows that do not fit are counted in the caption. */
export function tableBlock(table: FindingTable): Modern | undefined {
  const columns = table.columns.slice(0, limits.tableColumns);
  const header = columns.map((name) => textCell(name));
  const rows: Cell[][] = [];
  let size = sizeOf(header);
  for (const row of table.rows.slice(0, limits.tableRows)) {
    const cells = columns.map((_, index) => cell(row[index] ?? ''));
    size += sizeOf(cells);
    if (size > limits.tableCharacters) break;
    rows.push(cells);
  }
  if (columns.length === 0 || rows.length === 0) return undefined;
  const shown = rows.length < table.rows.length ? `: ${rows.length} of ${table.rows.length} rows` : '';
  const caption = `${clamp(atLeast(withoutControl(table.caption), 'Evidence'), limits.caption)}${shown}`;
  const block: DataTableBlock = {
    type: 'data_table',
    caption,
    page_size: limits.tablePageRows,
    rows: [header, ...rows],
  };
  const [first, more] = [rows.slice(0, plainRows), rows.length - plainRows];
  const lines = [caption, inColumns([header, ...first]), ...(more > 0 ? [`and ${more} more rows`] : [])];
  return { block, plain: [preformatted(clamp(lines.join('\n'), limits.element))] };
}

function cell(value: string | number): Cell {
  if (typeof value === 'number' && Number.isFinite(value)) return { type: 'raw_number', value, text: String(value) };
  return textCell(String(value));
}

function textCell(text: string): Cell {
  return { type: 'raw_text', text: clamp(atLeast(withoutControl(text), '–'), limits.cellText) };
}

function textOf(one: Cell): string {
  return one.type === 'rich_text' ? '' : (one.text ?? '');
}

function sizeOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, one) => sum + textOf(one).length, 0);
}

/** The same as monospace lines. */
function inColumns(rows: readonly (readonly Cell[])[]): string {
  const words = rows.map((row) => row.map((one) => clamp(textOf(one).replaceAll(/\s+/g, ' '), 40)));
  const widths = (words[0] ?? []).map((_, index) => Math.max(...words.map((row) => row[index]?.length ?? 0)));
  return words
    .map((row) =>
      row
        .map((word, index) => word.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
