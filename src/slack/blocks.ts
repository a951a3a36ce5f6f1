import type { ActionsBlock, Button, ContextBlock, KnownBlock, RichTextBlock, RichTextText } from '@slack/types';
import { atLeast, clamp, withoutControl } from './escape.ts';
import { limits } from './limits.ts';

/**
 * All words go into rich text and plain text elements, in which Slack parses nothing: what a database, a log or a model
 * wrote can neither ping, link nor break a block there.
 */

export function words(text: string, style?: RichTextText['style']): RichTextText {
  const clean = clamp(withoutControl(text), limits.element);
  return { type: 'text', text: atLeast(clean, '–'), ...(style ? { style } : {}) };
}

export function paragraph(...elements: readonly RichTextText[]): RichTextBlock {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [...elements] }] };
}

export function heading(text: string): RichTextBlock {
  return paragraph(words(text, { bold: true }));
}

/** Copyable, monospace: statements and pictures. */
export function preformatted(text: string): RichTextBlock {
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [words(text)] }] };
}

export function footnote(text: string): ContextBlock {
  return {
    type: 'context',
    elements: [
      { type: 'plain_text', text: clamp(atLeast(withoutControl(text), '–'), limits.contextText), emoji: false },
    ],
  };
}

export function button(actionId: string, label: string, value: string, style?: Button['style']): Button {
  return {
    type: 'button',
    action_id: actionId,
    text: { type: 'plain_text', text: clamp(label, limits.buttonText), emoji: false },
    value: clamp(value, limits.buttonValue),
    ...(style ? { style } : {}),
  };
}

export function buttons(...elements: readonly Button[]): ActionsBlock {
  return { type: 'actions', elements: [...elements] };
}

/** Characters that a block counts for, as Slack adds them up: all its text. */
export function charactersOf(block: unknown): number {
  if (typeof block === 'string') return 0;
  if (Array.isArray(block)) return block.reduce((sum: number, item) => sum + charactersOf(item), 0);
  if (block === null || typeof block !== 'object') return 0;
  return Object.entries(block).reduce(
    (sum, [key, value]) => sum + (key === 'text' && typeof value === 'string' ? value.length : charactersOf(value)),
    0,
  );
}

/** As many messages as the blocks need, each within the limits; order is kept. */
export function splitMessages(blocks: readonly KnownBlock[]): KnownBlock[][] {
  const messages: KnownBlock[][] = [];
  let current: KnownBlock[] = [];
  let size = 0;
  for (const block of blocks) {
    const weight = charactersOf(block);
    if (current.length > 0 && (current.length >= limits.blocks || size + weight > limits.messageCharacters)) {
      messages.push(current);
      [current, size] = [[], 0];
    }
    current.push(block);
    size += weight;
  }
  if (current.length > 0) messages.push(current);
  return messages;
}
