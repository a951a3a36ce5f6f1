import { isArray, isObject } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import { at, type Report, refuse } from './violation.ts';

interface StringRule {
  readonly maximum?: number;
  readonly required?: boolean;
  readonly emptyAllowed?: boolean;
}

/** Checks a string field; returns it when it is a string. */
export function checkString(
  report: Report,
  owner: JsonObject,
  name: string,
  rule: StringRule = {},
): string | undefined {
  const value = owner[name];
  const here = at(report, name);
  if (value === undefined || value === null) {
    if (rule.required === true) refuse(here, 'missing', `missing required field: ${name}`);
    return undefined;
  }
  if (typeof value !== 'string') {
    refuse(here, 'wrong_type', `failed to match expected type string for ${name}`);
    return undefined;
  }
  if (value === '' && rule.emptyAllowed !== true) refuse(here, 'empty', `must be more than 0 characters`);
  if (rule.maximum !== undefined && value.length > rule.maximum) {
    refuse(here, 'too_long', `must be less than ${rule.maximum + 1} characters, is ${value.length}`);
  }
  return value;
}

interface ListRule {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: boolean;
}

/** Checks a list's length and returns its items with their reports; anything else than a list is refused. */
export function checkList(
  report: Report,
  owner: JsonObject,
  name: string,
  rule: ListRule = {},
): readonly { readonly item: unknown; readonly report: Report }[] {
  const value = owner[name];
  const here = at(report, name);
  if (value === undefined || value === null) {
    if (rule.required === true) refuse(here, 'missing', `missing required field: ${name}`);
    return [];
  }
  if (!isArray(value)) {
    refuse(here, 'wrong_type', `failed to match expected type array for ${name}`);
    return [];
  }
  if (rule.minimum !== undefined && value.length < rule.minimum) {
    refuse(here, 'too_few', `no less than ${rule.minimum} items allowed`);
  }
  if (rule.maximum !== undefined && value.length > rule.maximum) {
    refuse(here, 'too_many', `no more than ${rule.maximum} items allowed, are ${value.length}`);
  }
  return value.map((item, index) => ({ item, report: at(here, index) }));
}

/** As `checkList`, and every item must be an object. */
export function checkObjects(
  report: Report,
  owner: JsonObject,
  name: string,
  rule: ListRule = {},
): readonly { readonly item: JsonObject; readonly report: Report }[] {
  return checkList(report, owner, name, rule).flatMap((entry) => {
    if (isObject(entry.item)) return [{ item: entry.item, report: entry.report }];
    refuse(entry.report, 'wrong_type', 'failed to match expected type object');
    return [];
  });
}

export function checkOneOf(
  report: Report,
  owner: JsonObject,
  name: string,
  allowed: readonly unknown[],
  required = false,
): void {
  const value = owner[name];
  if (value === undefined) {
    if (required) refuse(at(report, name), 'missing', `missing required field: ${name}`);
    return;
  }
  if (!allowed.includes(value)) {
    refuse(at(report, name), 'invalid_value', `must be one of ${allowed.join(', ')}, is ${JSON.stringify(value)}`);
  }
}

export function checkBoolean(report: Report, owner: JsonObject, name: string): void {
  const value = owner[name];
  if (value !== undefined && typeof value !== 'boolean') {
    refuse(at(report, name), 'wrong_type', `failed to match expected type boolean for ${name}`);
  }
}

export function checkNumber(
  report: Report,
  owner: JsonObject,
  name: string,
  rule: {
    readonly minimum?: number;
    readonly maximum?: number;
    readonly integer?: boolean;
    readonly required?: boolean;
  },
): void {
  const value = owner[name];
  const here = at(report, name);
  if (value === undefined) {
    if (rule.required === true) refuse(here, 'missing', `missing required field: ${name}`);
    return;
  }
  if (typeof value !== 'number' || !Number.isFinite(value) || (rule.integer === true && !Number.isInteger(value))) {
    refuse(here, 'wrong_type', `failed to match expected type ${rule.integer === true ? 'integer' : 'number'}`);
    return;
  }
  if (value < (rule.minimum ?? -Infinity) || value > (rule.maximum ?? Infinity)) {
    refuse(here, 'out_of_range', `must be between ${rule.minimum ?? '-∞'} and ${rule.maximum ?? '∞'}, is ${value}`);
  }
}

/** Refuses fields that Slack's schema does not know: a misspelt key is `invalid_blocks` there too. */
export function checkKeys(report: Report, owner: JsonObject, allowed: readonly string[]): void {
  for (const key of Object.keys(owner)) {
    if (!allowed.includes(key)) refuse(at(report, key), 'not_allowed_here', `invalid additional property: ${key}`);
  }
}
