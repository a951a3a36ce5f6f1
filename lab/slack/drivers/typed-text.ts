import type { JsonObject } from '../nouns.ts';

const tokens = /<(?:@[UW]\w+|#[CG]\w+(?:\|[^>]*)?|!(?:channel|here|everyone|subteam\^\w+)|https?:\/\/[^>]*)>/g;
const address = /https?:\/\/[^\s<>]+/g;

function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** Splits what a person typed into mention tokens and the plain text between them. */
function pieces(text: string): readonly { readonly isToken: boolean; readonly text: string }[] {
  const found: { isToken: boolean; text: string }[] = [];
  let end = 0;
  for (const match of text.matchAll(tokens)) {
    if (match.index > end) found.push({ isToken: false, text: text.slice(end, match.index) });
    found.push({ isToken: true, text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ isToken: false, text: text.slice(end) });
  return found;
}

/**
 * The `text` that Slack makes of what a person types: `&`, `<` and `>` escaped, addresses in angle brackets.
 * Tokens such as `<@U…>` stand for a mention picked from the list and stay.
 */
export function slackText(typed: string): string {
  return pieces(typed)
    .map((piece) => (piece.isToken ? piece.text : escapeText(piece.text).replace(address, '<$&>')))
    .join('');
}

function tokenElement(token: string): JsonObject {
  const inner = token.slice(1, -1);
  if (inner.startsWith('@')) return { type: 'user', user_id: inner.slice(1) };
  if (inner.startsWith('#')) return { type: 'channel', channel_id: inner.slice(1).split('|')[0] };
  if (inner.startsWith('!subteam^')) return { type: 'usergroup', usergroup_id: inner.slice('!subteam^'.length) };
  if (inner.startsWith('!')) return { type: 'broadcast', range: inner.slice(1) };
  const [url, text] = inner.split('|');
  return text === undefined ? { type: 'link', url } : { type: 'link', url, text };
}

/** The rich_text block that Slack's composer sends along. */
export function composerBlocks(typed: string): readonly JsonObject[] {
  const elements = pieces(typed).map((piece) =>
    piece.isToken ? tokenElement(piece.text) : { type: 'text', text: piece.text },
  );
  if (elements.length === 0) return [];
  return [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }];
}
