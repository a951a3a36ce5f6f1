import { isObject } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import { checkBoolean, checkKeys, checkObjects, checkOneOf, checkString } from './field.ts';
import { limits } from './limits.ts';
import { at, type Report, refuse } from './violation.ts';

export type TextKind = 'plain_text' | 'mrkdwn';

const eitherText: readonly TextKind[] = ['plain_text', 'mrkdwn'];

/** Checks a text object field. `kinds` are the types that this place takes. */
export function checkText(
  report: Report,
  owner: JsonObject,
  name: string,
  maximum: number,
  kinds: readonly TextKind[] = eitherText,
  required = true,
): void {
  const value = owner[name];
  if (value === undefined || value === null) {
    if (required) refuse(at(report, name), 'missing', `missing required field: ${name}`);
    return;
  }
  checkTextObject(at(report, name), value, maximum, kinds);
}

export function checkTextObject(
  report: Report,
  value: unknown,
  maximum: number,
  kinds: readonly TextKind[] = eitherText,
): void {
  if (!isObject(value)) {
    refuse(report, 'wrong_type', 'failed to match expected type text object');
    return;
  }
  checkOneOf(report, value, 'type', kinds, true);
  checkString(report, value, 'text', { maximum, required: true });
  if (value['type'] === 'plain_text') {
    checkKeys(report, value, ['type', 'text', 'emoji']);
    checkBoolean(report, value, 'emoji');
  } else {
    checkKeys(report, value, ['type', 'text', 'verbatim']);
    checkBoolean(report, value, 'verbatim');
  }
}

export function checkConfirm(report: Report, owner: JsonObject): void {
  const confirm = owner['confirm'];
  if (confirm === undefined) return;
  const here = at(report, 'confirm');
  if (!isObject(confirm)) {
    refuse(here, 'wrong_type', 'failed to match expected type confirmation dialog');
    return;
  }
  checkKeys(here, confirm, ['title', 'text', 'confirm', 'deny', 'style']);
  checkText(here, confirm, 'title', limits.confirmTitle, ['plain_text']);
  checkText(here, confirm, 'text', limits.confirmText);
  checkText(here, confirm, 'confirm', limits.confirmButton, ['plain_text']);
  checkText(here, confirm, 'deny', limits.confirmButton, ['plain_text']);
  checkOneOf(here, confirm, 'style', ['primary', 'danger']);
}

function checkOption(report: Report, option: unknown, kinds: readonly TextKind[]): void {
  if (!isObject(option)) {
    refuse(report, 'wrong_type', 'failed to match expected type option');
    return;
  }
  checkKeys(report, option, ['text', 'value', 'description', 'url']);
  checkText(report, option, 'text', limits.optionText, kinds);
  checkString(report, option, 'value', { maximum: limits.optionValue, required: true });
  checkText(report, option, 'description', limits.optionDescription, eitherText, false);
  checkString(report, option, 'url', { maximum: limits.url });
}

/** Options or option groups of a static select, of which exactly one is wanted. */
export function checkOptions(report: Report, element: JsonObject, maximum: number, kinds: readonly TextKind[]): void {
  const values = new Set<unknown>();
  const options = checkObjects(report, element, 'options', { minimum: 1, maximum });
  const grouped = checkObjects(report, element, 'option_groups', { minimum: 1, maximum: limits.optionGroups }).flatMap(
    (group) => {
      checkText(group.report, group.item, 'label', limits.optionGroupLabel, ['plain_text']);
      return checkObjects(group.report, group.item, 'options', { minimum: 1, maximum, required: true });
    },
  );
  if ((element['options'] === undefined) === (element['option_groups'] === undefined)) {
    refuse(report, 'conflict', 'exactly one of options and option_groups is required');
  }
  for (const option of [...options, ...grouped]) {
    checkOption(option.report, option.item, kinds);
    if (values.has(option.item['value'])) refuse(option.report, 'duplicate', 'option values must be unique');
    values.add(option.item['value']);
  }
}

/** An image that is named by public address or by uploaded file, never by both. */
export function checkImageSource(report: Report, image: JsonObject): void {
  checkString(report, image, 'alt_text', { maximum: limits.imageAltText, required: true });
  const url = checkString(report, image, 'image_url', { maximum: limits.imageUrl });
  if (url !== undefined && !/^https?:\/\//.test(url)) {
    refuse(at(report, 'image_url'), 'invalid_value', 'must be a public http address');
  }
  const file = image['slack_file'];
  if ((image['image_url'] === undefined) === (file === undefined)) {
    refuse(report, 'conflict', 'exactly one of image_url and slack_file is required');
  }
  if (file === undefined) return;
  if (!isObject(file) || (file['id'] === undefined) === (file['url'] === undefined)) {
    refuse(at(report, 'slack_file'), 'invalid_value', 'exactly one of id and url is required');
  }
}
