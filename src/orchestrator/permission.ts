import type { Plan } from '../report/report.ts';
import type { Question } from './question.ts';

/** A question that sees of its thread only what the person may know; `hidden` are the targets that a follow-up would be about otherwise. */
export function withoutForbiddenTurns(question: Question): {
  readonly question: Question;
  readonly hidden: readonly string[];
} {
  const { conversation, mayAsk } = question;
  if (!conversation || !mayAsk) return { question, hidden: [] };
  const turns = conversation.turns.filter(({ report }) => report.plan.targets.every(mayAsk));
  const last = conversation.turns.findLast(({ report }) => report.plan.targets.length > 0);
  const hidden = last?.report.plan.targets.filter((name) => !mayAsk(name)) ?? [];
  return { question: { ...question, conversation: { ...conversation, turns } }, hidden };
}

/** The plan, or its refusal where it would look at, or tell of, what the person may not ask about. */
export function permitted(plan: Plan, question: Question, hidden: readonly string[]): Plan {
  const { mayAsk, mayRunFleet } = question;
  const forbidden = plan.targets.filter((name) => mayAsk?.(name) === false);
  if (forbidden.length > 0) return refuse(plan, 'ask', forbidden);
  // Without the turns that were taken out, a follow-up to them makes no sense any more.
  if (hidden.length > 0 && ['context', 'clarify'].includes(plan.kind)) return refuse(plan, 'ask', hidden);
  const closed = plan.queries ? plan.targets.filter((name) => question.mayInspect?.(name) === false) : [];
  if (closed.length > 0) return refuse(plan, 'inspect', closed);
  if (plan.kind !== 'run' || plan.targets.length < 2) return plan;
  const apart = plan.targets.filter((name) => mayRunFleet?.(name) === false);
  return apart.length > 0 ? refuse(plan, 'fleet', apart) : plan;
}

function refuse(plan: Plan, right: 'ask' | 'fleet' | 'inspect', targets: readonly string[]): Plan {
  const together = right === 'fleet' ? ' together with other targets' : '';
  const what = right === 'inspect' ? 'have statements run on' : 'ask about';
  const answer = `You may not ${what} ${targets.join(', ')}${together} here.`;
  const { missing: _missing, ...rest } = plan;
  return { ...rest, kind: 'clarify', agents: [], targets: [], answer, refused: { right, targets } };
}
