import { z } from 'zod';
import { ProbeError } from '../errors.ts';
import { guardStatement } from '../sql/guard.ts';
import type { Probe } from './probe.ts';

const step = z.object({
  table: z.string().nullable(),
  type: z.string().nullable(),
  key: z.string().nullable(),
  rows: z.coerce.number(),
  Extra: z.string().nullable(),
});

export type PlanStep = z.output<typeof step>;

/**
 * The plan of a statement that somebody else ran. EXPLAIN may execute derived tables, so only plain statements that the guard
 * allows and that hold a single SELECT are explained; everything else is answered as "not explained".
 */
export const statementPlan: Probe<{ readonly sql: string; readonly schema: string }, readonly PlanStep[]> = {
  name: 'statement-plan',
  needs: ['SELECT'],
  async collect(source, { sql, schema }) {
    const text = sql.trim().replace(/;\s*$/, '');
    const selects = text.match(/\bselect\b/gi)?.length ?? 0;
    const verdict = guardStatement(
      text,
      source.facts.variables['sql_mode'] === undefined ? {} : { sqlMode: source.facts.variables['sql_mode'] },
    );
    if (selects !== 1 || !/^\s*select\b/i.test(text) || !verdict.allow) {
      return {
        code: 'coverage.plan',
        summary: 'the plan of a statement was not asked for: it is not a plain SELECT',
        fix: 'EXPLAIN it by hand',
      };
    }
    // The session has no default schema and the statement is never rewritten: it gets one on its own connection.
    const { rows } = await source.query(`EXPLAIN ${text}`, schema === '' ? {} : { schema }).catch(refused);
    if (rows === undefined) {
      return {
        code: 'coverage.plan',
        summary: 'the plan of a statement was refused by the server',
        fix: 'EXPLAIN it by hand, as the account that ran it',
      };
    }
    const data = rows.map((row) => step.parse(row));
    return { data, rows: data.map((one) => ({ ...one })), sql: 'EXPLAIN of the slowest statement of the pattern' };
  },
};

/** A table that is gone, a function that we may not run: one plan less, and no reason to fail. */
function refused(error: unknown): { readonly rows: undefined } {
  if (error instanceof ProbeError && error.code === 'probe_failed') return { rows: undefined };
  throw error;
}
