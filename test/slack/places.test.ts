import { afterEach, describe, expect, it } from 'vitest';
import { createPreferenceBook } from '../../src/conversation/preferences.ts';
import { answer, report } from '../support/reports.ts';
import { type BenchOptions, type SlackBench, startSlackBench } from '../support/slack-bench.ts';

let bench: SlackBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function start(options: BenchOptions): Promise<SlackBench> {
  bench = await startSlackBench(options);
  return bench;
}

const isReport = ({ text }: { readonly text: string }) => text.includes('🔴 Critical');

describe('the home page', () => {
  it('shows the targets with their last verdict, and to each person their own questions only', async () => {
    const { workspace } = await start({
      answer: () => report({ takenAt: new Date().toISOString() }),
      targets: [
        { name: 'orders-prod', tags: ['prod'] },
        { name: 'crm-prod', tags: [] },
      ],
    });
    await workspace.waitForReply(workspace.user('ada').mention('dba-private', 'why is orders-prod slow?'), isReport);
    await workspace.user('ada').openHome();
    await workspace.user('ben').openHome();
    const own = JSON.stringify((await workspace.waitForHome('ada')).source);
    const others = JSON.stringify((await workspace.waitForHome('ben')).source);

    expect(own).toContain('orders-prod (prod): 🔴 Critical');
    expect(own).toContain('crm-prod: ⚪ not looked at');
    expect(own).toContain('why is orders-prod slow?');
    expect(own).toMatch(/https:\/\/lab\.slack\.com\/archives\/G0PRIVATE1\/p\d+/);
    expect(others).toContain('orders-prod (prod): 🔴 Critical');
    expect(others).not.toContain('why is orders-prod slow?"');
    expect(others).not.toContain('G0PRIVATE1');
  });

  it('shows what the person asked to be remembered', async () => {
    const { workspace, store } = await start({ answer: () => report() });
    const [ada, team] = [workspace.user('ada'), workspace.settings.team.id];
    const asker = { team, channel: 'C1', user: ada.id };
    await createPreferenceBook(store).set(asker, 'person', { target: 'orders-prod', verbosity: 'brief' });
    await ada.openHome();
    expect(JSON.stringify((await workspace.waitForHome('ada')).source)).toContain('target orders-prod, brief reports');
    await workspace.user('ben').openHome();
    expect(JSON.stringify((await workspace.waitForHome('ben')).source)).not.toContain('brief reports');
  });

  it('and its messages tab offers questions about the targets that exist', async () => {
    const { workspace } = await start({ answer: () => report() });
    await workspace.user('ada').openMessages();
    const call = await workspace.waitForCall('assistant.threads.setSuggestedPrompts');
    expect(call).toMatchObject({ ok: true });
    expect(JSON.stringify(call.args)).toContain('Is orders-prod healthy?');
  });
});

describe('"Check the database" on an alert', () => {
  const alert = {
    text: '',
    attachments: [
      {
        title: '[FIRING] HighLatency on orders-prod',
        text: 'p99 is 4 s since 03:00 <!channel>',
        fields: [{ title: 'instance', value: 'orders-prod:3306' }],
      },
    ],
  };

  it('answers in the thread of the alert, with its words as the question', async () => {
    const { workspace, asked } = await start({ answer: () => report() });
    const message = workspace.bot('alertmanager').post('incidents', alert);
    const delivery = await workspace.user('ada').shortcut('check_message', message);
    expect(delivery.acknowledged).toBeDefined();
    const told = await workspace.waitForReply(message, isReport);
    expect(told.threadTs).toBe(message.ts);
    expect(asked[0]?.text).toContain('HighLatency on orders-prod');
    expect(asked[0]?.text).toContain('p99 is 4 s since 03:00');
  });

  it.each([
    ['where the bot is not', 'random', 'not in this channel'],
    ['that is shared with another company', 'partner-shared', 'shared with other organisations'],
  ])('in a channel %s says so privately', async (_, channel, words) => {
    const { workspace, asked } = await start({ answer: () => report() });
    const message = workspace.bot('alertmanager').post(channel, alert);
    await workspace.user('ada').shortcut('check_message', message);
    await workspace.waitForEphemeral('ada', ({ text }) => text.includes(words));
    expect(asked).toHaveLength(0);
  });
});

describe('a question without a target', () => {
  const targets = [
    { name: 'orders-prod', tags: ['prod'] },
    { name: 'crm-prod', tags: ['prod'] },
    { name: 'crm-test', tags: ['test'] },
  ];
  const clarify = answer('Which target? orders-prod, crm-prod, crm-test', 'clarify');
  const which = { ...clarify, plan: { ...clarify.plan, missing: 'target' as const } };

  it('offers those that fit what is typed, and goes on in the same thread with the one that is picked, once', async () => {
    const { workspace, asked } = await start({
      targets,
      answer: ({ defaultTarget }) => (defaultTarget ? report() : which),
    });
    const ada = workspace.user('ada');
    const question = ada.mention('incidents', 'who blocks whom?');
    const menu = await workspace.waitForReply(question);
    expect((await ada.suggest(menu, 'dbcheck:target', 'CRM')).map(({ value }) => value)).toEqual([
      'crm-prod',
      'crm-test',
    ]);
    expect((await ada.suggest(menu, 'dbcheck:target', 'test')).map(({ value }) => value)).toEqual(['crm-test']);
    await ada.choose(menu, 'dbcheck:target', 'crm-prod');
    await ada.choose(menu, 'dbcheck:target', 'crm-prod');
    await workspace.waitForReply(question, isReport);
    expect(asked.map(({ text, defaultTarget }) => [text, defaultTarget])).toEqual([
      ['who blocks whom?', undefined],
      ['who blocks whom?', 'crm-prod'],
    ]);
  });
});
