import { isObject } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import { checkImageSource, checkText } from './composition.ts';
import { checkElement, elementsAllowedIn } from './elements.ts';
import { checkBoolean, checkKeys, checkObjects, checkOneOf, checkString } from './field.ts';
import { limits } from './limits.ts';
import { checkRichTextField } from './rich-text.ts';
import { at, type Report, refuse } from './violation.ts';

function checkImageField(report: Report, owner: JsonObject, name: string): void {
  const value = owner[name];
  if (value === undefined) return;
  if (isObject(value)) checkImageSource(at(report, name), value);
  else refuse(at(report, name), 'wrong_type', 'failed to match expected type image');
}

export function checkCard(report: Report, card: JsonObject): void {
  checkKeys(report, card, [
    ...['type', 'block_id', 'hero_image', 'icon', 'slack_icon', 'title', 'subtitle', 'body', 'subtext', 'actions'],
  ]);
  if (!['hero_image', 'title', 'body', 'actions'].some((name) => card[name] !== undefined)) {
    refuse(report, 'missing', 'one of hero_image, title, actions and body is required');
  }
  checkImageField(report, card, 'hero_image');
  checkImageField(report, card, 'icon');
  checkText(report, card, 'title', limits.cardTitle, ['mrkdwn', 'plain_text'], false);
  checkText(report, card, 'subtitle', limits.cardSubtitle, ['mrkdwn', 'plain_text'], false);
  checkText(report, card, 'body', limits.cardBody, ['mrkdwn', 'plain_text'], false);
  checkText(report, card, 'subtext', limits.cardSubtext, ['mrkdwn', 'plain_text'], false);
  for (const entry of checkObjects(report, card, 'actions', { maximum: limits.cardActions })) {
    checkElement(entry.report, entry.item, elementsAllowedIn.cardActions);
  }
}

export function checkCarousel(report: Report, block: JsonObject): void {
  checkKeys(report, block, ['type', 'block_id', 'elements']);
  const rule = { required: true, minimum: 1, maximum: limits.carouselCards };
  for (const entry of checkObjects(report, block, 'elements', rule)) {
    if (entry.item['type'] !== 'card')
      refuse(at(entry.report, 'type'), 'not_allowed_here', 'a carousel takes cards only');
    checkCard(entry.report, entry.item);
  }
}

const containerChildren = [
  ...['actions', 'context', 'divider', 'file', 'header', 'image', 'input', 'rich_text', 'section', 'table', 'video'],
];

export function checkContainer(
  report: Report,
  block: JsonObject,
  checkChild: (report: Report, child: JsonObject) => void,
): void {
  checkKeys(report, block, [
    ...['type', 'block_id', 'title', 'rich_text_title', 'subtitle', 'child_blocks', 'width', 'icon'],
    ...['is_collapsible', 'default_collapsed', 'has_header_divider'],
  ]);
  if (block['title'] === undefined && block['rich_text_title'] === undefined) {
    refuse(report, 'missing', 'one of title and rich_text_title is required');
  }
  checkText(report, block, 'title', limits.containerTitle, ['plain_text'], false);
  checkRichTextField(report, block, 'rich_text_title');
  checkText(report, block, 'subtitle', limits.containerTitle, ['plain_text', 'mrkdwn'], false);
  checkOneOf(report, block, 'width', ['narrow', 'standard', 'wide', 'full']);
  checkImageField(report, block, 'icon');
  checkBoolean(report, block, 'is_collapsible');
  checkBoolean(report, block, 'default_collapsed');
  checkBoolean(report, block, 'has_header_divider');
  if (block['default_collapsed'] === true && block['is_collapsible'] !== true) {
    refuse(at(report, 'default_collapsed'), 'conflict', 'requires is_collapsible');
  }
  const rule = { required: true, minimum: 1, maximum: limits.containerBlocks };
  for (const entry of checkObjects(report, block, 'child_blocks', rule)) {
    if (containerChildren.includes(String(entry.item['type']))) checkChild(entry.report, entry.item);
    else {
      refuse(at(entry.report, 'type'), 'not_allowed_here', `a container takes no ${String(entry.item['type'])} block`);
    }
  }
}

/** A task of a plan comes with or without `type: 'task_card'`. */
export function checkTaskCard(report: Report, task: JsonObject): void {
  checkKeys(report, task, [
    ...['type', 'block_id', 'task_id', 'title', 'details', 'output', 'sources', 'status', 'icon', 'hide_title'],
  ]);
  checkString(report, task, 'task_id', { required: true });
  checkString(report, task, 'title', { required: true });
  // Slack's word is `complete`; `completed` is refused.
  checkOneOf(report, task, 'status', ['pending', 'in_progress', 'complete', 'error']);
  checkRichTextField(report, task, 'details');
  checkRichTextField(report, task, 'output');
  for (const source of checkObjects(report, task, 'sources')) {
    checkOneOf(source.report, source.item, 'type', ['url'], true);
    checkString(source.report, source.item, 'url', { required: true, maximum: limits.url });
    checkString(source.report, source.item, 'text', { required: true });
  }
}

export function checkPlan(report: Report, plan: JsonObject): void {
  checkKeys(report, plan, ['type', 'block_id', 'title', 'tasks']);
  checkString(report, plan, 'title', { required: true });
  for (const entry of checkObjects(report, plan, 'tasks', { maximum: limits.planTasks })) {
    checkTaskCard(entry.report, entry.item);
  }
}
