import { afterEach, describe, expect, it } from 'vitest';
import type { Message } from '../../lab/slack/nouns.ts';
import { startWorkspace } from '../../lab/slack/workspace.ts';
import { readAudit } from '../../src/actions/audit.ts';
import { questionKind } from '../../src/slack/turns/inbox.ts';
import { readPrivately } from '../../src/slack/turns/privately.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { answer, finding, report } from '../support/reports.ts';
import { type BenchOptions, type SlackBench, startSlackBench } from '../support/slack-bench.ts';

const benches: SlackBench[] = [];
afterEach(async () => {
  for (const one of benches.splice(0)) await one.close();
});

const isReport = ({ text }: Message) => text.includes('🔴 Critical');

async function open(options: Partial<BenchOptions> = {}) {
  const bench = await startSlackBench({ answer: () => report({ findings: [finding('f1')] }), ...options });
  benches.push(bench);
  const { workspace, store } = bench;
  const direct = (user: string) => workspace.messages(workspace.directChannel(user).id);
  const inDirect = (user: string, fits = isReport) => workspace.waitFor(() => direct(user).find(fits));
  const inChannel = (channel: string, part: string) =>
    workspace.waitFor(() => workspace.messages(channel).find(({ text }) => text.includes(part)));
  const audited = async (did: string) => {
    const entries = [];
    for await (const { value } of readAudit(store, {})) if (value.did === did) entries.push(value);
    return entries;
  };
  const askPrivately = async (user = 'ada') => {
    await workspace.user(user).slash('/dbcheck', 'privately why is orders-prod slow?', 'incidents');
    return inDirect(user);
  };
  /** Clicks, picks a channel and sends. */
  const share = async (told: Message, channel: string, user = 'ada') => {
    await workspace.user(user).click(told, 'Share to channel');
    const view = await workspace.waitForModal(user);
    await workspace.user(user).submit(view, { channel: workspace.channel(channel).id });
    return view;
  };
  const refused = (part: string, user = 'ada') => workspace.waitForEphemeral(user, ({ text }) => text.includes(part));
  return { ...bench, direct, inDirect, inChannel, audited, askPrivately, share, refused };
}

describe('words that ask for a private answer', () => {
  it.each([
    ['privately why is orders-prod slow?', 'why is orders-prod slow?'],
    ['why is orders-prod slow, privately?', 'why is orders-prod slow?'],
    ['why is orders-prod slow? answer me privately please', 'why is orders-prod slow?'],
    ['is it healthy --private', 'is it healthy'],
    ['is it healthy —private', 'is it healthy'],
    ['Only for me: who blocks whom?', 'who blocks whom?'],
    ['who blocks whom? (just for me)', 'who blocks whom?'],
    ['tell me in private, is it slow', 'is it slow'],
  ])('stand in "%s"', (text, question) => {
    expect(readPrivately(text)).toEqual({ text: question, isPrivate: true });
  });

  it.each([
    'which private tables are large?',
    'is private-db healthy?',
    'privately-owned is slow',
    'what stands in private schemas?',
    'run: SELECT 1 -- private',
  ])('do not stand in "%s"', (text) => {
    expect(readPrivately(text)).toEqual({ text, isPrivate: false });
  });
});

describe('a question that is asked privately', () => {
  it('by command is answered in direct messages, and only its person hears of that in the channel', async () => {
    const { workspace, asked, askPrivately } = await open();
    const told = await askPrivately();
    expect(asked.map(({ text }) => text)).toEqual(['why is orders-prod slow?']);
    expect(workspace.messages('incidents')).toEqual([]);
    const sent = await workspace.waitForEphemeral('ada', ({ text }) => text.includes('to you alone'));
    expect(workspace.render([sent])).toContain('Open it');
    const more = workspace.user('ada').reply(told, 'and now?');
    await workspace.waitForReply(more, isReport);
    expect(asked[1]?.conversation?.turns).toHaveLength(1);
  });

  it('by mention leaves the thread in which it was asked as it is, and takes nothing of it along', async () => {
    const { workspace, asked, inDirect } = await open();
    const root = workspace.user('ben').message('dba-private', 'secret plans');
    workspace.user('ada').mention('dba-private', 'is orders-prod healthy? only for me', { threadTs: root.ts });
    await inDirect('ada');
    expect(workspace.thread('dba-private', root.ts)).toHaveLength(2);
    expect(asked[0]).not.toHaveProperty('quoted');
    await workspace.waitForEphemeral('ada', ({ threadTs }) => threadTs === root.ts);
  });

  it('by shortcut is about the words of the message', async () => {
    const { workspace, asked, inDirect } = await open();
    const alert = workspace.bot('alertmanager').post('incidents', { text: 'HighLoad on orders-prod' });
    await workspace.user('ben').shortcut('check_message_privately', alert);
    await inDirect('ben');
    expect(asked[0]?.text).toBe('is it healthy? HighLoad on orders-prod');
    expect(workspace.thread('incidents', alert.ts)).toHaveLength(1);
  });

  it('is answered once, however often it is delivered, and over HTTP', async () => {
    const { workspace, asked, askPrivately, direct } = await open({ transport: 'http' });
    workspace.trouble.duplicateDelivery(2);
    await askPrivately();
    await workspace.waitFor(() => workspace.deliveries.every(({ finished }) => finished));
    expect(asked).toHaveLength(1);
    expect(direct('ada').filter(isReport)).toHaveLength(1);
  });

  it('where no rule allows direct messages is refused, unseen by others', async () => {
    const channels = [{ channels: ['incidents'], may: ['ask'] }];
    const refusing = report({
      plan: {
        kind: 'context',
        agents: [],
        source: 'rules',
        targets: [],
        refused: { right: 'ask', targets: ['orders-prod'] },
      },
    });
    const { workspace, refused } = await open({ access: { channels }, answer: () => refusing });
    await workspace.user('ada').slash('/dbcheck', 'privately is orders-prod healthy?', 'incidents');
    const told = await refused('no rule for this channel');
    expect(told.channel).toBe(workspace.directChannel('ada').id);
  });
});

describe('a question that is asked privately when the process is killed', () => {
  it.each(['before', 'after'])(
    '%s its direct message was opened is answered there by the next one, once',
    async (when) => {
      const workspace = await startWorkspace();
      const store = createSqliteStore({ path: ':memory:' });
      const [team, user] = [workspace.settings.team.id, workspace.user('ada').id];
      const channel = when === 'before' ? workspace.channel('incidents').id : workspace.directChannel('ada').id;
      const asked = {
        team,
        channel,
        user,
        text: 'slow?',
        fresh: false,
        privately: true as const,
        echo: 'You ask: slow?',
      };
      const state = { takenAtMs: Date.now(), state: 'waiting' as const, begun: 0, owner: 'a process that is no more' };
      await store.put(questionKind, 'command 1.2', { ...asked, ...state });
      const next = await open({ joins: workspace, store });
      await next.inDirect('ada');
      expect(next.direct('ada').map(({ text }) => text)).toEqual([
        'You ask: slow?',
        expect.stringContaining('Critical'),
      ]);
      expect(workspace.messages('incidents')).toEqual([]);
      await next.close();
      benches.pop();
      await store.close();
      await workspace.close();
    },
  );
});

describe('"Share to channel"', () => {
  it('stands under reports of direct messages and no others', async () => {
    const { workspace, askPrivately } = await open();
    expect(workspace.render([await askPrivately()])).toContain('Share to channel');
    const public_ = await workspace.waitForReply(workspace.user('ada').mention('incidents', 'slow?'), isReport);
    expect(workspace.render([public_])).not.toContain('Share to channel');
  });

  it('posts the report in a thread that names who shares it, and in which people go on', async () => {
    const { workspace, asked, askPrivately, share, inChannel, audited } = await open();
    const view = await share(await askPrivately(), 'dba');
    expect(JSON.stringify(view.source)).toContain('"exclude_external_shared_channels":true');
    const root = await inChannel('dba', 'ada shares a check');
    const told = await workspace.waitForReply(root, isReport);
    expect(workspace.render([told])).not.toContain('Share to channel');
    await workspace.waitForEphemeral('ada', ({ text }) => text === 'The report is shared.');
    expect(await audited('share')).toMatchObject([
      { who: workspace.user('ada').id, result: 'done', target: 'orders-prod', channel: root.channel, thread: root.ts },
    ]);

    const follow = workspace.user('ben').reply(root, 'tell me more about 1');
    await workspace.waitForReply(follow, ({ ts }) => ts > follow.ts);
    expect(asked.at(-1)?.conversation?.turns.map(({ question }) => question)).toEqual(['why is orders-prod slow?']);
  });

  it('shares once, however often it is clicked and sent', async () => {
    const { workspace, askPrivately, share, inChannel, refused } = await open();
    const told = await askPrivately();
    await share(told, 'dba');
    await inChannel('dba', 'shares a check');
    await share(told, 'dba');
    await refused('shared there already');
    await workspace.waitFor(() => workspace.messages('dba').some(isReport));
    expect(workspace.messages('dba').filter(({ text }) => text.includes('shares a check'))).toHaveLength(1);
  });

  it.each([
    ['where the rules do not let its person ask', 'dba', 'no rule for this channel'],
    ['where the bot is not', 'random', 'cannot post in that channel'],
    ['that is archived', 'old-incidents', 'is archived'],
    ['that is shared with another organisation', 'partner-shared', 'other organisations'],
  ])('to a channel %s is refused to its person only, and written down', async (_, channel, why) => {
    const channels = [{ channels: ['direct', 'incidents', 'random', 'partner-shared', 'old-incidents'], may: ['ask'] }];
    const { workspace, askPrivately, share, refused, audited } = await open({ access: { channels } });
    await share(await askPrivately(), channel);
    await refused(why);
    expect(workspace.messages(channel)).toEqual([]);
    expect(await audited('share')).toMatchObject([{ result: 'refused', target: 'orders-prod' }]);
  });

  it('to a private channel that its person is not in is refused', async () => {
    const { workspace, askPrivately, share, refused } = await open();
    const told = await askPrivately();
    const { members } = workspace.channel('dba-private');
    workspace.setMembers(
      'dba-private',
      members.filter((one) => one !== workspace.user('ada').id),
    );
    await share(told, 'dba-private');
    await refused('You are not in that channel');
    expect(workspace.messages('dba-private')).toEqual([]);
  });

  it('is refused to whoever lost the right between asking and clicking', async () => {
    const access = { people: [{ userGroups: ['S0DBA00001'], may: ['ask'] }] };
    const groups = [{ id: 'S0DBA00001', handle: 'dba', users: ['U0ADA00001'] }];
    const { workspace, askPrivately, refused, audited } = await open({ access, workspace: { userGroups: groups } });
    const told = await askPrivately();
    workspace.setUserGroup('S0DBA00001', []);
    await workspace.user('ada').click(told, 'Share to channel');
    await refused('no rule for you');
    expect(workspace.views('ada')).toEqual([]);
    expect(await audited('share')).toMatchObject([{ result: 'refused' }]);
  });

  it('with the name of another thread, a private channel or another person among them, shares nothing', async () => {
    const { workspace, askPrivately, refused, audited } = await open();
    const secret = workspace.user('ben').mention('dba-private', 'slow?');
    await workspace.waitForReply(secret, isReport);
    const theirs = await askPrivately('ben');
    const own = await askPrivately();
    const team = workspace.settings.team.id;
    const refs = [
      `${team}:${secret.channel}:${secret.ts}#0`,
      `${team}:${theirs.channel}:${theirs.threadTs}#0`,
      `${team}:${own.channel}:${own.threadTs}#7`,
      '../../etc',
    ];
    for (const value of refs) await workspace.user('ada').click(own, 'Share to channel', { value });
    await refused('your own direct messages');
    await expect.poll(() => audited('share')).toHaveLength(refs.length);
    expect(workspace.views('ada')).toEqual([]);

    // A view that Slack never showed: its metadata names what is not theirs.
    await workspace.user('ada').click(own, 'Share to channel');
    const view = await workspace.waitForModal('ada');
    const { payload } = (await workspace.user('ada').submit(view, { channel: workspace.channel('dba').id })).delivery;
    const forged = { ...payload, view: { ...(payload['view'] as object), private_metadata: refs[0] } };
    await workspace.sendInteraction(forged);
    await workspace.waitFor(() => workspace.messages('dba').some(isReport));
    await expect.poll(() => audited('share')).toHaveLength(refs.length + 2);
    expect(workspace.messages('dba').filter(({ threadTs }) => threadTs === undefined)).toHaveLength(1);
  });

  it('of what was asked about a message repeats no word of that message', async () => {
    const { workspace, inDirect, share, inChannel, asked } = await open();
    const alert = workspace.bot('alertmanager').post('dba-private', { text: 'HighLoad orders-prod, Zaphod is fired' });
    await workspace.user('ada').shortcut('check_message_privately', alert);
    await share(await inDirect('ada'), 'dba');
    const root = await inChannel('dba', 'shares a check');
    await workspace.waitForReply(root, isReport);
    const follow = workspace.user('ben').reply(root, 'again');
    await workspace.waitForReply(follow, ({ ts }) => ts > follow.ts);
    expect(workspace.render(workspace.thread('dba', root.ts))).not.toContain('Zaphod');
    expect(JSON.stringify(asked.at(-1)?.conversation)).not.toContain('Zaphod');
  });

  it('that a process was killed over is ended by the next one, once', async () => {
    const workspace = await startWorkspace();
    const store = createSqliteStore({ path: ':memory:' });
    const first = await open({ joins: workspace, store });
    const told = await first.askPrivately();
    await first.close();
    benches.pop();
    const [team, user] = [workspace.settings.team.id, workspace.user('ada').id];
    const shares = `${team}:${told.channel}:${told.threadTs}#0`;
    const channel = workspace.channel('dba').id;
    const left = { team, channel, user, shares, text: '', fresh: false, echo: 'ada shares a check' };
    const state = { takenAtMs: Date.now(), state: 'waiting' as const, begun: 0, owner: 'a process that is no more' };
    await store.put(questionKind, `share ${shares} ${channel}`, { ...left, ...state });
    for (const _ of ['the next', 'and one more']) {
      const next = await open({ joins: workspace, store });
      await workspace.waitFor(() => workspace.messages('dba').some(isReport));
      await expect
        .poll(async () => (await store.get(questionKind, `share ${shares} ${channel}`))?.state)
        .toBe('answered');
      await next.close();
      benches.pop();
    }
    expect(workspace.messages('dba').map(({ text }) => text)).toEqual([
      'ada shares a check',
      expect.stringContaining('🔴 Critical'),
    ]);
    await store.close();
    await workspace.close();
  });

  it('does not stand under an answer without a report', async () => {
    const { workspace, inDirect } = await open({ answer: () => answer('Ask in your own words.', 'help') });
    await workspace.user('ada').slash('/dbcheck', 'privately help', 'incidents');
    const told = await inDirect('ada', ({ text }) => text.includes('in your own words'));
    expect(workspace.render([told])).not.toContain('Share to channel');
  });
});
