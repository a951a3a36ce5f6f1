import { isArray, isObject, numberOf, objectsOf, stringOf, stringsOf } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import type { Names } from './mrkdwn.ts';
import { richTextLines } from './rich-text.ts';

/** Widest a column of a table gets in a terminal; longer cells are cut with an ellipsis. */
const maximumColumn = 48;
const barWidth = 24;

function cellText(cell: unknown, names: Names): string {
  if (!isObject(cell)) return '';
  if (cell['type'] === 'rich_text') return richTextLines(cell, names).join(' ');
  return stringOf(cell['text']) ?? '';
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > maximumColumn ? `${line.slice(0, maximumColumn - 1)}…` : line;
}

/** Rows as aligned columns under a ruled header; columns of numbers stand to the right. */
export function tableLines(block: JsonObject, names: Names): readonly string[] {
  const rows = (isArray(block['rows']) ? block['rows'] : []).map((row) => (isArray(row) ? row : []));
  const texts = rows.map((row) => row.map((cell) => cut(cellText(cell, names))));
  const widths = (texts[0] ?? []).map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  const isNumeric = widths.map((_, column) =>
    rows.slice(1).every((row) => isObject(row[column]) && row[column]['type'] === 'raw_number'),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) =>
        isNumeric[column] && rows.length > 1 ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const [header = [], ...body] = texts;
  const caption = stringOf(block['caption']);
  return [
    ...(caption === undefined ? [] : [caption]),
    line(header),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...body.map(line),
  ];
}

function bar(value: number, largest: number): string {
  const length = largest <= 0 ? 0 : Math.max(0, Math.round((value / largest) * barWidth));
  return '█'.repeat(length);
}

function points(owner: JsonObject, name: string): readonly { readonly label: string; readonly value: number }[] {
  return objectsOf(owner[name]).map((point) => ({
    label: stringOf(point['label']) ?? '',
    value: numberOf(point['value']) ?? 0,
  }));
}

/** A chart as bars of text, one line a point, series under their names. */
export function chartLines(block: JsonObject): readonly string[] {
  const chart = isObject(block['chart']) ? block['chart'] : {};
  const axes = isObject(chart['axis_config']) ? chart['axis_config'] : {};
  const series = [
    ...objectsOf(chart['series']).map((one) => ({ name: stringOf(one['name']) ?? '', data: points(one, 'data') })),
    ...(isArray(chart['segments']) ? [{ name: '', data: points(chart, 'segments') }] : []),
  ];
  const all = series.flatMap((one) => one.data);
  const largest = Math.max(0, ...all.map((point) => point.value));
  const width = Math.max(
    0,
    ...all.map((point) => point.label.length),
    ...stringsOf(axes['categories']).map((c) => c.length),
  );
  const yLabel = stringOf(axes['y_label']);
  return [
    `[${String(chart['type'])} chart] ${stringOf(block['title']) ?? ''}${yLabel === undefined ? '' : ` (${yLabel})`}`,
    ...series.flatMap((one) => [
      ...(one.name === '' ? [] : [`  ${one.name}`]),
      ...one.data.map((point) => `  ${point.label.padEnd(width)} ${bar(point.value, largest)} ${point.value}`),
    ]),
  ];
}
