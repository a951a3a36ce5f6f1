import { z } from 'zod';
import { runReadOnlyQuery } from '../inspection/inspect.ts';
import type { ToolDefinition } from '../llm/chat-model.ts';
import { guardStatement } from '../sql/guard.ts';

/** Longer than any look at a server's own tables needs to be. */
const maxCharacters = 1_500;
const schema = z.object({ sql: z.string().min(4).max(maxCharacters) });

/**
 * Lets a model look where no agent does. It runs as a person's statement runs: behind the guard, capped, masked, shown
 * with its result to the person alone. The model never sees the rows.
 */
export const queryTool: ToolDefinition = {
  name: runReadOnlyQuery,
  description:
    "Show the person the result of one statement that only reads the server's own tables (SELECT, SHOW, EXPLAIN; information_schema, performance_schema, sys), where no other tool answers.",
  parameters: {
    type: 'object',
    properties: { sql: { type: 'string' }, target: { type: 'array', items: { type: 'string' } } },
    required: ['sql'],
    additionalProperties: false,
  },
};

/** The statement of a call, or what is wrong with it. */
export function readStatement(input: unknown, restore: (text: string) => string): { readonly sql: string } | string {
  const read = schema.safeParse(input);
  if (!read.success) return `sql must be one statement of at most ${maxCharacters} characters`;
  const sql = restore(read.data.sql).trim();
  const verdict = guardStatement(sql);
  return verdict.allow ? { sql } : `not allowed: ${verdict.reason}`;
}
