import { foldName, type Part } from './part.ts';
import type { Refusal } from './refusal.ts';
import { findTables, type TableReference } from './table-reference.ts';

export interface SchemaRules {
  /** Schemas whose tables may be read besides the server's own; all of them when absent. */
  readonly allowedSchemas?: readonly string[];
  /** The session's default schema, where names without a schema are looked up. */
  readonly defaultSchema?: string;
}

const systemSchemas = ['information_schema', 'performance_schema', 'mysql', 'sys'];
const secretTables = /^(user|global_priv|servers|slave_master_info|password_reuse_check_history|spider_.*)$/;
/** Tables of the server that hold values of somebody's rows or variables. */
const valueTables = new Set([
  'mysql.column_stats',
  'information_schema.innodb_ft_index_table',
  'information_schema.innodb_ft_index_cache',
  'information_schema.user_variables',
  'performance_schema.user_variables_by_thread',
]);

/** Refuses tables of `mysql` that hold passwords or their hashes, and schemas that are not allowed. */
export function checkTables(parts: readonly Part[], rules: SchemaRules): Refusal {
  // Wherever such a pair of names stands: what is not a table there costs nothing to refuse.
  for (let at = 0; at + 2 < parts.length; at++) {
    const [schema, dot, table] = [parts[at], parts[at + 1], parts[at + 2]];
    if (schema !== undefined && dot?.keyword === '.' && table !== undefined) {
      const refusal = checkSecret({ schema: schema.name, name: table.name });
      if (refusal !== undefined) return refusal;
    }
  }
  const { defaultSchema } = rules;
  if (defaultSchema === undefined && rules.allowedSchemas === undefined) return undefined;
  // How a table is made is no data of it; literals in it are masked before anybody sees them.
  if (showsDefinition(parts)) return undefined;
  for (const { schema = defaultSchema, name } of findTables(parts)) {
    const refusal = schema === undefined ? undefined : (checkSecret({ schema, name }) ?? checkSchema(schema, rules));
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** SHOW never reads rows of a table, nor does DESCRIBE of a table rather than of a query. */
function showsDefinition(parts: readonly Part[]): boolean {
  const [verb] = parts;
  if (verb?.keyword === 'SHOW') return true;
  return (
    /^DESC(RIBE)?$/.test(verb?.keyword ?? '') && !parts.some(({ keyword }) => /^(SELECT|VALUES|WITH)$/.test(keyword))
  );
}

function checkSecret({ schema, name }: TableReference): Refusal {
  const table = `${foldName(schema ?? '')}.${foldName(name)}`;
  if (valueTables.has(table)) return `${table} holds values of rows or variables`;
  const secret = foldName(schema ?? '') === 'mysql' && secretTables.test(foldName(name));
  return secret ? `${table} holds passwords` : undefined;
}

function checkSchema(schema: string, { allowedSchemas }: SchemaRules): Refusal {
  if (allowedSchemas === undefined) return undefined;
  const folded = foldName(schema);
  const isAllowed = systemSchemas.includes(folded) || allowedSchemas.some((name) => foldName(name) === folded);
  return isAllowed ? undefined : `the schema ${schema.slice(0, 64)} is not among those that may be read`;
}
