import { afterEach, describe, expect, it } from 'vitest';
import { readAudit } from '../../src/actions/audit.ts';
import { createPreferenceBook } from '../../src/conversation/preferences.ts';
import { createRemembering } from '../../src/orchestrator/remembering.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { answer, finding, report } from '../support/reports.ts';
import { type BenchOptions, type SlackBench, startSlackBench } from '../support/slack-bench.ts';

let bench: SlackBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function open(options: Partial<BenchOptions> = {}) {
  bench = await startSlackBench({ answer: () => answer('Ask in your own words.', 'help'), ...options });
  const { workspace, store } = bench;
  const book = createPreferenceBook(store);
  const team = workspace.settings.team.id;
  const channel = workspace.channel('incidents').id;
  const kept = (user: string) => book.apart({ team, channel, user: workspace.user(user).id });
  const say = (user: string, words: string) => workspace.user(user).slash('/dbcheck', words, 'incidents');
  const told = (user: string, part: string) => workspace.waitForEphemeral(user, ({ text }) => text.includes(part));
  const posted = (part: string) =>
    workspace.waitFor(() => workspace.messages('incidents').find(({ text }) => text.includes(part)));
  const audited = async () => {
    const entries = [];
    for await (const { value } of readAudit(store, {})) entries.push(value);
    return entries;
  };
  return { ...bench, kept, say, told, posted, audited };
}

describe('/dbcheck verbosity', () => {
  it('says how reports read here and how to change it, to its person only', async () => {
    const { say, told, asked, workspace } = await open();
    await say('ada', 'verbosity');
    expect((await told('ada', 'Reports in this channel: normal')).text).toContain('/dbcheck verbosity brief');
    expect(workspace.messages('incidents')).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('of the channel is set for everybody, told to everybody, and written down', async () => {
    const { say, posted, kept, audited } = await open();
    await say('ada', 'verbosity brief');
    await posted('Reports in this channel are brief');
    expect(await kept('ben')).toEqual({ person: {}, channel: { verbosity: 'brief' } });
    expect(await audited()).toMatchObject([{ did: 'verbosity', result: 'done', about: { verbosity: 'brief' } }]);
  });

  it('for me is set for one person, told to them only, and goes before that of the channel', async () => {
    const { say, told, kept, workspace } = await open();
    await say('ben', 'Verbosity: full for me');
    await told('ben', 'For you in this channel: full reports');
    expect(await kept('ben')).toEqual({ person: { verbosity: 'full' }, channel: {} });
    expect(workspace.messages('incidents')).toEqual([]);
  });

  it('default is that nobody has chosen', async () => {
    const { say, posted, kept } = await open();
    await say('ada', 'verbosity full');
    await posted('are full');
    await say('ada', 'verbosity default');
    await posted('are normal');
    expect((await kept('ada')).channel).toEqual({});
  });

  it('of a word that is none changes nothing', async () => {
    const { say, told, kept } = await open();
    await say('ada', 'verbosity loud');
    await told('ada', '"loud" is no verbosity');
    expect(await kept('ada')).toEqual({ person: {}, channel: {} });
  });

  it('is refused to whoever may ask nothing in the channel, and the refusal is written down', async () => {
    const people = [{ users: ['U0ADA00001'], may: ['ask'] }];
    const { say, told, kept, audited } = await open({ access: { people } });
    await say('ben', 'verbosity full');
    await told('ben', 'You may not change');
    expect((await kept('ben')).channel).toEqual({});
    expect(await audited()).toMatchObject([{ did: 'verbosity', result: 'refused', who: 'U0BEN00001' }]);
  });

  it('by mention is answered in the thread', async () => {
    const { workspace, asked } = await open();
    const said = workspace.user('ada').mention('incidents', 'verbosity full');
    await workspace.waitForReply(said, ({ text }) => text.includes('are full from now on'));
    expect(asked).toEqual([]);
  });
});

describe('help', () => {
  it('names every subcommand besides what can be asked', async () => {
    const { workspace } = await open();
    const said = workspace.user('ada').mention('incidents', 'help');
    const { text } = await workspace.waitForReply(said);
    for (const part of [
      'Ask in your own words',
      '/dbcheck privately',
      '/dbcheck schedule',
      '/dbcheck verbosity',
      '/dbcheck summary',
    ])
      expect(text).toContain(part);
  });
});

describe('reports in a channel', () => {
  it('are as long as the channel wants them, and a person who wants more reads more', async () => {
    const store = createSqliteStore({ path: ':memory:' });
    const findings = Array.from({ length: 20 }, (_, at) => finding(`f${at}`, { subject: `thread ${at}` }));
    const whole = report({ findings, rootCauses: findings.map(({ id }) => id) });
    const orchestrator = { ask: async () => whole, check: async () => whole };
    const remembering = createRemembering(orchestrator, createPreferenceBook(store), []);
    const { workspace, say, posted, told } = await open({ store, answer: (question) => remembering.ask(question) });
    const length = async (user: string) => {
      const asked = workspace.user(user).mention('incidents', 'why is orders-prod slow?');
      const shown = await workspace.waitForReply(asked, ({ text }) => text.includes('Critical'));
      return workspace.render([shown]).match(/thread \d+ \[critical\]/g)?.length ?? 0;
    };
    const normal = await length('ada');
    await say('ada', 'verbosity brief');
    await posted('are brief');
    const brief = await length('ada');
    await say('ben', 'verbosity full for me');
    await told('ben', 'full reports');
    const full = await length('ben');
    expect([brief, normal, full]).toEqual([2, 6, 15]);
    expect(await length('cleo')).toBe(brief);
    await bench?.close();
    bench = undefined;
    await store.close();
  });
});
