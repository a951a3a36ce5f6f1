/** A name as SQL takes it, whatever stands in it. */
export function quotedName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/**
 * What reports call a table: `shop.orders`. A schema whose own name holds a dot is quoted, so that the name can be taken
 * apart again: `` `my.shop`.orders ``.
 */
export function tableName(schema: string, table: string): string {
  return `${/^`|\./.test(schema) ? quotedName(schema) : schema}.${table}`;
}

/** The schema and the table of a name that `tableName` made; the schema is undefined where the name has none. */
export function splitTable(name: string): { readonly schema: string | undefined; readonly table: string } {
  const [whole, quoted] = /^`((?:[^`]|``)*)`\./.exec(name) ?? [];
  if (whole !== undefined) return { schema: quoted?.replaceAll('``', '`'), table: name.slice(whole.length) };
  const dot = name.indexOf('.');
  return dot < 0 ? { schema: undefined, table: name } : { schema: name.slice(0, dot), table: name.slice(dot + 1) };
}

/** A name that `tableName` made, as SQL takes it. */
export function quotedTable(name: string): string {
  const { schema, table } = splitTable(name);
  return schema === undefined ? quotedName(table) : `${quotedName(schema)}.${quotedName(table)}`;
}

/** A string literal, for a session without NO_BACKSLASH_ESCAPES, such as ours. */
export function quotedText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
