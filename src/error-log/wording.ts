const patternLength = 160;

/** The message with everything replaced that changes from one occurrence to the next. */
export function patternOf(message: string): string {
  if (/^Access denied for user /.test(message)) {
    return `Access denied for user ?${/ \(using password: (?:YES|NO)\)$/.exec(message)?.[0] ?? ''}`;
  }
  if (/^Aborted connection \d+ to db: /.test(message)) {
    return `Aborted connection N to db: ? user: ? host: ?${unquoted(/ \([^()]*\)$/.exec(message)?.[0] ?? '')}`;
  }
  const text = unquoted(message)
    .replace(/\b0x[0-9a-f]+\b/gi, 'N')
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, 'N')
    .replace(/\b\d+(?:[.:,-]\d+)*(?:[kmg]i?b?)?\b/gi, 'N')
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > patternLength ? `${text.slice(0, patternLength - 1)}…` : text;
}

/** Quoted parts become `'?'`. An apostrophe inside a word (can't) opens no quotation. */
export function unquoted(text: string): string {
  return text
    .replace(/(?<![A-Za-z0-9])'[^']*'(?![A-Za-z0-9])/g, "'?'")
    .replace(/"[^"]*"/g, '"?"')
    .replace(/`[^`]*`/g, '`?`');
}
