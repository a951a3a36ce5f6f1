/** Holds apart, unseen, what Slack would otherwise join to a link or an emoji. */
const joiner = '\u2060';

/** Text that Slack parses (`text` of a message) with nothing live in it: no mention, link, emoji or control character. */
export function escapeText(text: string): string {
  return (
    withoutControl(text)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll(/\b([a-z][a-z0-9+.-]*:)(?=\/\/)|\b(mailto:)/gi, `$1$2${joiner}`)
      // A time of day is no emoji.
      .replaceAll(/:(?=(?!\d{1,2}:)[\w+'-]+:)/g, `:${joiner}`)
  );
}

/** What people typed into Slack, as they meant it: entities resolved, the bot's own mention removed. */
export function readText(text: string, botUserId: string): string {
  return text
    .replaceAll(new RegExp(`<@${botUserId}(\\|[^>]*)?>`, 'g'), ' ')
    .replaceAll(/<#[A-Z0-9]+\|([^>]+)>/g, '#$1')
    .replaceAll(/<(?:https?|mailto|tel):[^|>]*\|([^>]+)>/g, '$1')
    .replaceAll(/<((?:https?|mailto):[^>]+)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/[ \t]+/g, ' ')
    .trim();
}

/** Control characters, halves of characters and direction overrides could hide, break or turn around what follows. */
export function withoutControl(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD')
    .replaceAll(/[\u202A-\u202E\u2066-\u2069\u200B]/g, '');
}

/** Words for a place that must not be empty. */
export function atLeast(text: string, instead: string): string {
  return text.trim() === '' ? instead : text;
}

/** Cut to Slack's limit without tearing a character apart. */
export function clamp(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const cut = text.slice(0, maxCharacters - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
