import type { App } from '@slack/bolt';
import { afterEach, describe, expect, it } from 'vitest';
import type { Message } from '../../../lab/slack/nouns.ts';
import { type Bench, startBolt } from './bolt-app.ts';

let bench: Bench;
afterEach(() => bench.close());

const plain = (text: string) => ({ type: 'plain_text' as const, text });

/** Starts an app whose `/dbcheck` offers one button privately, and whose click does what the test says. */
async function offered(register: (app: App) => void): Promise<Message> {
  bench = await startBolt('http', (app) => {
    app.command('/dbcheck', async ({ ack, respond }) => {
      await ack();
      const button = { type: 'button' as const, action_id: 'go', text: plain('Go') };
      await respond({ text: 'Sure?', blocks: [{ type: 'actions', elements: [button] }] });
    });
    register(app);
  });
  await bench.workspace.user('ada').slash('/dbcheck', '', 'dba');
  return bench.workspace.waitForEphemeral('ada', (message) => message.text === 'Sure?');
}

describe('a response_url', () => {
  it('replaces the private message that was clicked', async () => {
    const offer = await offered((app) => {
      app.action('go', async ({ ack, respond }) => {
        await ack();
        await respond({ replace_original: true, text: 'done' });
      });
    });
    await bench.workspace.user('ada').click(offer, 'Go');
    await bench.workspace.waitForEphemeral('ada', (message) => message.text === 'done');
    expect(bench.workspace.ephemerals('ada').map(({ text, ts }) => [text, ts === offer.ts])).toEqual([['done', true]]);
  });

  it('takes the private message away', async () => {
    const offer = await offered((app) => {
      app.action('go', async ({ ack, respond }) => {
        await ack();
        await respond({ delete_original: true });
      });
    });
    await bench.workspace.user('ada').click(offer, 'Go');
    await bench.workspace.waitFor(() => bench.workspace.ephemerals('ada').length === 0);
    expect(bench.workspace.messages('dba')).toEqual([]);
  });

  it('answers in the channel, also where the bot is no member', async () => {
    bench = await startBolt('http', (app) => {
      app.command('/dbcheck', async ({ ack, respond }) => {
        await ack();
        await respond({ response_type: 'in_channel', text: 'invite me first' });
      });
    });
    await bench.workspace.user('ada').slash('/dbcheck', '', 'random');
    await bench.workspace.waitFor(() => bench.workspace.messages('random').length === 1);
    expect(bench.workspace.messages('random')[0]?.text).toBe('invite me first');
  });

  it('refuses blocks that Slack refuses', async () => {
    const failures: unknown[] = [];
    const offer = await offered((app) => {
      app.action('go', async ({ ack, respond }) => {
        await ack();
        const blocks = [{ type: 'section' as const, text: plain('x'.repeat(3_001)) }];
        await respond({ text: 'x', blocks }).catch((error) => failures.push(error));
      });
    });
    await bench.workspace.user('ada').click(offer, 'Go');
    await bench.workspace.waitFor(() => failures.length === 1);
    expect(failures[0]).toMatchObject({ statusCode: 400 });
    expect(() => bench.workspace.assertNoViolations()).toThrow('response_url /blocks/0/text/text');
  });

  it('is unknown when it was never given out', async () => {
    bench = await startBolt('http', () => {});
    const url = `${bench.workspace.origin}/response/T0LAB0001/R9999999999`;
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(404);
  });
});
