import { isArray, isObject, stringOf } from '../json.ts';
import type { JsonObject } from '../nouns.ts';

type MentionKind = 'broadcast' | 'user' | 'usergroup' | 'channel' | 'link' | 'special';

/** Text that Slack turns into something that notifies or can be clicked. */
export interface LiveMention {
  readonly kind: MentionKind;
  /** JSON pointer to the text or element that holds it. */
  readonly path: string;
  /** As written: `<!channel>`, `<https://example.com|here>`. */
  readonly source: string;
}

type Found = LiveMention[];

function kindOfToken(inner: string): MentionKind {
  if (/^!(channel|here|everyone|group)\b/.test(inner)) return 'broadcast';
  if (inner.startsWith('!subteam^')) return 'usergroup';
  if (inner.startsWith('!')) return 'special';
  if (inner.startsWith('@')) return inner.startsWith('@S') ? 'usergroup' : 'user';
  if (inner.startsWith('#')) return 'channel';
  return 'link';
}

const bareAddress = /\b(?:https?:\/\/|mailto:|slack:\/\/)[^\s<>|)\]]+/g;

function scanTokens(text: string, path: string, found: Found): string {
  return text.replace(/<([^<>\n]+)>/g, (source, inner: string) => {
    found.push({ kind: kindOfToken(inner), path, source });
    return ' ';
  });
}

function scanAddresses(text: string, path: string, found: Found): void {
  for (const match of text.matchAll(bareAddress)) found.push({ kind: 'link', path, source: match[0] });
}

/** mrkdwn: tokens in angle brackets always, bare addresses unless the text is verbatim. */
function scanMrkdwn(text: string, path: string, found: Found, verbatim = false): void {
  const rest = scanTokens(text, path, found);
  if (!verbatim) scanAddresses(rest, path, found);
}

/** Markdown: as mrkdwn, and `[text](address)`, images and at-words; code is taken out for these. */
function scanMarkdown(text: string, path: string, found: Found): void {
  const rest = scanTokens(text, path, found)
    .replace(/(`{3,})[\s\S]*?\1/g, ' ')
    .replace(/`[^`\n]*`/g, ' ')
    .replace(/!?\[[^\]]*\]\([^)\s]+[^)]*\)/g, (source) => {
      found.push({ kind: 'link', path, source });
      return ' ';
    });
  scanAddresses(rest, path, found);
  for (const match of rest.matchAll(/(?<![\w.])@(?:here|channel|everyone)\b/g)) {
    found.push({ kind: 'broadcast', path, source: match[0] });
  }
}

const richTextKinds: Readonly<Record<string, MentionKind>> = {
  user: 'user',
  usergroup: 'usergroup',
  broadcast: 'broadcast',
  channel: 'channel',
  team: 'special',
  link: 'link',
};

function scanRichElement(element: JsonObject, path: string, found: Found): void {
  const kind = richTextKinds[String(element['type'])];
  if (kind !== undefined) found.push({ kind, path, source: JSON.stringify(element) });
  scanValue(element['elements'], `${path}/elements`, found);
}

function scanObject(value: JsonObject, path: string, found: Found): void {
  const text = stringOf(value['text']);
  switch (value['type']) {
    case 'mrkdwn':
      scanMrkdwn(text ?? '', `${path}/text`, found, value['verbatim'] === true);
      return;
    case 'markdown':
    case 'markdown_text':
      scanMarkdown(text ?? '', `${path}/text`, found);
      return;
    case 'plain_text':
    case 'raw_text':
    case 'raw_number':
      return;
    default:
      if (typeof value['type'] === 'string' && value['type'] in richTextKinds) scanRichElement(value, path, found);
      else for (const [key, field] of Object.entries(value)) scanValue(field, `${path}/${key}`, found);
  }
}

function scanValue(value: unknown, path: string, found: Found): void {
  if (isArray(value)) {
    for (const [index, item] of value.entries()) scanValue(item, `${path}/${index}`, found);
  } else if (isObject(value)) scanObject(value, path, found);
}

function scanAttachments(payload: JsonObject, found: Found): void {
  if (!isArray(payload['attachments'])) return;
  for (const [index, attachment] of payload['attachments'].entries()) {
    if (!isObject(attachment)) continue;
    for (const key of ['text', 'pretext', 'fallback']) {
      scanMrkdwn(stringOf(attachment[key]) ?? '', `/attachments/${index}/${key}`, found);
    }
    if (isArray(attachment['fields'])) {
      for (const [at, field] of attachment['fields'].entries()) {
        if (isObject(field)) scanMrkdwn(stringOf(field['value']) ?? '', `/attachments/${index}/fields/${at}`, found);
      }
    }
    scanValue(attachment['blocks'], `/attachments/${index}/blocks`, found);
  }
}

/**
 * Lists everything in a message or view payload that pings or links when Slack shows it: `<!channel>`, `<@U…>`,
 * `<#C…>`, `<address|label>` and bare addresses in mrkdwn and markdown, mention and link elements of rich text.
 * Errs on the strict side: tokens inside code count too. Escaped text (`&lt;!channel&gt;`) is not live.
 */
export function liveMentions(payload: JsonObject): readonly LiveMention[] {
  const found: Found = [];
  if (payload['mrkdwn'] !== false) scanMrkdwn(stringOf(payload['text']) ?? '', '/text', found);
  scanMarkdown(stringOf(payload['markdown_text']) ?? '', '/markdown_text', found);
  for (const key of ['blocks', 'chunks']) scanValue(payload[key], `/${key}`, found);
  scanAttachments(payload, found);
  return found;
}
