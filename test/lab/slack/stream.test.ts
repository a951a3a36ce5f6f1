import { WebAPIPlatformError, WebClient } from '@slack/web-api';
import { afterEach, describe, expect, it } from 'vitest';
import { renderThread } from '../../../lab/slack/render/thread.ts';
import { startWorkspace, type Workspace } from '../../../lab/slack/workspace.ts';
import { type Bench, silent, startBolt, type TransportName } from './bolt-app.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: Parameters<typeof startWorkspace>[0] = {}) {
  const workspace = await startWorkspace(options);
  closers.push(workspace.close);
  const { apiUrl: slackApiUrl, settings } = workspace;
  const client = new WebClient(settings.botToken, { slackApiUrl, retryConfig: { retries: 0 }, logger: silent });
  const question = workspace.user('ada').mention('incidents', 'slow?');
  const place = { channel: question.channel, thread_ts: question.ts };
  const recipient = { recipient_user_id: 'U0ADA00001', recipient_team_id: 'T0LAB0001' };
  return { workspace, client, question, place, recipient };
}

async function refusedWith(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => new Error('the call was accepted'),
    (reason: unknown) => reason,
  );
  if (error instanceof WebAPIPlatformError) return error.data.error;
  throw error;
}

describe('a stream', () => {
  it('shows a plan whose tasks change, then text, then blocks', async () => {
    const { workspace, client, question, place, recipient } = await start();
    const streamer = client.chatStream({ ...place, ...recipient, task_display_mode: 'plan' });
    await streamer.append({
      chunks: [
        { type: 'plan_update', title: 'Checking orders-prod' },
        { type: 'task_update', id: 'locks', title: 'Locks', status: 'in_progress' },
        { type: 'task_update', id: 'slow', title: 'Slow queries', status: 'pending' },
      ],
    });
    await streamer.append({
      chunks: [{ type: 'task_update', id: 'locks', title: 'Locks', status: 'complete', output: '14 waiters' }],
    });
    const during = workspace.message({ channel: question.channel, ts: streamer.ts! })!;
    expect(during.stream?.state).toBe('streaming');
    await streamer.stop({ markdown_text: 'One root blocker.', blocks: [{ type: 'divider' }] });

    const after = workspace.message(during)!;
    expect(after.stream?.state).toBe('stopped');
    expect(after.blocks.map((block) => block['type'])).toEqual(['plan', 'markdown', 'divider']);
    const [, shown = ''] = renderThread(workspace, 'incidents', question.ts).split('dbcheck  ');
    expect(shown.split('\n').slice(1)).toEqual([
      '  Checking orders-prod',
      '    ✓ Locks — 14 waiters',
      '    ○ Slow queries',
      '  One root blocker.',
      '  ────────',
    ]);
    workspace.assertNoViolations();
  });

  it('needs to know its reader in a channel but not in direct messages', async () => {
    const { workspace, client, place } = await start();
    expect(await refusedWith(client.chat.startStream(place))).toBe('missing_recipient_user_id');
    expect(await refusedWith(client.chat.startStream({ ...place, recipient_user_id: 'U0ADA00001' }))).toBe(
      'missing_recipient_team_id',
    );
    const direct = workspace.user('ada').direct('hi');
    expect(await client.chat.startStream({ channel: direct.channel, thread_ts: direct.ts })).toMatchObject({
      ok: true,
    });
  });

  it('refuses chunks that Slack does not know, and long task texts', async () => {
    const { client, place, recipient } = await start();
    // Past the types of the SDK, which would not let such chunks through.
    const send = (chunk: object) =>
      refusedWith(client.apiCall('chat.startStream', { ...place, ...recipient, chunks: [chunk] }));
    expect(await send({ type: 'image' })).toBe('invalid_chunks');
    expect(await send({ type: 'task_update', id: 'a', title: 'A', status: 'completed' })).toBe('invalid_chunks');
    expect(await send({ type: 'task_update', id: 'a', title: 'x'.repeat(257), status: 'pending' })).toBe(
      'invalid_chunks',
    );
    expect(await send({ type: 'blocks', blocks: [{ type: 'nope' }] })).toBe('invalid_blocks');
  });

  it('cannot be updated or deleted while it runs, and can be updated after it expired', async () => {
    const { workspace, client, place, recipient } = await start();
    const { ts } = await client.chat.startStream({ ...place, ...recipient, markdown_text: 'working' });
    const message = { channel: place.channel, ts: ts! };
    expect(await refusedWith(client.chat.update({ ...message, text: 'x' }))).toBe('streaming_state_conflict');
    expect(await refusedWith(client.chat.delete(message))).toBe('cant_delete_message');
    workspace.trouble.expireStreams();
    expect(await refusedWith(client.chat.appendStream({ ...message, markdown_text: 'more' }))).toBe(
      'message_not_in_streaming_state',
    );
    expect(await refusedWith(client.chat.stopStream(message))).toBe('message_not_in_streaming_state');
    await client.chat.update({ ...message, text: 'finished by update' });
    expect(workspace.message(message)).toMatchObject({ text: 'finished by update', stream: undefined });
  });

  it('expires by itself when its time is up', async () => {
    const { client, place, recipient } = await start({ streamLifetimeMs: 0 });
    const { ts } = await client.chat.startStream({ ...place, ...recipient, markdown_text: 'working' });
    const more = client.chat.appendStream({ channel: place.channel, ts: ts!, markdown_text: 'more' });
    expect(await refusedWith(more)).toBe('message_not_in_streaming_state');
  });
});

describe.each<TransportName>(['socket', 'http'])('the Stop button over %s', (transport) => {
  async function stoppable(options: Parameters<typeof startBolt>[2] = {}): Promise<Bench> {
    const bench = await startBolt(
      transport,
      (app) => {
        app.event('app_mention', async ({ event, client }) => {
          const thread = { channel_id: event.channel, thread_ts: event.ts };
          await client.agents.sessions.setStatus({ ...thread, status: 'processing', title: 'orders-prod' });
          await client.assistant.threads.setStatus({ ...thread, status: 'is reading locks' });
          await client.chat.startStream({
            channel: event.channel,
            thread_ts: event.ts,
            recipient_user_id: event.user!,
            recipient_team_id: 'T0LAB0001',
            markdown_text: 'working',
          });
        });
        app.event('agent_session_stopped', async ({ event, client }) => {
          const append = client.chat.appendStream({
            channel: event.channel,
            ts: event.streaming_message_ts[0]!,
            markdown_text: 'more',
          });
          const error = await append.catch((reason: { data: { error: string } }) => reason.data.error);
          await client.agents.sessions.setStatus({
            channel_id: event.channel,
            thread_ts: event.thread_ts,
            status: 'active',
          });
          await client.chat.postMessage({
            channel: event.channel,
            thread_ts: event.thread_ts,
            text: `stopped: ${error}`,
          });
        });
      },
      options,
    );
    closers.push(bench.close);
    return bench;
  }

  const streaming = (workspace: Workspace, question: { channel: string; ts: string }) =>
    workspace.waitForReply(question, (message) => message.stream?.state === 'streaming');

  it('ends the stream, tells the app, and leaves the status to it', async () => {
    const { workspace } = await stoppable();
    const ada = workspace.user('ada');
    const question = ada.mention('incidents', 'slow?');
    await streaming(workspace, question);
    expect(workspace.session(question)).toMatchObject({ status: 'processing', title: 'orders-prod' });

    await ada.stopSession(question);
    const reply = await workspace.waitForReply(question, (message) => message.text.startsWith('stopped'));
    expect(reply.text).toBe('stopped: stopped_by_user');
    expect(workspace.session(question)).toMatchObject({ status: 'active', statusText: '' });
    await expect(ada.stopSession(question)).rejects.toThrow('no Stop button');
  });

  it('is missed with a warning when the app did not subscribe', async () => {
    const { workspace } = await stoppable({ events: ['app_mention'] });
    const question = workspace.user('ada').mention('incidents', 'slow?');
    await streaming(workspace, question);
    const [call] = workspace.calls('agents.sessions.setStatus');
    expect(call?.response['warning']).toBe('missing_agent_session_stopped_event_subscription');
  });
});

describe('the status line of a thread', () => {
  it('lasts until the next message of the bot', async () => {
    const { workspace, client, place, question } = await start();
    await client.assistant.threads.setStatus({
      channel_id: place.channel,
      thread_ts: place.thread_ts,
      status: 'is looking',
    });
    expect(workspace.session(question)?.statusText).toBe('is looking');
    await client.chat.postMessage({ ...place, text: 'found it' });
    expect(workspace.session(question)?.statusText).toBe('');
  });
});
