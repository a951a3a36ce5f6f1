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
const secretTables = /^(user|global_priv|servers|password_reuse_check_history|spider_.*)$/;

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
  for (const { schema = defaultSchema, name } of findTables(parts)) {
    const refusal = schema === undefined ? undefined : (checkSecret({ schema, name }) ?? checkSchema(schema, rules));
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function checkSecret({ schema, name }: TableReference): Refusal {
  const secret = foldName(schema ?? '') === 'mysql' && secretTables.test(foldName(name));
  return secret ? `mysql.${foldName(name)} holds passwords` : undefined;
}

function checkSchema(schema: string, { allowedSchemas }: SchemaRules): Refusal {
  if (allowedSchemas === undefined) return undefined;
  const folded = foldName(schema);
  const isAllowed = systemSchemas.includes(folded) || allowedSchemas.some((name) => foldName(name) === folded);
  return isAllowed ? undefined : `the schema ${schema.slice(0, 64)} is not among those that may be read`;
}
