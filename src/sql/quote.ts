/** A name as SQL takes it, whatever stands in it. */
export function quotedName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** `shop.orders` as SQL takes it; the schema ends at the first dot. */
export function quotedTable(table: string): string {
  const dot = table.indexOf('.');
  return dot < 0 ? quotedName(table) : `${quotedName(table.slice(0, dot))}.${quotedName(table.slice(dot + 1))}`;
}

/** A string literal, for a session without NO_BACKSLASH_ESCAPES, such as ours. */
export function quotedText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
