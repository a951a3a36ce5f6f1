import { afterEach, describe, expect, it } from 'vitest';
import { renderThread } from '../../../lab/slack/render/thread.ts';
import { type Bench, startBolt, type TransportName } from './bolt-app.ts';

const open: Bench[] = [];
afterEach(async () => {
  for (const bench of open.splice(0)) await bench.close();
});

async function bolt(...args: Parameters<typeof startBolt>): Promise<Bench> {
  const bench = await startBolt(...args);
  open.push(bench);
  return bench;
}

describe.each<TransportName>(['socket', 'http'])('an unmodified Bolt app over %s', (transport) => {
  it('hears a mention as app_mention and as message, and answers in the thread', async () => {
    const heard: string[] = [];
    const { workspace } = await bolt(transport, (app) => {
      app.event('app_mention', async ({ event, say }) => {
        heard.push(event.type);
        await say({ text: `you said: ${event.text}`, thread_ts: event.thread_ts ?? event.ts });
      });
      app.message(async ({ message }) => {
        heard.push(`${message.type}.${message.channel_type}`);
      });
    });

    const question = workspace.user('ada').mention('incidents', 'why is orders-prod < slow?');
    const reply = await workspace.waitForReply(question);
    await workspace.waitFor(() => heard.length === 2);

    expect(reply.text).toBe('you said: <@U0BOT00001> why is orders-prod &lt; slow?');
    expect(heard.sort()).toEqual(['app_mention', 'message.channel']);
    expect(renderThread(workspace, 'incidents', question.ts)).toMatch(
      /^ada {2}\d\d:\d\d:\d\d\n {2}@dbcheck why is orders-prod < slow\?\n\ndbcheck {2}\d\d:\d\d:\d\d\n/,
    );
    workspace.assertNoViolations();
  });

  it('answers a slash command privately by response_url at most five times', async () => {
    const failures: unknown[] = [];
    const { workspace } = await bolt(transport, (app) => {
      app.command('/dbcheck', async ({ ack, respond, command }) => {
        await ack({ text: `checking ${command.text}` });
        for (let use = 1; use <= 6; use += 1) await respond(`answer ${use}`).catch((error) => failures.push(error));
      });
    });

    const delivery = await workspace.user('ben').slash('/dbcheck', 'orders-prod', '#dba');
    await workspace.waitFor(() => failures.length === 1);

    expect(delivery.acknowledged?.afterMs).toBeLessThan(500);
    const texts = workspace.ephemerals('ben').map((message) => message.text);
    expect(texts).toHaveLength(6);
    expect(new Set(texts)).toEqual(new Set(['checking orders-prod', ...[1, 2, 3, 4, 5].map((use) => `answer ${use}`)]));
    expect(failures[0]).toMatchObject({ statusCode: 404 });
    expect(workspace.ephemerals('ada')).toEqual([]);
  });

  it('carries a click to a modal and its submission back, with errors first', async () => {
    const { workspace } = await bolt(transport, (app) => {
      app.event('app_mention', async ({ event, say }) => {
        await say({
          thread_ts: event.ts,
          text: 'Kill query 4711?',
          blocks: [
            {
              type: 'actions',
              elements: [
                {
                  type: 'button',
                  action_id: 'dbcheck:kill',
                  text: { type: 'plain_text', text: 'Kill query 4711' },
                  value: 'run-1',
                  style: 'danger',
                },
              ],
            },
          ],
        });
      });
      app.action('dbcheck:kill', async ({ ack, body, client, action }) => {
        await ack();
        if (body.type !== 'block_actions' || action.type !== 'button') return;
        await client.views.open({
          trigger_id: body.trigger_id,
          view: {
            type: 'modal',
            callback_id: 'kill',
            private_metadata: JSON.stringify({ run: action.value, channel: body.channel?.id, ts: body.message?.ts }),
            title: { type: 'plain_text', text: 'Kill query' },
            submit: { type: 'plain_text', text: 'Kill' },
            blocks: [
              {
                type: 'input',
                block_id: 'confirm',
                label: { type: 'plain_text', text: 'Type the thread id' },
                element: { type: 'plain_text_input', action_id: 'thread' },
              },
            ],
          },
        });
      });
      app.view('kill', async ({ ack, view, client, body }) => {
        const typed = view.state.values['confirm']?.['thread']?.value;
        if (typed !== '4711') return ack({ response_action: 'errors', errors: { confirm: 'Not that thread' } });
        await ack();
        const { channel, ts } = JSON.parse(view.private_metadata) as { channel: string; ts: string };
        await client.chat.update({ channel, ts, text: `killed by <@${body.user.id}>` });
      });
    });
    const ada = workspace.user('ada');

    const offer = await workspace.waitForReply(ada.mention('incidents', 'who blocks?'));
    await ada.click(offer, 'Kill query 4711');
    const modal = await workspace.waitForModal('ada');
    await expect(ada.submit(modal)).rejects.toThrow('"Type the thread id" is required');
    const refused = await ada.submit(modal, { thread: '12' });
    expect(refused.errors).toEqual({ confirm: 'Not that thread' });
    const accepted = await ada.submit(modal, { 'Type the thread id': '4711' });

    expect(accepted.view).toBeUndefined();
    const after = await workspace.waitFor(() => {
      const message = workspace.message(offer);
      return message?.text.startsWith('killed') && message;
    });
    expect(after.text).toBe('killed by <@U0ADA00001>');
    expect(after.blocks).toEqual([]);
    expect(after.revisions).toHaveLength(2);
    expect(workspace.views('ada')).toEqual([]);
    // The update says nothing in blocks, so people see it as edited.
    expect(after.edited).toBe(true);
  });

  it('offers options of the app in an external select', async () => {
    const { workspace } = await bolt(transport, (app) => {
      app.command('/dbcheck', async ({ ack, client, body }) => {
        await ack();
        await client.chat.postMessage({
          channel: body.channel_id,
          text: 'Which server?',
          blocks: [
            {
              type: 'section',
              text: { type: 'mrkdwn', text: 'Which server?' },
              accessory: {
                type: 'external_select',
                action_id: 'dbcheck:target',
                placeholder: { type: 'plain_text', text: 'Target' },
                min_query_length: 0,
              },
            },
          ],
        });
      });
      app.options('dbcheck:target', async ({ ack, options }) => {
        const names = ['orders-prod', 'billing-prod'].filter((name) => name.includes(options.value));
        await ack({ options: names.map((name) => ({ text: { type: 'plain_text', text: name }, value: name })) });
      });
      app.action('dbcheck:target', async ({ ack, action, client, body }) => {
        await ack();
        if (action.type !== 'external_select' || body.type !== 'block_actions') return;
        await client.chat.postMessage({
          channel: body.channel?.id ?? '',
          thread_ts: body.message?.ts ?? '',
          text: `chosen ${action.selected_option?.value}`,
        });
      });
    });
    const ben = workspace.user('ben');

    await ben.slash('/dbcheck', '', 'dba');
    const question = await workspace.waitFor(() => workspace.messages('dba').at(-1));
    expect(await ben.suggest(question, 'Target', 'bill')).toEqual([{ text: 'billing-prod', value: 'billing-prod' }]);
    await ben.choose(question, 'Target', 'billing-prod');

    const reply = await workspace.waitForReply(question);
    expect(reply.text).toBe('chosen billing-prod');
    workspace.assertNoViolations();
  });

  it('brings shortcuts, the home tab, workflow steps and direct messages', async () => {
    const { workspace } = await bolt(transport, (app) => {
      app.shortcut('check_alert', async ({ ack, shortcut, client }) => {
        await ack();
        if (shortcut.type !== 'message_action') return;
        await client.chat.postMessage({
          channel: shortcut.channel.id,
          thread_ts: shortcut.message.ts,
          text: `about: ${shortcut.message['attachments']?.[0]?.title}`,
        });
      });
      app.event('app_home_opened', async ({ event, client }) => {
        if (event.tab !== 'home') return;
        await client.views.publish({
          user_id: event.user,
          view: { type: 'home', blocks: [{ type: 'header', text: { type: 'plain_text', text: 'My targets' } }] },
        });
      });
      app.function('health_check', async ({ complete, inputs }) => {
        await complete({ outputs: { verdict: `healthy ${String(inputs['target'])}` } });
      });
      app.message(async ({ message, say }) => {
        if (message.channel_type === 'im' && message.subtype === undefined) await say('hello');
      });
    });
    const cleo = workspace.user('cleo');

    const alert = workspace.bot('alertmanager').post('incidents', {
      text: '',
      attachments: [{ title: 'Replication lag on orders-replica-1', text: 'FIRING' }],
    });
    await cleo.shortcut('check_alert', alert);
    expect((await workspace.waitForReply(alert)).text).toBe('about: Replication lag on orders-replica-1');

    await cleo.openHome();
    expect((await workspace.waitForHome('cleo')).source['type']).toBe('home');

    const run = workspace.runStep('health_check', { target: 'orders-prod' });
    const done = await workspace.waitFor(() => {
      const state = workspace.functionRun(run.executionId);
      return state?.outcome === 'completed' && state;
    });
    expect(done.outputs).toEqual({ verdict: 'healthy orders-prod' });

    cleo.direct('hi');
    const direct = workspace.directChannel('cleo').id;
    await workspace.waitFor(() => workspace.messages(direct).some((message) => message.text === 'hello'));
  });
});
