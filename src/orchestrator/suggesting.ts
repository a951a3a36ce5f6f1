import type { HabitBook } from '../conversation/habits.ts';
import { rootOf, suggestNext } from '../conversation/next-questions.ts';
import type { Asker } from '../conversation/preferences.ts';
import type { Log } from '../log.ts';
import type { Finding } from '../report/finding.ts';
import type { Report, Suggestion } from '../report/report.ts';
import { renderText } from '../report/text.ts';
import type { Orchestrator, Question } from './question.ts';

const ordinals = ['', 'first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh'];

/**
 * An orchestrator that looks on: after a report it suggests what to ask next, learns from what is asked next, and says
 * when a target shows the same finding again. Where the store fails, the report goes out without it.
 */
export function createSuggesting(
  orchestrator: Orchestrator,
  book: HabitBook,
  log: Log,
  now: () => number = Date.now,
): Orchestrator {
  async function withSuggestions(report: Report, question: Question, asker: Asker): Promise<Report> {
    const channel = `${asker.team}:${asker.channel}`;
    const before = question.conversation?.turns.findLast(({ report: earlier }) => earlier.plan.kind === 'run')?.report;
    const asked = report.plan.agents.map(({ agent }) => agent);
    const last = before && rootOf(before);
    // The same question again tells nothing about what people want to know next.
    if (last && before.question !== report.question) await book.noteNext(channel, last.code, asked);
    const root = rootOf(report);
    if (!root) return report;
    const times = await book.see(root.target, root.code, root.subject, now());
    const own = suggestNext(report, await book.next(channel, root.code));
    const suggestions = times.length < 2 ? own : [againSuggestion(root), ...own].slice(0, 3);
    const notes = times.length < 2 ? report.notes : [...report.notes, againNote(root, times)];
    const next = { ...report, notes, ...(suggestions.length > 0 ? { suggestions } : {}) };
    return { ...next, text: renderText(next) };
  }

  async function looked(report: Report, question: Question): Promise<Report> {
    if (!question.asker || report.plan.kind !== 'run' || question.signal?.aborted) return report;
    return withSuggestions(report, question, question.asker).catch((error: unknown) => {
      log.warn({ err: error }, 'no next questions are suggested');
      return report;
    });
  }

  return {
    ask: async (question) => looked(await orchestrator.ask(question), question),
    check: async (question, calls, names) => looked(await orchestrator.check(question, calls, names), question),
  };
}

function againNote({ title, target }: Finding, times: readonly number[]): string {
  const days = times.slice(0, -1).map((atMs) => `${new Date(atMs).toISOString().slice(5, 16).replace('T', ' ')} UTC`);
  const count = ordinals[times.length] ?? `${times.length} times`;
  const time = times.length < ordinals.length ? ' time' : '';
  return `${count.charAt(0).toUpperCase()}${count.slice(1)}${time} this week on ${target}: ${title} (before: ${days.slice(-5).join(', ')})`;
}

/** What comes again has a cause that one look at the moment does not show. */
function againSuggestion({ target }: Finding): Suggestion {
  return { question: `Slow queries of the last 7 days on ${target}, compared with the week before` };
}
