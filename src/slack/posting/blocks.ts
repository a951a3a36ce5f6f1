import type { ActionsBlock, Button, ContextBlock, KnownBlock, RichTextBlock, RichTextText } from '@slack/types';
import type { FindingChart } from '../../report/finding.ts';
import { atLeast, clamp, withoutControl } from './escape.ts';
import { limits } from './limits.ts';
import type { SlackMessage } from './posting.ts';

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

/** One block of a message; `plain` stands in for it where Slack refuses the newest types. */
export interface Piece {
  readonly block: KnownBlock;
  readonly plain?: readonly KnownBlock[];
  readonly chart?: FindingChart;
}

/** As many messages as the pieces need, each within the limits of Slack; order is kept. */
export function splitMessages(pieces: readonly Piece[], text: (index: number) => string): SlackMessage[] {
  const messages: Piece[][] = [];
  let current: Piece[] = [];
  let size = 0;
  for (const piece of pieces) {
    const weight = Math.max(charactersOf(piece.block), charactersOf(piece.plain ?? []));
    const isFull = current.length >= limits.blocks || size + weight > limits.messageCharacters;
    const hasTable = isTable(piece) && current.some(isTable);
    const hasCharts = piece.chart !== undefined && current.filter(({ chart }) => chart).length >= limits.charts;
    if (current.length > 0 && (isFull || hasTable || hasCharts)) {
      messages.push(current);
      [current, size] = [[], 0];
    }
    current.push(piece);
    size += weight;
  }
  if (current.length > 0) messages.push(current);
  return messages.map((part, index) => toMessage(part, text(index)));
}

/** Slack takes one table a message. */
function isTable({ block }: Piece): boolean {
  return block.type === 'data_table';
}

function toMessage(pieces: readonly Piece[], text: string): SlackMessage {
  const charts = pieces.flatMap(({ chart }) => (chart ? [chart] : []));
  const isPlain = pieces.every(({ plain }) => plain === undefined);
  return {
    text,
    blocks: pieces.map(({ block }) => block),
    ...(isPlain ? {} : { plain: pieces.flatMap(({ block, plain }) => plain ?? [block]) }),
    ...(charts.length > 0 ? { charts } : {}),
  };
}
