/** Text that Slack parses (`text` of a message) with nothing live in it: no mention, no link, no control character. */
export function escapeText(text: string): string {
  return withoutControl(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
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

/** Control characters and direction overrides could hide or turn around what follows. */
export function withoutControl(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD').replaceAll(/[\u202A-\u202E\u2066-\u2069\u200B]/g, '');
}

/** Cut to Slack's limit without tearing a character apart. */
export function clamp(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const cut = text.slice(0, maxCharacters - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
