import { objectsOf, stringOf } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import type { Names } from './mrkdwn.ts';

function inline(element: JsonObject, names: Names): string {
  switch (element['type']) {
    case 'text':
      return stringOf(element['text']) ?? '';
    case 'link': {
      const url = stringOf(element['url']) ?? '';
      const text = stringOf(element['text']);
      return text === undefined || text === '' || text === url ? url : `${text} (${url})`;
    }
    case 'emoji':
      return `:${stringOf(element['name']) ?? ''}:`;
    case 'user':
      return `@${names.user(stringOf(element['user_id']) ?? '')}`;
    case 'usergroup':
      return `@${stringOf(element['usergroup_id']) ?? ''}`;
    case 'channel':
      return `#${names.channel(stringOf(element['channel_id']) ?? '')}`;
    case 'broadcast':
      return `@${stringOf(element['range']) ?? ''}`;
    case 'date':
      return stringOf(element['fallback']) ?? new Date(Number(element['timestamp']) * 1_000).toISOString();
    default:
      return '';
  }
}

function inlines(owner: JsonObject, names: Names): string {
  return objectsOf(owner['elements'])
    .map((element) => inline(element, names))
    .join('');
}

/** A rich_text block as lines: lists with marks, quotes and code set apart. */
export function richTextLines(block: JsonObject, names: Names): readonly string[] {
  return objectsOf(block['elements']).flatMap((part): readonly string[] => {
    switch (part['type']) {
      case 'rich_text_list': {
        const indent = '  '.repeat(Number(part['indent'] ?? 0));
        return objectsOf(part['elements']).map(
          (item, index) => `${indent}${part['style'] === 'ordered' ? `${index + 1}.` : '•'} ${inlines(item, names)}`,
        );
      }
      case 'rich_text_quote':
        return inlines(part, names)
          .split('\n')
          .map((line) => `> ${line}`);
      case 'rich_text_preformatted':
        return inlines(part, names)
          .split('\n')
          .map((line) => `    ${line}`);
      default:
        return inlines(part, names).replace(/\n$/, '').split('\n');
    }
  });
}
