import { isObject } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import { checkKeys, checkNumber, checkObjects, checkOneOf, checkString } from './field.ts';
import { limits } from './limits.ts';
import { at, type Report, refuse } from './violation.ts';

const styles = ['bold', 'italic', 'strike', 'code', 'underline', 'highlight', 'client_highlight', 'unlink'];

function checkStyle(report: Report, element: JsonObject): void {
  const style = element['style'];
  if (style === undefined) return;
  const here = at(report, 'style');
  if (!isObject(style)) {
    refuse(here, 'wrong_type', 'failed to match expected type object');
    return;
  }
  checkKeys(here, style, styles);
}

const inlineChecks: Readonly<Record<string, (report: Report, element: JsonObject) => void>> = {
  text: (report, element) => checkString(report, element, 'text', { required: true }),
  link: (report, element) => {
    checkString(report, element, 'url', { required: true, maximum: limits.url });
    checkString(report, element, 'text', { emptyAllowed: true });
  },
  emoji: (report, element) => checkString(report, element, 'name', { required: true }),
  user: (report, element) => checkString(report, element, 'user_id', { required: true }),
  usergroup: (report, element) => checkString(report, element, 'usergroup_id', { required: true }),
  channel: (report, element) => checkString(report, element, 'channel_id', { required: true }),
  team: (report, element) => checkString(report, element, 'team_id', { required: true }),
  broadcast: (report, element) => checkOneOf(report, element, 'range', ['here', 'channel', 'everyone'], true),
  color: (report, element) => checkString(report, element, 'value', { required: true }),
  date: (report, element) => {
    checkNumber(report, element, 'timestamp', { required: true });
    checkString(report, element, 'format', { required: true });
  },
};

function checkInline(report: Report, element: JsonObject, allowed: readonly string[]): void {
  const type = element['type'];
  if (typeof type !== 'string' || !allowed.includes(type)) {
    refuse(at(report, 'type'), 'unknown_type', `unsupported type: ${String(type)}`);
    return;
  }
  checkStyle(report, element);
  inlineChecks[type]?.(report, element);
}

function checkInlines(report: Report, owner: JsonObject, allowed = Object.keys(inlineChecks)): void {
  for (const entry of checkObjects(report, owner, 'elements', { required: true })) {
    checkInline(entry.report, entry.item, allowed);
  }
}

function checkPart(report: Report, part: JsonObject): void {
  switch (part['type']) {
    case 'rich_text_section':
    case 'rich_text_quote':
      checkInlines(report, part);
      return;
    case 'rich_text_preformatted':
      checkInlines(report, part, ['text', 'link']);
      checkOneOf(report, part, 'border', [0, 1]);
      return;
    case 'rich_text_list':
      checkOneOf(report, part, 'style', ['bullet', 'ordered'], true);
      checkNumber(report, part, 'indent', { minimum: 0, maximum: limits.listIndent, integer: true });
      for (const entry of checkObjects(report, part, 'elements', { required: true })) {
        if (entry.item['type'] === 'rich_text_section') checkInlines(entry.report, entry.item);
        else refuse(at(entry.report, 'type'), 'not_allowed_here', 'a list takes rich_text_section only');
      }
      return;
    default:
      refuse(at(report, 'type'), 'unknown_type', `unsupported type: ${String(part['type'])}`);
  }
}

/** Checks a `rich_text` block, also where it is a table cell or a task's details. */
export function checkRichText(report: Report, block: JsonObject): void {
  checkKeys(report, block, ['type', 'block_id', 'elements']);
  for (const entry of checkObjects(report, block, 'elements', { required: true })) checkPart(entry.report, entry.item);
}

/** A field that takes one rich_text value: details and output of a task, a container's title. */
export function checkRichTextField(report: Report, owner: JsonObject, name: string): void {
  const value = owner[name];
  if (value === undefined) return;
  if (isObject(value) && value['type'] === 'rich_text') checkRichText(at(report, name), value);
  else refuse(at(report, name), 'wrong_type', 'must be a rich_text object');
}
