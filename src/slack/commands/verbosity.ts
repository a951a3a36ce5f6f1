import { type Asker, createPreferenceBook, type PreferenceBook, type Scope } from '../../conversation/preferences.ts';
import type { Verbosity } from '../../report/report.ts';
import { noteDone } from '../audited.ts';
import { paragraph, words } from '../posting/blocks.ts';
import { escapeText } from '../posting/escape.ts';
import type { Desk } from '../turns/desk.ts';
import type { CommandAnswer, CommandAsker, Subcommand } from './subcommand.ts';

const levels: readonly Verbosity[] = ['brief', 'normal', 'full'];
const help =
  'To change it: /dbcheck verbosity brief, normal or full, for everybody in this channel; with "for me" for you alone. /dbcheck verbosity default [for me] forgets it.';

const name = /^verbosity\b[\s:=]*/i;
const mine = /(?:^|\s)(?:just |only )?for me(?: (?:only|alone))?$/i;
const everybodys = /(?:^|\s)(?:for|in) (?:this channel|everybody|everyone|all of us|us)$/i;

/** `/dbcheck verbosity`: how much of a report a channel reads, or one person in it. It is kept with the other preferences. */
export function verbosityCommand({ parts }: Pick<Desk, 'parts'>): Subcommand {
  const { access, store, targets } = parts;
  const book = createPreferenceBook(store);

  async function show(asker: Asker): Promise<string> {
    const { person, channel } = await book.apart(asker);
    const own = person.verbosity === undefined ? '' : ` For you here: ${person.verbosity}.`;
    const chosen = channel.verbosity === undefined ? ' (nobody has chosen)' : '';
    return `Reports in this channel: ${channel.verbosity ?? 'normal'}${chosen}.${own}\n${help}`;
  }

  async function change(asker: CommandAsker, scope: Scope, level: Verbosity | undefined): Promise<CommandAnswer> {
    const refused = await refusal(asker);
    if (refused !== undefined) return { refused };
    await keep(book, asker, scope, level);
    const about = { scope, verbosity: level ?? 'default' };
    await noteDone({ who: asker.user, did: 'verbosity', channel: asker.channel, about }, parts);
    if (scope === 'person' && level === undefined)
      return { told: 'Your own verbosity is forgotten, in every channel; that of the channel holds.' };
    const now = level ?? 'normal';
    if (scope === 'person') return { told: `For you in this channel: ${now} reports.` };
    const text = `Reports in this channel are ${now} from now on. "/dbcheck verbosity" shows and changes it.`;
    return { message: { text: escapeText(text), blocks: [paragraph(words(text))] } };
  }

  /** Whoever may ask nothing here reads no reports here either. */
  async function refusal({ user, channel }: CommandAsker): Promise<string | undefined> {
    const permissions = await access.permissions(user, channel);
    if (targets.length === 0 || targets.some((target) => permissions.may('ask', target.name))) return undefined;
    return 'You may not change how reports read here: you may not ask about any target in this channel.';
  }

  return {
    name: 'verbosity',
    help: 'verbosity brief, normal or full [for me]: how much of a report is shown here',
    read: (text) => (name.test(text) ? text.replace(name, '') : undefined),
    async answer(text, asker) {
      const said = text.trim().replace(/[.!?]+$/, '');
      const scope: Scope = mine.test(said) ? 'person' : 'channel';
      const word = said.replace(mine, '').replace(everybodys, '').trim().toLowerCase();
      if (word === '' || word === 'show') return { told: await show(asker) };
      if (/^(?:default|reset|forget|clear)$/.test(word)) return change(asker, scope, undefined);
      const level = levels.find((one) => one === word);
      return level ? change(asker, scope, level) : { told: `"${word}" is no verbosity. ${help}` };
    },
  };
}

async function keep(book: PreferenceBook, asker: Asker, scope: Scope, level: Verbosity | undefined): Promise<void> {
  if (level !== undefined) return book.set(asker, scope, { verbosity: level });
  await book.forget(asker, scope, 'verbosity');
}
