import { isObject, objectsOf, stringOf, textOf } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import { chartLines, tableLines } from './data.ts';
import { type Names, plainText } from './mrkdwn.ts';
import { richTextLines } from './rich-text.ts';

const taskMarks: Readonly<Record<string, string>> = { pending: '○', in_progress: '◐', complete: '✓', error: '✗' };
const alertMarks: Readonly<Record<string, string>> = { info: 'ℹ', warning: '⚠', error: '✗', success: '✓' };

function text(value: unknown, names: Names): string {
  const words = textOf(value);
  return isObject(value) && value['type'] === 'plain_text' ? words : plainText(words, names);
}

/** A button as `[Label]`, a menu as `[Placeholder ▾]`, a field as `[______]`. */
function element(value: JsonObject, names: Names): string {
  switch (value['type']) {
    case 'button':
    case 'icon_button':
    case 'workflow_button':
      return `[${text(value['text'], names)}]`;
    case 'feedback_buttons':
      return ['positive_button', 'negative_button']
        .map((side) => (isObject(value[side]) ? `[${text(value[side]['text'], names)}]` : ''))
        .join(' ');
    case 'overflow':
      return `[⋯ ${objectsOf(value['options'])
        .map((option) => text(option['text'], names))
        .join(' | ')}]`;
    case 'checkboxes':
    case 'radio_buttons':
      return objectsOf(value['options'])
        .map((option) => `(${' '}) ${text(option['text'], names)}`)
        .join('  ');
    case 'image':
      return `[image: ${stringOf(value['alt_text']) ?? ''}]`;
    default:
      if (String(value['type']).includes('input')) return `[${stringOf(value['initial_value']) ?? '______'}]`;
      return `[${text(value['placeholder'], names) || String(value['type'])} ▾]`;
  }
}

function elements(block: JsonObject, key: string, names: Names): string {
  return objectsOf(block[key])
    .map((value) => element(value, names))
    .join(' ');
}

function section(block: JsonObject, names: Names): readonly string[] {
  const fields = objectsOf(block['fields']).map((field) => text(field, names).replace(/\n/g, ' '));
  const accessory = isObject(block['accessory']) ? [element(block['accessory'], names)] : [];
  return [...(block['text'] === undefined ? [] : text(block['text'], names).split('\n')), ...fields, ...accessory];
}

function task(value: JsonObject, names: Names): readonly string[] {
  const mark = taskMarks[String(value['status'])] ?? '○';
  const rich = (name: string): string =>
    isObject(value[name]) ? ` — ${richTextLines(value[name], names).join(' ')}` : '';
  return [`${mark} ${stringOf(value['title']) ?? ''}${rich('details')}${rich('output')}`];
}

function card(block: JsonObject, names: Names): readonly string[] {
  const parts = ['title', 'subtitle', 'body'].map((name) => text(block[name], names)).filter((part) => part !== '');
  const buttons = elements(block, 'actions', names);
  return [...parts.map((part) => `│ ${part}`), ...(buttons === '' ? [] : [`│ ${buttons}`])];
}

const indent = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

/** A block as lines of a terminal. A type that is not known shows as its name, never as nothing. */
export function blockLines(block: JsonObject, names: Names): readonly string[] {
  switch (block['type']) {
    case 'section':
      return section(block, names);
    case 'header': {
      const words = text(block['text'], names);
      return [words, '═'.repeat(Math.min(words.length, 60))];
    }
    case 'context':
      return [
        objectsOf(block['elements'])
          .map((value) => (value['type'] === 'image' ? element(value, names) : text(value, names)))
          .join(' · '),
      ];
    case 'divider':
      return ['────────'];
    case 'actions':
    case 'context_actions':
      return [elements(block, 'elements', names)];
    case 'input':
      return [`${textOf(block['label'])}: ${isObject(block['element']) ? element(block['element'], names) : ''}`];
    case 'markdown':
      return (stringOf(block['text']) ?? '').split('\n');
    case 'rich_text':
      return richTextLines(block, names);
    case 'image':
      return [`[image: ${stringOf(block['alt_text']) ?? ''}]`];
    case 'video':
      return [`[video: ${textOf(block['title'])}]`];
    case 'table':
    case 'data_table':
      return tableLines(block, names);
    case 'data_visualization':
      return chartLines(block);
    case 'plan':
      return [
        stringOf(block['title']) ?? '',
        ...indent(objectsOf(block['tasks']).flatMap((entry) => task(entry, names))),
      ];
    case 'task_card':
      return task(block, names);
    case 'alert':
      return [`${alertMarks[String(block['level'])] ?? '●'} ${text(block['text'], names)}`];
    case 'card':
      return card(block, names);
    case 'carousel':
      return objectsOf(block['elements']).flatMap((entry) => card(entry, names));
    case 'container': {
      const title = isObject(block['rich_text_title'])
        ? richTextLines(block['rich_text_title'], names).join(' ')
        : textOf(block['title']);
      const subtitle = text(block['subtitle'], names);
      return [
        `▾ ${title}${subtitle === '' ? '' : ` — ${subtitle}`}`,
        ...indent(objectsOf(block['child_blocks']).flatMap((child) => blockLines(child, names))),
      ];
    }
    default:
      return [`[${String(block['type'])}]`];
  }
}
