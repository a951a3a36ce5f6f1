import { isArray, isObject } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import { checkKeys, checkList, checkNumber, checkObjects, checkOneOf, checkString } from './field.ts';
import { limits } from './limits.ts';
import { checkRichText } from './rich-text.ts';
import { lengthOfText } from './text-length.ts';
import { at, type Report, refuse } from './violation.ts';

function checkCell(report: Report, cell: unknown, types: readonly string[]): void {
  if (!isObject(cell)) {
    refuse(report, 'wrong_type', 'failed to match expected type cell');
    return;
  }
  checkOneOf(report, cell, 'type', types, true);
  if (cell['type'] === 'rich_text') {
    checkRichText(report, cell);
    return;
  }
  checkString(report, cell, 'text', { required: true });
  if (cell['type'] === 'raw_number') checkNumber(report, cell, 'value', { required: true });
}

function checkRows(report: Report, block: JsonObject, maximum: number, headerTypes: readonly string[]): number {
  const rows = checkList(report, block, 'rows', { required: true, minimum: 1, maximum });
  let columns: number | undefined;
  for (const [index, row] of rows.entries()) {
    if (!isArray(row.item)) {
      refuse(row.report, 'wrong_type', 'failed to match expected type array');
      continue;
    }
    if (row.item.length > limits.tableColumns) {
      refuse(row.report, 'too_many', `no more than ${limits.tableColumns} cells allowed, are ${row.item.length}`);
    }
    columns ??= row.item.length;
    if (row.item.length === 0) refuse(row.report, 'too_few', 'a row needs a cell');
    if (row.item.length !== columns)
      refuse(row.report, 'invalid_value', `must have ${columns} cells like the first row`);
    const types = index === 0 ? headerTypes : ['raw_text', 'raw_number', 'rich_text'];
    for (const [column, cell] of row.item.entries()) checkCell(at(row.report, column), cell, types);
  }
  const length = lengthOfText(block['rows']);
  if (length > limits.tableCells) {
    refuse(at(report, 'rows'), 'too_long', `all cells together take ${limits.tableCells} characters, have ${length}`);
  }
  return columns ?? 0;
}

export function checkTable(report: Report, block: JsonObject): void {
  checkKeys(report, block, ['type', 'block_id', 'rows', 'column_settings']);
  checkRows(report, block, limits.tableRows, ['raw_text', 'raw_number', 'rich_text']);
  for (const entry of checkList(report, block, 'column_settings', { maximum: limits.tableColumns })) {
    // A null leaves the column as it is.
    if (entry.item === null) continue;
    if (isObject(entry.item)) checkOneOf(entry.report, entry.item, 'align', ['left', 'center', 'right']);
    else refuse(entry.report, 'wrong_type', 'failed to match expected type object');
  }
}

export function checkDataTable(report: Report, block: JsonObject): void {
  checkKeys(report, block, ['type', 'block_id', 'rows', 'caption', 'page_size', 'row_header_column_index']);
  checkString(report, block, 'caption', { required: true });
  checkNumber(report, block, 'page_size', { minimum: 1, maximum: limits.dataTablePageSize, integer: true });
  const columns = checkRows(report, block, limits.dataTableRows, ['raw_text', 'raw_number']);
  const rows = block['rows'];
  if (isArray(rows) && rows.length === 1) refuse(at(report, 'rows'), 'too_few', 'needs a row besides the header');
  checkNumber(report, block, 'row_header_column_index', {
    minimum: 0,
    maximum: Math.max(0, columns - 1),
    integer: true,
  });
}

function checkPoints(report: Report, owner: JsonObject, name: string, maximum: number): readonly unknown[] {
  return checkObjects(report, owner, name, { required: true, minimum: 1, maximum }).map((entry) => {
    checkString(entry.report, entry.item, 'label', { required: true, maximum: limits.chartLabel });
    checkNumber(entry.report, entry.item, 'value', { required: true });
    return entry.item['label'];
  });
}

function checkAxes(report: Report, chart: JsonObject): readonly unknown[] {
  const axes = chart['axis_config'];
  const here = at(report, 'axis_config');
  if (!isObject(axes)) {
    refuse(here, 'missing', 'missing required field: axis_config');
    return [];
  }
  checkString(here, axes, 'x_label', { maximum: limits.chartAxisLabel });
  checkString(here, axes, 'y_label', { maximum: limits.chartAxisLabel });
  const categories = checkList(here, axes, 'categories', { required: true, minimum: 1, maximum: limits.chartPoints });
  for (const entry of categories) {
    if (typeof entry.item !== 'string') refuse(entry.report, 'wrong_type', 'failed to match expected type string');
    else if (entry.item.length > limits.chartLabel) {
      refuse(entry.report, 'too_long', `must be less than ${limits.chartLabel + 1} characters`);
    }
  }
  const labels = categories.map((entry) => entry.item);
  if (new Set(labels).size !== labels.length) refuse(at(here, 'categories'), 'duplicate', 'must be unique');
  return labels;
}

/** https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block */
export function checkDataVisualization(report: Report, block: JsonObject): void {
  checkKeys(report, block, ['type', 'block_id', 'title', 'chart']);
  checkString(report, block, 'title', { required: true, maximum: limits.chartTitle });
  const chart = block['chart'];
  const here = at(report, 'chart');
  if (!isObject(chart)) {
    refuse(here, 'missing', 'missing required field: chart');
    return;
  }
  checkOneOf(here, chart, 'type', ['pie', 'bar', 'area', 'line'], true);
  if (chart['type'] === 'pie') {
    checkPoints(here, chart, 'segments', limits.chartSeries);
    return;
  }
  const categories = checkAxes(here, chart);
  const names = new Set<unknown>();
  for (const series of checkObjects(here, chart, 'series', {
    required: true,
    minimum: 1,
    maximum: limits.chartSeries,
  })) {
    const name = checkString(series.report, series.item, 'name', { required: true, maximum: limits.chartLabel });
    if (names.has(name)) refuse(at(series.report, 'name'), 'duplicate', 'series names must be unique');
    names.add(name);
    const labels = checkPoints(series.report, series.item, 'data', limits.chartPoints);
    if (labels.length !== categories.length || labels.some((label) => !categories.includes(label))) {
      refuse(at(series.report, 'data'), 'invalid_value', 'labels must match the categories of axis_config');
    }
  }
}
