import { StoreError } from '../errors.ts';
import type { Kind } from './store.ts';

/** A value as it is stored. Throws StoreError where it is not of its kind: that is a mistake of ours, not of the engine. */
export function encode<T>(kind: Kind<T>, value: T): string {
  const checked = kind.schema.safeParse(value);
  if (!checked.success)
    throw new StoreError(`a ${kind.name} is not of its shape and was not stored`, { cause: checked.error });
  return JSON.stringify(checked.data);
}

/** Undefined where an older or newer program wrote another shape: an answer without it is better than none. */
export function decode<T>(kind: Kind<T>, text: string): T | undefined {
  try {
    const checked = kind.schema.safeParse(JSON.parse(text));
    return checked.success ? checked.data : undefined;
  } catch {
    return undefined;
  }
}
