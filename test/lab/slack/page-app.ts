import type { App } from '@slack/bolt';
import type { JsonObject } from '../../../lab/slack/nouns.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const raw = (text: string) => ({ type: 'raw_text', text });
const number = (value: number) => ({ type: 'raw_number', value, text: String(value) });

/** A report with every kind of block that a person can use or that the page draws by itself. */
const reportBlocks: readonly JsonObject[] = [
  { type: 'header', text: plain('orders-prod is critical') },
  {
    type: 'section',
    text: {
      type: 'mrkdwn',
      text: '*Thread 8412 blocks 14 sessions* on `shop.orders`. &lt;script&gt;alert(1)&lt;/script&gt;',
    },
    accessory: { type: 'button', action_id: 'details', text: plain('Details') },
  },
  {
    type: 'data_table',
    caption: 'Who waits for whom',
    page_size: 3,
    rows: [
      ['thread', 'waited s'].map(raw),
      ...[305, 312, 12, 99, 4].map((waited, index) => [raw(`thread-${index}`), number(waited)]),
    ],
  },
  {
    type: 'data_visualization',
    title: 'Threads running',
    chart: {
      type: 'line',
      axis_config: { categories: ['14:00', '14:01'] },
      series: [
        {
          name: 'running',
          data: [
            { label: '14:00', value: 3 },
            { label: '14:01', value: 17 },
          ],
        },
      ],
    },
  },
  {
    type: 'actions',
    elements: [
      {
        type: 'button',
        action_id: 'kill',
        style: 'danger',
        text: plain('Kill query 8412'),
        value: 'run-1',
        confirm: {
          title: plain('Kill?'),
          text: plain('Rolls back 3 rows.'),
          confirm: plain('Kill it'),
          deny: plain('No'),
        },
      },
      { type: 'external_select', action_id: 'target', placeholder: plain('Target'), min_query_length: 0 },
    ],
  },
];

/** An app that does a little of everything, for a person in front of the page. */
export function registerPageApp(app: App): void {
  app.event('app_mention', async ({ event, client }) => {
    const thread = { channel: event.channel, thread_ts: event.thread_ts ?? event.ts };
    await client.agents.sessions.setStatus({
      channel_id: thread.channel,
      thread_ts: thread.thread_ts,
      status: 'processing',
    });
    const blocks = reportBlocks.map((block) => ({ ...block, type: String(block['type']) }));
    await client.chat.postMessage({ ...thread, text: 'orders-prod is critical', blocks });
  });
  app.event('agent_session_stopped', async ({ event, client }) => {
    await client.agents.sessions.setStatus({ channel_id: event.channel, thread_ts: event.thread_ts, status: 'active' });
    await client.chat.postMessage({
      channel: event.channel,
      thread_ts: event.thread_ts,
      text: 'stopped as you wished',
    });
  });
  app.command('/dbcheck', async ({ ack, respond }) => {
    await ack();
    await respond('here is what I can do');
  });
  app.options('target', async ({ ack, options }) => {
    const names = ['orders-prod', 'billing-prod'].filter((name) => name.includes(options.value));
    await ack({ options: names.map((name) => ({ text: plain(name), value: name })) });
  });
  app.action('target', async ({ ack, action, client, body }) => {
    await ack();
    if (body.type !== 'block_actions' || action.type !== 'external_select') return;
    const thread = { channel: body.channel!.id, thread_ts: body.message!['thread_ts'] as string };
    await client.chat.postMessage({ ...thread, text: `going on with ${action.selected_option!.value}` });
  });
  app.action('kill', async ({ ack, client, body }) => {
    await ack();
    if (body.type !== 'block_actions') return;
    await client.views.open({
      trigger_id: body.trigger_id,
      view: {
        type: 'modal',
        callback_id: 'kill',
        private_metadata: JSON.stringify({ channel: body.channel?.id, thread_ts: body.message?.['thread_ts'] }),
        title: plain('Kill query'),
        submit: plain('Kill'),
        blocks: [
          {
            type: 'input',
            block_id: 'why',
            label: plain('Reason'),
            element: { type: 'plain_text_input', action_id: 'text' },
          },
        ],
      },
    });
  });
  app.view('kill', async ({ ack, view, client, body }) => {
    const why = view.state.values['why']?.['text']?.value ?? '';
    if (why.length < 5) return ack({ response_action: 'errors', errors: { why: 'Say more than that' } });
    await ack();
    const place = JSON.parse(view.private_metadata) as { channel: string; thread_ts: string };
    await client.chat.postMessage({ ...place, text: `killed by <@${body.user.id}>: ${why}` });
  });
  app.event('app_home_opened', async ({ event, client }) => {
    if (event.tab !== 'home') return;
    const blocks = [{ type: 'header' as const, text: plain('My targets') }];
    await client.views.publish({ user_id: event.user, view: { type: 'home', blocks } });
  });
  app.shortcut('check_alert', async ({ ack, shortcut, client }) => {
    await ack();
    if (shortcut.type !== 'message_action') return;
    await client.chat.postMessage({
      channel: shortcut.channel.id,
      thread_ts: shortcut.message_ts,
      text: 'checking this alert',
    });
  });
}
