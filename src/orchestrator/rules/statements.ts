import { type StatementInText, statementIn } from '../../inspection/statement-in.ts';
import type { Plan } from '../../report/report.ts';
import { redactLiterals } from '../../sql/redact.ts';
import { asksAgain, asksElsewhere } from './phrases.ts';
import { normalise } from './question-text.ts';

/** The most statements that one turn runs on one target. */
export const maxStatements = 3;

/** What a plan says of the statements that it runs: their shape, no value in them. */
export function queriesOf(statements: readonly string[]): readonly string[] {
  return statements.map((sql) => redactLiterals(sql));
}

/** What an earlier turn asked for, as far as it says so. */
interface EarlierTurn {
  readonly text: string;
  readonly plan: Plan;
}

/** The statement that a message asks to be run, or that the turn before ran where it asks for the same again or elsewhere. */
export function statementAsked(
  text: string,
  turns: readonly EarlierTurn[],
  targetNames: readonly string[],
): StatementInText | undefined {
  const found = statementIn(text, targetNames);
  if (found) return found;
  const last = turns.at(-1);
  if (!last?.plan.queries || last.plan.agents.length > 0) return undefined;
  let rest = normalise(text);
  for (const name of targetNames) rest = rest.replaceAll(name.toLowerCase(), ' ');
  rest = rest.replaceAll(/\s+/g, ' ').trim();
  const isElsewhere = rest !== normalise(text) && asksElsewhere(rest);
  if (!asksAgain(rest) && !isElsewhere) return undefined;
  const sql = statementIn(last.text, targetNames)?.sql;
  return sql === undefined ? undefined : { sql, rest: text };
}
