import { afterEach, describe, expect, it } from 'vitest';
import { startWorkspace } from '../../lab/slack/workspace.ts';
import { questionKind } from '../../src/slack/turns/inbox.ts';
import { readPrivately } from '../../src/slack/turns/privately.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { isReport, openPrivate } from '../support/private-bench.ts';
import { report } from '../support/reports.ts';
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
