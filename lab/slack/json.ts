import type { JsonObject } from './nouns.ts';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function objectsOf(value: unknown): readonly JsonObject[] {
  return isArray(value) ? value.filter(isObject) : [];
}

export function stringsOf(value: unknown): readonly string[] {
  return isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A form sends `true` and `1`, JSON sends a boolean. */
export function booleanOf(value: unknown): boolean {
  return value === true || value === 'true' || value === '1' || value === 1;
}

export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** The text of a text object, whatever its type. */
export function textOf(value: unknown): string {
  return isObject(value) ? (stringOf(value['text']) ?? '') : '';
}
