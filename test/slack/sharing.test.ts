import { afterEach, describe, expect, it } from 'vitest';
import { startWorkspace } from '../../lab/slack/workspace.ts';
import { questionKind } from '../../src/slack/turns/inbox.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { isReport, openPrivate } from '../support/private-bench.ts';
import { answer } from '../support/reports.ts';
import type { BenchOptions, SlackBench } from '../support/slack-bench.ts';

const benches: SlackBench[] = [];
afterEach(async () => {
  for (const one of benches.splice(0)) await one.close();
});

async function open(options: Partial<BenchOptions> = {}) {
  const bench = await openPrivate(options);
  benches.push(bench);
  return bench;
}

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

  it('to a channel of another organisation that the configuration names is offered and done', async () => {
    const { workspace, askPrivately, share, inChannel } = await open({
      access: { sharedChannels: ['partner-shared'] },
    });
    const view = await share(await askPrivately(), 'partner-shared');
    expect(JSON.stringify(view.source)).not.toContain('exclude_external_shared_channels');
    await workspace.waitForReply(await inChannel('partner-shared', 'shares a check'), isReport);
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

  it('that Slack did not take can be shared again', async () => {
    const { workspace, askPrivately, share, refused, inChannel } = await open();
    const told = await askPrivately();
    workspace.trouble.fail('chat.postMessage', 'restricted_action', 1);
    await share(told, 'dba');
    await refused('share it once more');
    await share(told, 'dba');
    await workspace.waitForReply(await inChannel('dba', 'shares a check'), isReport);
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
