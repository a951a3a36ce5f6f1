import { afterEach, describe, expect, it } from 'vitest';
import { report } from '../support/reports.ts';
import { type BenchOptions, type SlackBench, startSlackBench } from '../support/slack-bench.ts';

let bench: SlackBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function start(options: Partial<BenchOptions> = {}): Promise<SlackBench> {
  bench = await startSlackBench({ answer: () => report(), ...options });
  return bench;
}

const isReport = ({ text }: { readonly text: string }) => text.includes('🔴 Critical');
const alert = {
  text: '',
  attachments: [{ title: '[FIRING] HighLatency on orders-prod', text: 'p99 is 4 s since 03:00 <!channel>' }],
};

describe('what others wrote in a thread', () => {
  it('comes with the question: an alert card and colleagues, without our own posts and the questions to us', async () => {
    const { workspace, asked } = await start();
    const card = workspace.bot('alertmanager').post('incidents', alert);
    workspace.user('ben').message('incidents', 'checkout times out too', { threadTs: card.ts });
    await workspace.waitFor(() => workspace.deliveries.every(({ finished }) => finished));
    const ada = workspace.user('ada');
    ada.mention('incidents', 'what is this?', { threadTs: card.ts });
    await workspace.waitForReply(card, isReport);
    expect(asked[0]?.quoted).toEqual([
      { by: 'bot', text: expect.stringMatching(/p99 is 4 s since 03:00[\s\S]*HighLatency on orders-prod/) },
      { by: 'person', text: 'checkout times out too' },
    ]);

    ada.reply(card, 'tell me more about 1');
    await workspace.waitFor(() => asked.length === 2 || undefined);
    expect(asked[1]?.quoted?.map(({ text }) => text)).toEqual(asked[0]?.quoted?.map(({ text }) => text));
  });

  it('is not looked for in a thread that the question itself opened', async () => {
    const { workspace, asked } = await start();
    const question = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    await workspace.waitForReply(question, isReport);
    expect(asked[0]).not.toHaveProperty('quoted');
    expect(workspace.calls('conversations.replies')).toEqual([]);
  });

  it('is missed without harm where Slack does not let us read', async () => {
    const { workspace, asked } = await start();
    const card = workspace.bot('alertmanager').post('incidents', alert);
    workspace.trouble.fail('conversations.replies', 'internal_error');
    workspace.user('ada').mention('incidents', 'what is this?', { threadTs: card.ts });
    await workspace.waitForReply(card, isReport);
    expect(asked[0]).not.toHaveProperty('quoted');
  });
});
