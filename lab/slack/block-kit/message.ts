import { isArray, objectsOf, stringOf } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import { checkBlocks } from './blocks.ts';
import { checkObjects, checkString } from './field.ts';
import { limits } from './limits.ts';
import { lengthOfText } from './text-length.ts';
import { at, blame, emptyReport, type Report, refuse, type Violation } from './violation.ts';

function checkAttachments(report: Report, payload: JsonObject): void {
  for (const entry of checkObjects(report, payload, 'attachments', { maximum: limits.attachments })) {
    checkBlocks(entry.report, entry.item, limits.messageBlocks, 'message');
    checkString(entry.report, entry.item, 'color', { emptyAllowed: true });
  }
}

function withChildren(blocks: readonly JsonObject[]): readonly JsonObject[] {
  return blocks.flatMap((block) => [block, ...objectsOf(block['child_blocks'])]);
}

function countTypes(blocks: readonly JsonObject[], ...types: readonly string[]): number {
  return blocks.filter((block) => types.includes(String(block['type']))).length;
}

/** A table in markdown becomes a table block, so it counts as one. */
function hasMarkdownTable(block: JsonObject): boolean {
  if (block['type'] !== 'markdown') return false;
  return /^\s*\|?[ :|-]*-{3,}[ :|-]*\|[ :|-]*$/m.test(stringOf(block['text']) ?? '');
}

function checkCombinations(report: Report, blocks: readonly JsonObject[]): void {
  const here = at(report, 'blocks');
  const tables = countTypes(withChildren(blocks), 'table', 'data_table') + blocks.filter(hasMarkdownTable).length;
  if (tables > limits.tablesPerMessage) {
    refuse(here, 'too_many_tables', `only_one_table_allowed, are ${tables}`);
  }
  const charts = countTypes(blocks, 'data_visualization');
  if (charts > limits.chartsPerMessage) {
    refuse(here, 'too_many', `only ${limits.chartsPerMessage} data_visualization blocks allowed, are ${charts}`);
  }
  if (countTypes(blocks, 'plan') > 0 && countTypes(blocks, 'task_card') > 0) {
    refuse(here, 'conflict', 'plan and task_card exclude each other in a message');
  }
  const markdown = blocks.filter((block) => block['type'] === 'markdown').map((block) => stringOf(block['text']) ?? '');
  const markdownLength = markdown.join('').length;
  if (markdown.length > 1 && markdownLength > limits.markdownText) {
    refuse(here, 'too_long', `all markdown together takes ${limits.markdownText} characters, has ${markdownLength}`);
  }
  const words = countTypes(blocks, 'section', 'markdown', 'rich_text', 'context', 'table', 'data_table', 'container');
  if (charts > 0 && words === 0) {
    blame(here, 'no_text_twin', 'fault', 'a chart needs the same in words or as a table beside it');
  }
}

/**
 * Checks a message payload as `chat.postMessage` takes it: `{ text, blocks, attachments }`.
 * Pure; an empty list means that Slack shows it and that people are served well by it.
 */
export function validateMessage(payload: JsonObject): readonly Violation[] {
  const report = emptyReport();
  checkBlocks(report, payload, limits.messageBlocks, 'message');
  checkAttachments(report, payload);
  const blocks = objectsOf(payload['blocks']);
  checkCombinations(report, blocks);
  const hasContent = isArray(payload['blocks']) || isArray(payload['attachments']);
  if (hasContent && (stringOf(payload['text']) ?? '').trim() === '') {
    blame(at(report, 'text'), 'no_text', 'fault', 'screen readers and notifications read only the top-level text');
  }
  const total = lengthOfText(blocks);
  if (total > limits.messageTotal) {
    refuse(
      at(report, 'blocks'),
      'total_too_long',
      `${total} characters in all blocks, about ${limits.messageTotal} fit`,
    );
  } else if (total > limits.messageTotalWarning) {
    blame(at(report, 'blocks'), 'total_too_long', 'warning', `${total} characters in all blocks; split above 10,000`);
  }
  return report.found;
}
