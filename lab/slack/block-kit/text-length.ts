import { isArray, isObject } from '../json.ts';

const wordsKeys = new Set(['text', 'title', 'caption', 'alt_text', 'subtitle', 'body', 'details', 'output', 'label']);

/**
 * Characters that people read in a value, over all nested blocks. Ids, types, values of buttons and addresses do
 * not count. How Slack counts for `msg_blocks_too_long` is not documented; this is the plain reading of it.
 */
export function lengthOfText(value: unknown): number {
  if (isArray(value)) return value.reduce<number>((sum, item) => sum + lengthOfText(item), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce((sum, [key, field]) => {
    if (typeof field === 'string') return wordsKeys.has(key) ? sum + field.length : sum;
    return sum + lengthOfText(field);
  }, 0);
}
