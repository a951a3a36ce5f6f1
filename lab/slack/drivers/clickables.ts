import { isObject, objectsOf, stringOf, textOf } from '../json.ts';
import type { JsonObject } from '../nouns.ts';

/** An element that a person can use, with the name they know it by. */
export interface Clickable {
  readonly element: JsonObject;
  readonly blockId: string;
  readonly actionId: string;
  /** The words on it; for a menu its placeholder, for an input block its label. */
  readonly label: string;
  /** What using it adds to the action: the value of a button, the option of an overflow menu. */
  readonly outcome: JsonObject;
}

function clickable(element: JsonObject, blockId: string, label: string, outcome: JsonObject): Clickable {
  const actionId = stringOf(element['action_id']) ?? `generated-${blockId}-${label}`;
  return { element, blockId, actionId, label, outcome };
}

/** One entry a thing to click: feedback buttons give two, an overflow menu one per option. */
function entriesOf(element: JsonObject, blockId: string, label: string): readonly Clickable[] {
  switch (element['type']) {
    case 'button':
    case 'icon_button': {
      const { text, value, icon, style } = element;
      const outcome = Object.fromEntries(
        Object.entries({ text, value, icon, style }).filter(([, field]) => field !== undefined),
      );
      return [clickable(element, blockId, textOf(text), outcome)];
    }
    case 'feedback_buttons':
      return ['positive_button', 'negative_button'].flatMap((side) => {
        const button = element[side];
        if (!isObject(button)) return [];
        return [clickable(element, blockId, textOf(button['text']), { text: button['text'], value: button['value'] })];
      });
    case 'overflow':
      return objectsOf(element['options']).map((option) =>
        clickable(element, blockId, textOf(option['text']), { selected_option: option }),
      );
    case 'image':
    case 'mrkdwn':
    case 'plain_text':
      return [];
    default:
      return [clickable(element, blockId, label || textOf(element['placeholder']), {})];
  }
}

/** Everything that can be clicked or filled in a list of blocks, in reading order. */
export function clickablesOf(blocks: readonly JsonObject[]): readonly Clickable[] {
  return blocks.flatMap((block): readonly Clickable[] => {
    const blockId = stringOf(block['block_id']) ?? '';
    const label = textOf(block['label']);
    const nested = [
      ...objectsOf(block['child_blocks']),
      ...(block['type'] === 'carousel' ? objectsOf(block['elements']) : []),
    ];
    const direct = [block['accessory'], block['element']].filter(isObject);
    const listed =
      block['type'] === 'actions' || block['type'] === 'context_actions'
        ? objectsOf(block['elements'])
        : objectsOf(block['actions']);
    return [
      ...[...direct, ...listed].flatMap((element) => entriesOf(element, blockId, label)),
      ...clickablesOf(nested),
    ];
  });
}

/** An element by its ids and words, where one name alone could mean several. */
export interface ExactElement {
  readonly blockId: string;
  readonly actionId: string;
  readonly label: string;
}

/** Finds by action_id, by the words on it, or by block_id; or exactly. Throws naming what there is. */
export function findClickable(blocks: readonly JsonObject[], wanted: string | ExactElement): Clickable {
  const all = clickablesOf(blocks);
  const found =
    typeof wanted === 'string'
      ? (all.find((entry) => entry.actionId === wanted) ??
        all.find((entry) => entry.label === wanted) ??
        all.find((entry) => entry.blockId === wanted))
      : exactly(all, wanted);
  if (found !== undefined) return found;
  const there = all.map((entry) => `"${entry.label}" (${entry.actionId})`).join(', ') || 'nothing';
  throw new Error(`nothing to click is named "${nameOf(wanted)}"; there is ${there}`);
}

function exactly(all: readonly Clickable[], wanted: ExactElement): Clickable | undefined {
  const inBlock = all.filter((entry) => entry.blockId === wanted.blockId);
  const same = inBlock.filter((entry) => wanted.actionId === '' || entry.actionId === wanted.actionId);
  return same.find((entry) => entry.label === wanted.label) ?? same[0];
}

function nameOf(wanted: string | ExactElement): string {
  return typeof wanted === 'string' ? wanted : wanted.label;
}
