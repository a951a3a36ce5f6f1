import { type Asker, type PreferenceBook, type Preferences, preferencesInWords } from '../conversation/preferences.ts';
import { reportInWords } from '../report/in-words.ts';
import type { Plan } from '../report/report.ts';
import { nearestNames } from '../targets/registry.ts';
import type { Orchestrator, Question } from './question.ts';
import { type PreferenceWish, readPreferenceWish } from './rules/preference-words.ts';
import type { KnownTarget } from './rules/target-names.ts';

/**
 * An orchestrator that knows what people prefer: it keeps, shows and forgets preferences when asked to, and hands
 * those that hold to every other question. No model takes part, so none can change what is remembered.
 */
export function createRemembering(
  orchestrator: Orchestrator,
  book: PreferenceBook,
  targets: readonly KnownTarget[],
): Orchestrator {
  async function answer(wish: PreferenceWish, asker: Asker, question: Question): Promise<string> {
    const whose = wish.scope === 'person' ? 'For you in this channel' : 'For everybody in this channel';
    const allowed = targets.map(({ name }) => name).filter((name) => question.mayAsk?.(name) ?? true);
    if (wish.scope === 'person' && asker.user === undefined && wish.does !== 'show')
      return 'I do not know who asks, so there is nobody to remember it for.';
    switch (wish.does) {
      case 'set': {
        const { target } = wish.change;
        if (target !== undefined && !allowed.includes(target)) return `You may not ask about ${target} here.`;
        await book.set(asker, wish.scope, wish.change);
        const now = (await book.apart(asker))[wish.scope];
        return `${whose}: ${preferencesInWords(now)}. "what do you remember about me" shows it, "forget my preferences" clears it.`;
      }
      case 'unclear':
        return `There is no target "${wish.unknown}", so nothing was changed. The nearest: ${nearestNames(wish.unknown, allowed).join(', ')}`;
      case 'forget':
        await book.forget(asker, wish.scope, wish.field);
        return wish.scope === 'person'
          ? `Forgotten: ${wordFor(wish.field)} of yours, in every channel.`
          : `Forgotten: ${wordFor(wish.field)} of this channel.`;
      case 'show': {
        const { person, channel } = await book.apart(asker);
        return [
          `You, in this channel: ${preferencesInWords(person) || 'nothing'}.`,
          `Everybody in this channel: ${preferencesInWords(channel) || 'nothing'}.`,
          'To change it: "use orders-prod by default", "look back 6 hours by default", "brief reports from now on", with "for this channel" for everybody; "forget my preferences".'.replace(
            'orders-prod',
            allowed[0] ?? 'orders-prod',
          ),
        ].join('\n');
      }
    }
  }

  return {
    async ask(question) {
      const { asker } = question;
      if (!asker) return orchestrator.ask(question);
      const wish = readPreferenceWish(question.text, targets);
      if (wish) {
        const told = await answer(wish, asker, question);
        const plan: Plan = { kind: 'context', agents: [], source: 'rules', targets: [], answer: told };
        return reportInWords(question.text, plan);
      }
      const preferred = await book.of(asker).catch((): Preferences => ({}));
      const report = await orchestrator.ask(withPreferences(question, preferred, targets));
      return preferred.verbosity === undefined ? report : { ...report, verbosity: preferred.verbosity };
    },
    check: (question, calls, names) => orchestrator.check(question, calls, names),
  };
}

function wordFor(field: keyof Preferences | undefined): string {
  return field === undefined
    ? 'all preferences'
    : { target: 'the target', hours: 'the window', verbosity: 'the verbosity' }[field];
}

/** What was chosen outside the text, a picker's target, wins over what is usual. */
function withPreferences(question: Question, preferred: Preferences, targets: readonly KnownTarget[]): Question {
  const { target, hours } = preferred;
  const isThere = targets.some(({ name }) => name === target) && (question.mayAsk?.(target ?? '') ?? true);
  const { target: _, ...withoutTarget } = preferred;
  const words = preferencesInWords(isThere ? preferred : withoutTarget);
  return {
    ...question,
    ...(target !== undefined && isThere && question.defaultTarget === undefined ? { defaultTarget: target } : {}),
    ...(hours === undefined ? {} : { usualHours: hours }),
    ...(words === '' ? {} : { preferences: [`usually meant by this person: ${words}`] }),
  };
}
