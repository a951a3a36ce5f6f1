import { clamp } from '../posting/escape.ts';

/** Of an alert no more than this is read for its target, time and symptom. */
const maxAlertCharacters = 2_000;
/** Keys under which messages, attachments and blocks hold words for people. */
const wordKeys = [
  'text',
  'title',
  'pretext',
  'fallback',
  'value',
  'fields',
  'elements',
  'blocks',
  'attachments',
] as const;

/** The words of a message of another app, from its text, attachments and blocks, each once. */
export function alertText(message: unknown): string {
  const found = new Set<string>();
  collect(message, found, 0);
  return clamp([...found].join('\n'), maxAlertCharacters);
}

function collect(value: unknown, found: Set<string>, depth: number): void {
  if (depth > 8) return;
  if (typeof value === 'string') {
    if (value.trim() !== '') found.add(value.trim());
  } else if (Array.isArray(value)) {
    for (const item of value) collect(item, found, depth + 1);
  } else if (value !== null && typeof value === 'object') {
    for (const key of wordKeys) if (key in value) collect(value[key as keyof typeof value], found, depth + 1);
  }
}
