import { afterEach, describe, expect, it } from 'vitest';
import { answer, report } from '../support/reports.ts';
import { type BenchOptions, type SlackBench, startSlackBench } from '../support/slack-bench.ts';

const open: SlackBench[] = [];
afterEach(async () => {
  for (const bench of open.splice(0)) await bench.close();
});

async function bench(options: BenchOptions): Promise<SlackBench> {
  const started = await startSlackBench(options);
  open.push(started);
  return started;
}

const isReport = ({ text }: { readonly text: string }) => text.includes('🔴 Critical · orders-prod');

describe.each(['socket', 'http'] as const)('over %s', (transport) => {
  it('a mention is answered in its thread, a reply there without a mention too, and nothing twice', async () => {
    const { workspace, asked } = await bench({ transport, answer: ({ text }) => answer(`heard: ${text}`) });
    const ada = workspace.user('ada');

    const mention = ada.mention('incidents', 'why is <orders-prod> slow & late?');
    const first = await workspace.waitForReply(mention);
    expect(first.text).toBe('heard: why is &lt;orders-prod&gt; slow &amp; late?');

    const reply = workspace.user('ben').reply(mention, 'and the replicas?');
    await workspace.waitForReply(reply, ({ text }) => text === 'heard: and the replicas?');
    const again = ada.mention('incidents', 'and backups?', { threadTs: mention.ts });
    await workspace.waitForReply(again, ({ text }) => text === 'heard: and backups?');

    await workspace.waitFor(() => workspace.deliveries.every(({ finished }) => finished));
    expect(asked.map(({ text }) => text)).toEqual([
      'why is <orders-prod> slow & late?',
      'and the replicas?',
      'and backups?',
    ]);
    expect(asked.map(({ conversation }) => conversation?.turns.length)).toEqual([undefined, 1, 2]);
  });

  it('a direct message is answered in its thread without a mention', async () => {
    const { workspace } = await bench({ transport, answer: () => report() });
    const question = workspace.user('cleo').direct('who blocks whom?');
    const reply = await workspace.waitForReply(question, isReport);
    expect(reply.threadTs).toBe(question.ts);
  });

  it('a command posts who asks what, without anything live in it, and answers in the thread of that', async () => {
    const { workspace, asked } = await bench({ transport, answer: () => report() });
    const delivery = await workspace
      .user('ben')
      .slash('/dbcheck', 'why does `SELECT 1 < 2` on orders-prod ping <!channel>?', 'incidents');
    expect(delivery.acknowledged).toBeDefined();

    const root = await workspace.waitFor(() => workspace.messages('incidents').find(({ text }) => /asks/.test(text)));
    expect(root.text).toBe('ben asks: why does `SELECT 1 &lt; 2` on orders-prod ping &lt;!channel&gt;?');
    await workspace.waitForReply(root, isReport);
    expect(asked[0]?.text).toBe('why does `SELECT 1 < 2` on orders-prod ping <!channel>?');
  });

  it('an event that Slack delivers twice or again after a failure is answered once', async () => {
    const { workspace, asked } = await bench({ transport, answer: () => answer('once') });
    workspace.trouble.duplicateDelivery(2);
    const question = workspace.user('ada').mention('incidents', 'help');
    await workspace.waitForReply(question);
    await workspace.waitFor(() => workspace.deliveries.every(({ finished }) => finished));
    expect(workspace.deliveries.find(({ name }) => name === 'app_mention')?.attempts).toHaveLength(2);

    const [delivery] = workspace.deliveries;
    await workspace.sendEvent(delivery?.payload['event'] as Readonly<Record<string, unknown>>);
    expect(asked).toHaveLength(1);
  });

  it('acknowledges everything at once while servers hang, the model is down and Slack is slow', async () => {
    const hang = Promise.withResolvers<void>();
    const { workspace, asked } = await bench({
      transport,
      answer: async () => {
        await hang.promise;
        return answer('at last');
      },
    });
    const ada = workspace.user('ada');
    const slow = workspace.trouble.slow('chat.postMessage', hang.promise);
    const mention = ada.mention('incidents', 'why is orders-prod slow?');
    ada.direct('is it healthy?');
    const command = await ada.slash('/dbcheck', 'is replication healthy?', 'dba');
    await workspace.waitFor(() => asked.length === 2 && workspace.deliveries.every(({ finished }) => finished));

    // The latch is still closed: nothing that was acknowledged could wait for an answer.
    expect(command.acknowledged?.afterMs).toBeLessThan(500);
    expect(Math.max(...workspace.ackLatencies().map(({ afterMs }) => afterMs))).toBeLessThan(500);
    hang.resolve();
    slow();
    await workspace.waitForReply(mention, ({ text }) => text === 'at last');
  });
});

describe('what is not a question', () => {
  it('of the bot, of other bots, edited, deleted, joined, or in a thread of other people is left alone', async () => {
    const { workspace, asked } = await bench({ answer: () => answer('heard') });
    const ada = workspace.user('ada');
    workspace.bot('alertmanager').post('incidents', { text: `<@${workspace.settings.app.botUserId}> HighLoad` });
    const plain = ada.message('incidents', 'lunch?');
    workspace.user('ben').reply(plain, 'yes');
    const edited = ada.edit(plain, 'dinner?');
    ada.edit(edited, `<@${workspace.settings.app.botUserId}> dinner?`);
    ada.remove(edited);
    await ada.join('random');

    const question = ada.mention('incidents', 'help');
    await workspace.waitForReply(question);
    await workspace.waitFor(() => workspace.deliveries.every(({ finished }) => finished));
    expect(asked.map(({ text }) => text)).toEqual(['help']);
  });

  it('what colleagues say to each other in a thread of ours is left alone; what they ask is answered', async () => {
    const { workspace, asked } = await bench({
      answer: ({ text }) => (text.endsWith('?') ? answer(`heard: ${text}`) : answer('Ready.', 'smalltalk')),
    });
    const [ada, ben] = [workspace.user('ada'), workspace.user('ben')];
    const question = ada.mention('incidents', 'is it healthy?');
    await workspace.waitForReply(question);

    ben.reply(question, `<@${ada.id}> can you restart the app?`);
    ben.reply(question, 'on it');
    await workspace.waitForReply(ben.reply(question, 'and now?'), ({ text }) => text === 'heard: and now?');
    expect(asked.map(({ text, isOverheard }) => [text, isOverheard])).toEqual([
      ['is it healthy?', undefined],
      ['on it', true],
      ['and now?', true],
    ]);
    expect(asked.at(-1)?.conversation?.turns.map(({ question: said }) => said)).toEqual(['is it healthy?']);
    expect(workspace.thread('incidents', question.ts).map(({ text }) => text)).not.toContain('Ready.');

    ada.mention('incidents', 'thanks', { threadTs: question.ts });
    await workspace.waitForReply(question, ({ text }) => text === 'Ready.');
  });

  it('a mention that is edited later is answered once', async () => {
    const { workspace, asked } = await bench({ answer: () => answer('heard') });
    const question = workspace.user('ada').mention('incidents', 'help');
    await workspace.waitForReply(question);
    workspace.user('ada').edit(question, `<@${workspace.settings.app.botUserId}> help!`);
    await workspace.waitFor(() => workspace.deliveries.every(({ finished }) => finished));
    expect(asked).toHaveLength(1);
  });
});

describe('places where no answer belongs', () => {
  it('a command in a channel that the bot is not in says how to invite it, privately', async () => {
    const { workspace, asked } = await bench({ answer: () => report() });
    await workspace.user('ada').slash('/dbcheck', 'is orders-prod healthy?', 'random');
    const told = await workspace.waitForEphemeral('ada', ({ text }) => text.includes('not in this channel'));
    expect(told.text).toContain('/invite @dbcheck');
    expect(asked).toHaveLength(0);
  });

  it('a command without a question gets examples, privately', async () => {
    const { workspace, asked } = await bench({ answer: () => report() });
    await workspace.user('ada').slash('/dbcheck', '   ', 'incidents');
    const told = await workspace.waitForEphemeral('ada');
    expect(told.text).toContain('/dbcheck why is orders-prod slow?');
    expect(workspace.messages('incidents')).toHaveLength(0);
    expect(asked).toHaveLength(0);
  });

  it.each(['mention', 'command'] as const)(
    'a %s in a channel shared with another company is refused privately',
    async (way) => {
      const { workspace, asked } = await bench({ answer: () => report() });
      const ada = workspace.user('ada');
      if (way === 'mention') ada.mention('partner-shared', 'is orders-prod healthy?');
      else await ada.slash('/dbcheck', 'is orders-prod healthy?', 'partner-shared');
      const told = await workspace.waitForEphemeral('ada', ({ text }) =>
        text.includes('shared with other organisations'),
      );
      expect(told.channel).toBe(workspace.channel('partner-shared').id);
      expect(asked).toHaveLength(0);
    },
  );
});

describe('bad input', () => {
  it('malformed events and interactions are acknowledged or dropped, and the bot goes on', async () => {
    const { workspace, asked } = await bench({
      answer: () => answer('still here'),
      workspace: { ackTimeoutMs: 300, retryDelaysMs: [] },
    });
    const events = [
      {},
      { type: 'app_mention' },
      { type: 'app_mention', channel: 'C0INCIDENT', user: 'U0ADA00001', ts: '1.2', text: 42 },
      { type: 'message', channel: 'C0INCIDENT', user: 'U0ADA00001', ts: '1.3', thread_ts: {}, text: null },
      { type: 'message', channel_type: 'im', channel: 7, user: [], ts: 9 },
      { type: 'agent_session_stopped' },
    ];
    const interactions = [
      { type: 'block_actions' },
      { type: 'block_actions', actions: [{ action_id: 'dbcheck:details' }] },
      {
        type: 'block_actions',
        actions: [{ type: 'button', action_id: 'dbcheck:recheck', value: '../../etc' }],
        user: {},
      },
      { type: 'nonsense' },
    ];
    for (const event of events) await workspace.sendEvent(event);
    for (const interaction of interactions) await workspace.sendInteraction(interaction);

    const question = workspace.user('ada').mention('incidents', 'help');
    await workspace.waitForReply(question, ({ text }) => text === 'still here');
    expect(asked.map(({ text }) => text)).toEqual(['help']);
  });

  it.each([
    ['40,000 characters', 'x'.repeat(40_000)],
    ['emoji and text from right to left', '🐘 ما الذي يبطئ orders-prod؟'],
    ['SQL', "SELECT * FROM t WHERE a = 'x'; DROP TABLE users; --"],
    ['nothing but the mention', ''],
  ])('a question of %s reaches the orchestrator as it was meant', async (_, text) => {
    const { workspace, asked } = await bench({ answer: () => answer('taken') });
    const question = workspace.user('ada').mention('incidents', text);
    await workspace.waitForReply(question, (message) => message.text === 'taken');
    expect(asked[0]?.text).toBe(text);
  });

  it('a turn that fails says one sentence with the code, and neither stack nor credential', async () => {
    const { workspace } = await bench({
      answer: () => {
        throw new Error('connect failed for mysql://dbcheck:hunter2@10.0.0.1 <!channel>');
      },
    });
    const question = workspace.user('ada').mention('incidents', 'is orders-prod healthy?');
    const said = await workspace.waitForReply(question, ({ text }) => text.includes('(internal)'));
    expect(said.text).not.toMatch(/hunter2|at .*\.ts|<!channel>/);
  });
});

it('a time of the day is handed on with the time zone of whoever asks', async () => {
  const { workspace, asked } = await bench({ answer: ({ text }) => answer(`heard: ${text}`) });
  const ada = workspace.user('ada');
  await workspace.waitForReply(ada.mention('incidents', 'what changed on orders-prod since the deploy at 15:00?'));
  await workspace.waitForReply(ada.mention('incidents', 'is orders-prod healthy?'));
  expect(asked.map(({ zone }) => zone)).toEqual(['Europe/Berlin', undefined]);
});
