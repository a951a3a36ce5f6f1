import type { Agent } from '../agents/agent.ts';
import type { Plan } from '../report/report.ts';
import type { Target } from '../targets/target.ts';
import { planByRules, statementOf } from './plan-by-rules.ts';
import { freePlanning, type Planner } from './planner.ts';
import { normalise } from './rules/question-text.ts';
import { sinceClock } from './rules/windows.ts';

/** Plans by rules alone: no key, no network, no waiting. */
export function createRulePlanner(agents: readonly Agent[], targets: readonly Target[]): Planner {
  return {
    async plan(question) {
      const turns = question.conversation?.turns.map(({ question: text, report }) => ({
        text,
        plan: report.plan,
        report,
      }));
      const now = new Date();
      const input = { text: question.text, agents, targets, ...(turns ? { turns } : {}) };
      const plan = planByRules({
        ...input,
        ...(question.quoted?.length ? { quoted: question.quoted.map(({ text }) => text).join('\n') } : {}),
        ...(question.mayAsk ? { mayAsk: question.mayAsk } : {}),
        ...(question.zone === undefined ? {} : { zone: question.zone }),
        now,
      });
      const statement = plan.queries ? statementOf(input) : undefined;
      const notes = question.zone === undefined ? [] : sinceNote(question.text, plan, now, question.zone);
      return { plan, ...freePlanning, notes, ...(statement ? { statements: [statement.sql] } : {}) };
    },
  };
}

/** A clock time is told back with its day and zone: "since 15:00" means another hour to a colleague abroad. */
function sinceNote(text: string, { agents }: Plan, now: Date, zone: string): string[] {
  const since = sinceClock(normalise(text), now, zone);
  if (!since || !agents.some(({ params }) => params['hours'] === since.seconds / 3_600)) return [];
  const parts = { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const;
  const moment = new Date(since.atMs).toLocaleString('en-GB', { ...parts, timeZone: since.zone }).replaceAll(',', '');
  return [`Taken as since ${moment} ${since.zone}`];
}
