/** Names of users and channels by id, for text that mentions them. */
export interface Names {
  user(id: string): string;
  channel(id: string): string;
}

function token(inner: string, names: Names): string {
  const [target = '', label] = inner.split('|');
  if (target.startsWith('@')) return `@${label ?? names.user(target.slice(1))}`;
  if (target.startsWith('#')) return `#${label ?? names.channel(target.slice(1))}`;
  if (target.startsWith('!date^')) return label ?? target;
  if (target.startsWith('!')) return `@${label ?? target.slice(1).split('^')[0]}`;
  return label === undefined || label === target ? target : `${label} (${target})`;
}

/** mrkdwn as plain text: tokens as names, entities decoded, marks kept as people type them. */
export function plainText(mrkdwn: string, names: Names): string {
  return mrkdwn
    .replace(/<([^<>\n]+)>/g, (_source, inner: string) => token(inner, names))
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
