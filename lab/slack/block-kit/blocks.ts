import { isObject } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import { checkImageSource, checkText, checkTextObject } from './composition.ts';
import { checkDataTable, checkDataVisualization, checkTable } from './data-blocks.ts';
import { checkElement, elementsAllowedIn } from './elements.ts';
import { checkBoolean, checkKeys, checkObjects, checkString } from './field.ts';
import { checkCard, checkCarousel, checkContainer, checkPlan, checkTaskCard } from './grouping-blocks.ts';
import { limits } from './limits.ts';
import { checkRichText } from './rich-text.ts';
import { at, type Report, refuse } from './violation.ts';

export type Surface = 'message' | 'modal' | 'home';

type BlockCheck = (report: Report, block: JsonObject, surface: Surface) => void;

const common = ['type', 'block_id'];

/** Elements that not every surface takes, by their reference pages. */
const elementSurfaces: Readonly<Record<string, readonly Surface[]>> = {
  datetimepicker: ['message', 'modal'],
  email_text_input: ['modal'],
  number_input: ['modal'],
  url_text_input: ['modal'],
  file_input: ['modal'],
  rich_text_input: ['modal', 'home'],
  workflow_button: ['message'],
};

function checkPlaced(report: Report, element: JsonObject, allowed: readonly string[], surface: Surface): void {
  checkElement(report, element, allowed);
  const type = String(element['type']);
  const surfaces = elementSurfaces[type];
  if (surfaces?.includes(surface) === false) {
    refuse(at(report, 'type'), 'not_allowed_here', `a ${surface} does not take ${type} elements`);
  }
}

function section(report: Report, block: JsonObject, surface: Surface): void {
  checkKeys(report, block, [...common, 'text', 'fields', 'accessory', 'expand']);
  checkBoolean(report, block, 'expand');
  if (block['text'] === undefined && block['fields'] === undefined) {
    refuse(report, 'missing', 'one of text and fields is required');
  }
  checkText(report, block, 'text', limits.sectionText, ['plain_text', 'mrkdwn'], false);
  for (const entry of checkObjects(report, block, 'fields', { minimum: 1, maximum: limits.sectionFields })) {
    checkTextObject(entry.report, entry.item, limits.sectionField);
  }
  const accessory = block['accessory'];
  if (isObject(accessory)) checkPlaced(at(report, 'accessory'), accessory, elementsAllowedIn.accessory, surface);
  else if (accessory !== undefined)
    refuse(at(report, 'accessory'), 'wrong_type', 'failed to match expected type object');
}

function context(report: Report, block: JsonObject): void {
  checkKeys(report, block, [...common, 'elements']);
  const rule = { required: true, minimum: 1, maximum: limits.contextElements };
  for (const entry of checkObjects(report, block, 'elements', rule)) {
    if (entry.item['type'] === 'image') checkImageSource(entry.report, entry.item);
    else checkTextObject(entry.report, entry.item, limits.plainText);
  }
}

function elementList(maximum: number, allowed: readonly string[]): BlockCheck {
  return (report, block, surface) => {
    checkKeys(report, block, [...common, 'elements']);
    const seen = new Set<unknown>();
    for (const entry of checkObjects(report, block, 'elements', { required: true, minimum: 1, maximum })) {
      checkPlaced(entry.report, entry.item, allowed, surface);
      const id = entry.item['action_id'];
      if (id !== undefined && seen.has(id)) {
        refuse(at(entry.report, 'action_id'), 'duplicate', `action_id "${String(id)}" already exists in this block`);
      }
      seen.add(id);
    }
  };
}

function input(report: Report, block: JsonObject, surface: Surface): void {
  checkKeys(report, block, [...common, 'label', 'hint', 'optional', 'element', 'dispatch_action']);
  checkText(report, block, 'label', limits.inputLabel, ['plain_text']);
  checkText(report, block, 'hint', limits.inputHint, ['plain_text'], false);
  checkBoolean(report, block, 'optional');
  checkBoolean(report, block, 'dispatch_action');
  const element = block['element'];
  if (isObject(element)) checkPlaced(at(report, 'element'), element, elementsAllowedIn.input, surface);
  else refuse(at(report, 'element'), 'missing', 'missing required field: element');
}

function header(report: Report, block: JsonObject): void {
  checkKeys(report, block, [...common, 'text', 'level']);
  checkText(report, block, 'text', limits.header, ['plain_text']);
}

function image(report: Report, block: JsonObject): void {
  checkKeys(report, block, [...common, 'image_url', 'slack_file', 'alt_text', 'title']);
  checkImageSource(report, block);
  checkText(report, block, 'title', limits.imageTitle, ['plain_text'], false);
}

function markdown(report: Report, block: JsonObject): void {
  checkKeys(report, block, [...common, 'text']);
  checkString(report, block, 'text', { required: true, maximum: limits.markdownText });
}

function video(report: Report, block: JsonObject): void {
  checkString(report, block, 'video_url', { required: true });
  checkString(report, block, 'thumbnail_url', { required: true });
  checkString(report, block, 'alt_text', { required: true });
  checkText(report, block, 'title', limits.videoTitle, ['plain_text']);
  checkString(report, block, 'author_name', { maximum: limits.videoAuthor });
}

function alert(report: Report, block: JsonObject): void {
  checkKeys(report, block, [...common, 'text', 'level']);
  checkText(report, block, 'text', limits.alertText);
  const level = block['level'];
  if (level !== undefined && !['default', 'info', 'warning', 'error', 'success'].includes(String(level))) {
    refuse(at(report, 'level'), 'invalid_value', `unsupported level: ${String(level)}`);
  }
}

const blockChecks: Readonly<Record<string, BlockCheck>> = {
  section,
  context,
  header,
  image,
  input,
  markdown,
  video,
  alert,
  divider: (report, block) => checkKeys(report, block, common),
  actions: elementList(limits.actionsElements, elementsAllowedIn.actions),
  context_actions: elementList(limits.contextActionsElements, elementsAllowedIn.contextActions),
  rich_text: checkRichText,
  table: checkTable,
  data_table: checkDataTable,
  data_visualization: checkDataVisualization,
  card: checkCard,
  carousel: checkCarousel,
  container: (report, block, surface) =>
    checkContainer(report, block, (inner, child) => checkBlock(inner, child, surface)),
  plan: checkPlan,
  task_card: checkTaskCard,
  // Only Slack itself adds these, for remote files.
  file: (report) => refuse(report, 'not_allowed_here', 'file blocks cannot be posted by an app'),
};

const viewRefuses = ['context_actions', 'plan', 'task_card', 'markdown', 'table', 'data_table'];

/** What each surface does not take, by the `available-in-surfaces` of https://docs.slack.dev/blocks.json. */
const refusedOn: Readonly<Record<Surface, readonly string[]>> = {
  message: ['alert'],
  modal: [...viewRefuses, 'card', 'carousel', 'container', 'data_visualization'],
  home: [...viewRefuses, 'alert'],
};

/** Checks one block of any type with everything inside it. */
function checkBlock(report: Report, block: JsonObject, surface: Surface): void {
  const type = block['type'];
  if (typeof type !== 'string') {
    refuse(at(report, 'type'), 'missing', 'missing required field: type');
    return;
  }
  const check = blockChecks[type];
  if (check === undefined) {
    refuse(at(report, 'type'), 'unknown_type', `unsupported type: ${type}`);
    return;
  }
  if (refusedOn[surface].includes(type)) {
    refuse(at(report, 'type'), 'not_allowed_here', `a ${surface} does not take ${type} blocks`);
  }
  checkString(report, block, 'block_id', { maximum: limits.blockId });
  check(report, block, surface);
}

/** Checks a list of blocks: its length, each block, and that block ids are unique. */
export function checkBlocks(report: Report, owner: JsonObject, maximum: number, surface: Surface): void {
  const seen = new Set<string>();
  for (const entry of checkObjects(report, owner, 'blocks', { maximum })) {
    checkBlock(entry.report, entry.item, surface);
    const id = entry.item['block_id'];
    if (typeof id !== 'string') continue;
    if (seen.has(id)) refuse(at(entry.report, 'block_id'), 'duplicate', `block_id "${id}" already exists`);
    seen.add(id);
  }
}
