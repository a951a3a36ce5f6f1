import type { App } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, silent, startBolt } from './bolt-app.ts';

let bench: Bench;
afterEach(() => bench.close());

const plain = (text: string) => ({ type: 'plain_text' as const, text });

function modal(extra: object = {}) {
  return { type: 'modal' as const, title: plain('Check'), blocks: [{ type: 'divider' as const }], ...extra };
}

/** A command that opens a modal; the test gives its listeners. */
async function start(register: (app: App) => void, view: object = modal()): Promise<Bench> {
  bench = await startBolt('socket', (app) => {
    app.command('/dbcheck', async ({ ack, client, body }) => {
      await ack();
      await client.views.open({ trigger_id: body.trigger_id, view: view as ReturnType<typeof modal> });
    });
    register(app);
  });
  return bench;
}

describe('a modal', () => {
  it('keeps what was chosen, knows initial values, and sends both with the submission', async () => {
    const values: unknown[] = [];
    const option = (value: string) => ({ text: plain(value), value });
    const blocks = [
      {
        type: 'input',
        block_id: 'target',
        dispatch_action: true,
        label: plain('Target'),
        element: { type: 'static_select', action_id: 'choose', options: [option('orders'), option('billing')] },
      },
      {
        type: 'input',
        block_id: 'agents',
        label: plain('Agents'),
        element: {
          type: 'checkboxes',
          action_id: 'tick',
          options: [option('locks'), option('slow')],
          initial_options: [option('slow')],
        },
      },
      {
        type: 'input',
        block_id: 'note',
        optional: true,
        label: plain('Note'),
        element: { type: 'plain_text_input', action_id: 'text' },
      },
    ];
    await start(
      (app) => {
        app.action('choose', async ({ ack }) => ack());
        app.view('', async ({ ack, view }) => {
          await ack();
          values.push(view.state.values);
        });
      },
      modal({ submit: plain('Go'), blocks }),
    );
    const ada = bench.workspace.user('ada');
    await ada.slash('/dbcheck', '', 'dba');
    const view = await bench.workspace.waitForModal('ada');
    await expect(ada.submit(view)).rejects.toThrow('"Target" is required');
    await ada.choose(view, 'Target', 'billing');
    await ada.submit(view);
    expect(values).toMatchObject([
      {
        target: { choose: { type: 'static_select', selected_option: option('billing') } },
        agents: { tick: { type: 'checkboxes', selected_options: [option('slow')] } },
        note: { text: { type: 'plain_text_input', value: null } },
      },
    ]);
    bench.workspace.assertNoViolations();
  });

  it('is updated, pushed and cleared by the answer to its submission', async () => {
    const answers = [
      { response_action: 'update' as const, view: modal({ submit: plain('Next'), callback_id: 'second' }) },
      { response_action: 'push' as const, view: modal({ submit: plain('Last'), callback_id: 'third' }) },
      { response_action: 'clear' as const },
    ];
    await start(
      (app) => {
        app.view(/.*/, async ({ ack }) => ack(answers.shift()!));
      },
      modal({ submit: plain('Go'), callback_id: 'first' }),
    );
    const ada = bench.workspace.user('ada');
    await ada.slash('/dbcheck', '', 'dba');
    const first = await bench.workspace.waitForModal('ada');
    const second = (await ada.submit(first)).view!;
    expect([second.id, second.callbackId]).toEqual([first.id, 'second']);
    const third = (await ada.submit(second)).view!;
    expect(third).toMatchObject({ callbackId: 'third', rootId: first.id, previousId: first.id });
    expect(bench.workspace.views('ada')).toHaveLength(2);
    expect((await ada.submit(third)).view).toBeUndefined();
    expect(bench.workspace.views('ada')).toEqual([]);
    bench.workspace.assertNoViolations();
  });

  it('is pushed on another one by the app, at most three deep', async () => {
    const errors: string[] = [];
    const button = { type: 'button' as const, action_id: 'more', text: plain('More') };
    const deeper = modal({ blocks: [{ type: 'actions', elements: [button] }] });
    await start((app) => {
      app.action('more', async ({ ack, client, body }) => {
        await ack();
        if (body.type !== 'block_actions') return;
        const pushing = client.views.push({ trigger_id: body.trigger_id, view: deeper as ReturnType<typeof modal> });
        await pushing.catch((error: { data: { error: string } }) => errors.push(error.data.error));
      });
    }, deeper);
    const ada = bench.workspace.user('ada');
    await ada.slash('/dbcheck', '', 'dba');
    for (const depth of [1, 2, 3]) {
      await bench.workspace.waitFor(() => bench.workspace.views('ada').length === depth);
      await ada.click(bench.workspace.views('ada').at(-1)!, 'More');
    }
    await bench.workspace.waitFor(() => errors.length === 1);
    expect(errors).toEqual(['push_limit_reached']);
    await ada.close(bench.workspace.views('ada').at(-1)!);
    expect(bench.workspace.views('ada')).toHaveLength(2);
  });

  it('tells the app when it is closed, if the app asked', async () => {
    const closed: unknown[] = [];
    await start(
      (app) => {
        app.view({ type: 'view_closed', callback_id: 'kill' }, async ({ ack, body }) => {
          await ack();
          closed.push(body.type === 'view_closed' && body.is_cleared);
        });
      },
      modal({ callback_id: 'kill', notify_on_close: true }),
    );
    await bench.workspace.user('ada').slash('/dbcheck', '', 'dba');
    await bench.workspace.user('ada').close(await bench.workspace.waitForModal('ada'));
    expect(closed).toEqual([false]);
    expect(bench.workspace.views('ada')).toEqual([]);
  });

  it('opens once per trigger, soon enough, and only three deep', async () => {
    const errors: string[] = [];
    bench = await startBolt(
      'socket',
      (app) => {
        app.command('/dbcheck', async ({ ack, client, body }) => {
          await ack();
          const open = (trigger: string, view: object = modal()) =>
            client.views
              .open({ trigger_id: trigger, view: view as ReturnType<typeof modal> })
              .then(() => errors.push('opened'))
              .catch((error: { data: { error: string } }) => errors.push(error.data.error));
          await open('1.2.3');
          await open(body.trigger_id, modal({ title: plain('x'.repeat(25)) }));
          await open(body.trigger_id);
          await open(body.trigger_id);
        });
      },
      {},
    );
    await bench.workspace.user('ada').slash('/dbcheck', '', 'dba');
    await bench.workspace.waitFor(() => errors.length === 4);
    expect(errors).toEqual(['invalid_trigger_id', 'invalid_arguments', 'opened', 'exchanged_trigger_id']);
  });

  it('does not open when the trigger is too old', async () => {
    const errors: string[] = [];
    bench = await startBolt(
      'socket',
      (app) => {
        app.command('/dbcheck', async ({ ack, client, body }) => {
          await ack();
          const opening = client.views.open({ trigger_id: body.trigger_id, view: modal() });
          await opening.catch((error: { data: { error: string } }) => errors.push(error.data.error));
        });
      },
      { triggerLifetimeMs: -1 },
    );
    await bench.workspace.user('ada').slash('/dbcheck', '', 'dba');
    await bench.workspace.waitFor(() => errors.length === 1);
    expect(errors).toEqual(['expired_trigger_id']);
  });
});

describe('a button', () => {
  it('carries its value, a forged one, or nothing when the person declines', async () => {
    const values: unknown[] = [];
    bench = await startBolt('socket', (app) => {
      app.action('kill', async ({ ack, action }) => {
        await ack();
        values.push(action.type === 'button' && action.value);
      });
    });
    const { workspace } = bench;
    const client = new WebClient(workspace.settings.botToken, { slackApiUrl: workspace.apiUrl, logger: silent });
    const confirm = { title: plain('Sure?'), text: plain('Really?'), confirm: plain('Yes'), deny: plain('No') };
    const { ts } = await client.chat.postMessage({
      channel: 'C0DBA00001',
      text: 'Kill?',
      blocks: [
        {
          type: 'actions',
          elements: [{ type: 'button', action_id: 'kill', text: plain('Kill'), value: 'run-1', confirm }],
        },
      ],
    });
    const offer = workspace.message({ channel: 'C0DBA00001', ts: ts! })!;
    const ben = workspace.user('ben');
    expect(await ben.click(offer, 'Kill', { confirm: false })).toBeUndefined();
    await ben.click(offer, 'Kill');
    await client.chat.update({ channel: offer.channel, ts: offer.ts, text: 'gone' });
    await expect(ben.click(workspace.message(offer)!, 'Kill')).rejects.toThrow(
      'nothing to click is named "Kill"; there is nothing',
    );
    await ben.click(offer, 'Kill', { value: 'run-2' });
    expect(values).toEqual(['run-1', 'run-2']);
  });
});
