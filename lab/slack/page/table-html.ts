import { isArray, isObject, numberOf, stringOf } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import { type Html, html, nothing } from './html.ts';
import { type Directory, libraryBlock } from './library.ts';

/** Slack's default of rows on one page of a data_table. */
const defaultPageSize = 5;

function cellHtml(cell: unknown, directory: Directory): Html {
  if (!isObject(cell)) return nothing;
  if (cell['type'] === 'rich_text') return libraryBlock(cell, directory);
  return html`${stringOf(cell['text'])}`;
}

function sortValue(cell: unknown): string {
  if (!isObject(cell)) return '';
  return String(cell['type'] === 'raw_number' ? cell['value'] : (cell['text'] ?? ''));
}

/** A `table` or `data_table`. The latter sorts by a click on a heading and turns pages; the client does both. */
export function tableHtml(block: JsonObject, directory: Directory): Html {
  const rows = (isArray(block['rows']) ? block['rows'] : []).map((row) => (isArray(row) ? row : []));
  const [header = [], ...body] = rows;
  const isData = block['type'] === 'data_table';
  const numeric = header.map((_, column) =>
    body.every((row) => isObject(row[column]) && row[column]['type'] === 'raw_number'),
  );
  const pageSize = numberOf(block['page_size']) ?? defaultPageSize;
  const caption = stringOf(block['caption']);
  const side = (column: number): string => (numeric[column] && body.length > 0 ? 'number' : '');
  return html`<div class="table ${isData ? 'data-table' : ''}" data-page-size="${isData ? pageSize : 0}">
<table>${caption === undefined ? nothing : html`<caption>${caption}</caption>`}
<thead><tr>${header.map((cell, column) => html`<th class="${side(column)}" data-column="${column}">${cellHtml(cell, directory)}</th>`)}</tr></thead>
<tbody>${body.map(
    (row) =>
      html`<tr>${row.map((cell, column) => html`<td class="${side(column)}" data-sort="${sortValue(cell)}">${cellHtml(cell, directory)}</td>`)}</tr>`,
  )}</tbody></table>
${isData && body.length > pageSize ? html`<div class="pager"><button type="button" data-page="-1">‹</button><span></span><button type="button" data-page="1">›</button></div>` : nothing}</div>`;
}
