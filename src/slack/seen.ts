import { z } from 'zod';
import type { Kind, Store } from '../store/store.ts';
import { rememberEventsMs } from './posting/limits.ts';

/** A click or a choice that was acted on. */
export const clickKind: Kind<true> = {
  name: 'click',
  schema: z.literal(true),
  keepDays: rememberEventsMs / 86_400_000,
};

/** True for the first delivery of a click, whichever process gets the second. Where the store fails it counts as the first. */
export async function isFirst(store: Store, key: string): Promise<boolean> {
  return store.insert(clickKind, key, true).catch(() => true);
}
