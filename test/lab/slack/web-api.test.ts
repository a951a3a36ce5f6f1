import { WebAPIPlatformError, WebAPIRateLimitedError, WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorkspaceOptions } from '../../../lab/slack/options.ts';
import { startWorkspace, type Workspace } from '../../../lab/slack/workspace.ts';
import { silent } from './bolt-app.ts';

let workspace: Workspace;
let client: WebClient;

async function start(options: WorkspaceOptions = {}): Promise<void> {
  workspace = await startWorkspace(options);
  client = clientWith(workspace.settings.botToken);
}

function clientWith(token: string | undefined): WebClient {
  return new WebClient(token, {
    slackApiUrl: workspace.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent,
  });
}

/** Slack's error word and the rest of its refusal. */
async function refusal(call: Promise<unknown>): Promise<Record<string, unknown>> {
  const error = await call.then(
    () => new Error('the call was accepted'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof WebAPIPlatformError)) throw error;
  return { ...error.data };
}

async function refusedWith(call: Promise<unknown>): Promise<unknown> {
  return (await refusal(call))['error'];
}

beforeEach(() => start());
afterEach(() => workspace.close());

describe('the Web API', () => {
  it('tells an app who it is', async () => {
    expect(await client.auth.test()).toMatchObject({ ok: true, user_id: 'U0BOT00001', bot_id: 'B0BOT00001' });
  });

  it('refuses missing, wrong, revoked and misplaced tokens', async () => {
    expect(await refusedWith(clientWith(undefined).auth.test())).toBe('not_authed');
    expect(await refusedWith(clientWith('xoxb-wrong').auth.test())).toBe('invalid_auth');
    expect(await refusedWith(client.apps.connections.open({}))).toBe('not_allowed_token_type');
    workspace.revokeTokens();
    expect(await refusedWith(client.auth.test())).toBe('token_revoked');
  });

  it('refuses a method that it does not know', async () => {
    expect(await refusedWith(client.apiCall('chat.shout'))).toBe('unknown_method');
  });

  it('asks for the scopes of the manifest, by the kind of channel', async () => {
    await workspace.close();
    await start({ scopes: ['chat:write', 'channels:history'] });
    const root = await client.chat.postMessage({ channel: 'C0DBA00001', text: 'x' });
    const inPrivate = await client.chat.postMessage({ channel: 'G0PRIVATE1', text: 'x' });
    await client.conversations.replies({ channel: 'C0DBA00001', ts: root.ts! });

    const missing = await refusal(client.conversations.replies({ channel: 'G0PRIVATE1', ts: inPrivate.ts! }));
    expect(missing).toMatchObject({ error: 'missing_scope', needed: 'groups:history' });
    expect(missing['provided']).toBe('chat:write,channels:history');
  });

  it('refuses channels that are not there, archived, or without the bot', async () => {
    const post = (channel: string) => refusedWith(client.chat.postMessage({ channel, text: 'x' }));
    expect(await post('C0NOWHERE1')).toBe('channel_not_found');
    expect(await post('C0ARCHIVED')).toBe('is_archived');
    expect(await post('C0NOBOT001')).toBe('not_in_channel');
    workspace.removeBot('dba-private');
    expect(await post('G0PRIVATE1')).toBe('channel_not_found');
  });

  it('refuses empty messages, foreign edits and messages that are gone', async () => {
    const theirs = workspace.user('ada').message('dba', 'mine');
    const channel = 'C0DBA00001';
    expect(await refusedWith(client.chat.postMessage({ channel, text: '' }))).toBe('no_text');
    expect(await refusedWith(client.chat.update({ channel, ts: theirs.ts, text: 'x' }))).toBe('cant_update_message');
    expect(await refusedWith(client.chat.delete({ channel, ts: theirs.ts }))).toBe('cant_delete_message');
    expect(await refusedWith(client.chat.update({ channel, ts: '1.000001', text: 'x' }))).toBe('message_not_found');
    const own = await client.chat.postMessage({ channel, text: 'x' });
    expect(await refusedWith(client.chat.update({ channel, ts: own.ts!, text: 'x'.repeat(4_001) }))).toBe(
      'msg_too_long',
    );
    expect(await refusedWith(client.chat.postMessage({ channel, text: 'a', thread_ts: '1.000001' }))).toBe(
      'thread_not_found',
    );
    const both = { channel, text: 'a', markdown_text: 'b' };
    expect(await refusedWith(client.apiCall('chat.postMessage', both))).toBe('markdown_text_conflict');
  });

  it('answers invalid blocks as Slack does and writes them down', async () => {
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3_001) } }];
    const answer = await refusal(client.chat.postMessage({ channel: 'C0DBA00001', text: 'x', blocks }));

    const message = 'must be less than 3001 characters, is 3001 [json-pointer:/blocks/0/text/text]';
    expect(answer).toMatchObject({
      error: 'invalid_blocks',
      errors: [message],
      response_metadata: { messages: [`[ERROR] ${message}`] },
    });
    expect(workspace.messages('dba')).toEqual([]);
    expect(workspace.violations).toMatchObject([{ method: 'chat.postMessage', code: 'too_long', severity: 'refused' }]);
    expect(() => workspace.assertNoViolations()).toThrow('/blocks/0/text/text');
    workspace.clearViolations();
    workspace.assertNoViolations();
  });

  it('has words of its own for messages that are too long and for two tables', async () => {
    const channel = 'C0DBA00001';
    const long = Array.from({ length: 5 }, () => ({
      type: 'section',
      text: { type: 'mrkdwn', text: 'x'.repeat(3_000) },
    }));
    expect(await refusedWith(client.chat.postMessage({ channel, text: 'x', blocks: long }))).toBe(
      'msg_blocks_too_long',
    );
    const table = { type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] };
    const two = [table, table];
    expect(await refusedWith(client.chat.postMessage({ channel, text: 'x', blocks: two }))).toBe('invalid_attachments');
  });

  it('accepts but does not forgive blocks without text and replies to replies', async () => {
    const channel = 'C0DBA00001';
    const root = await client.chat.postMessage({ channel, text: 'root' });
    const reply = await client.chat.postMessage({ channel, text: 'reply', thread_ts: root.ts! });
    await client.chat.postMessage({ channel, text: 'deeper', thread_ts: reply.ts! });
    await client.chat.postMessage({ channel, blocks: [{ type: 'divider' }] });
    expect(workspace.violations.map((violation) => violation.code)).toEqual(['thread_ts_of_reply', 'no_text']);
    expect(workspace.thread('dba', root.ts!).map((message) => message.text)).toEqual(['root', 'reply', 'deeper']);
    expect(() => workspace.assertNoViolations()).toThrow('people cannot use');
  });

  it('takes the old blocks away when an update has none', async () => {
    const channel = 'C0DBA00001';
    const posted = await client.chat.postMessage({ channel, text: 'a', blocks: [{ type: 'divider' }] });
    await client.chat.update({ channel, ts: posted.ts!, text: 'b' });
    expect(workspace.message({ channel, ts: posted.ts! })).toMatchObject({ text: 'b', blocks: [], edited: true });
  });

  it('shows an ephemeral message to members only, and never lets it be changed', async () => {
    const channel = 'C0DBA00001';
    const shown = await client.chat.postEphemeral({ channel, user: 'U0BEN00001', text: 'only you' });
    expect(workspace.ephemerals('ben').map((message) => message.text)).toEqual(['only you']);
    expect(workspace.messages('dba')).toEqual([]);
    expect(await refusedWith(client.chat.update({ channel, ts: shown.message_ts!, text: 'x' }))).toBe(
      'message_not_found',
    );
    workspace.setMembers('dba', ['U0ADA00001', 'U0BOT00001']);
    const again = client.chat.postEphemeral({ channel, user: 'U0BEN00001', text: 'x' });
    expect(await refusedWith(again)).toBe('user_not_in_channel');
  });

  it('pages through replies and hides metadata that nobody asked for', async () => {
    const channel = 'C0DBA00001';
    const metadata = { event_type: 'dbcheck_run', event_payload: { run: 'r1' } };
    const root = await client.chat.postMessage({ channel, text: 'root', metadata });
    for (const text of ['1', '2', '3']) await client.chat.postMessage({ channel, text, thread_ts: root.ts! });
    const first = await client.conversations.replies({ channel, ts: root.ts!, limit: 2 });
    const cursor = first.response_metadata!.next_cursor!;
    const second = await client.conversations.replies({ channel, ts: root.ts!, limit: 2, cursor });
    expect([first, second].map((page) => page.messages?.map((message) => message.text))).toEqual([
      ['root', '1'],
      ['2', '3'],
    ]);
    expect([first.has_more, second.has_more]).toEqual([true, false]);
    const plain = await client.conversations.replies({ channel, ts: root.ts! });
    expect(plain.messages?.[0]).not.toHaveProperty('metadata');
    const full = await client.conversations.replies({ channel, ts: root.ts!, include_all_metadata: true });
    expect(full.messages?.[0]).toMatchObject({ metadata, reply_count: 3 });
  });

  it('knows people, groups and direct messages', async () => {
    workspace.setUserGroup('S0DBAS0001', ['U0ADA00001']);
    expect(await client.usergroups.users.list({ usergroup: 'S0DBAS0001' })).toMatchObject({ users: ['U0ADA00001'] });
    expect(await refusedWith(client.usergroups.users.list({ usergroup: 'S0' }))).toBe('no_such_subteam');
    const ada = await client.users.info({ user: 'U0ADA00001' });
    expect(ada.user).toMatchObject({ name: 'ada', is_admin: true, tz: 'Europe/Berlin' });
    expect(await refusedWith(client.users.info({ user: 'U0' }))).toBe('user_not_found');
    const opened = await client.conversations.open({ users: 'U0ADA00001' });
    expect(opened.channel?.id).toBe(workspace.directChannel('ada').id);
    const shared = await client.conversations.info({ channel: 'C0PARTNER1' });
    expect(shared.channel).toMatchObject({ is_ext_shared: true, is_member: true });
  });

  it('lists the roots of a channel, its members, and links to messages', async () => {
    const channel = 'C0DBA00001';
    const root = await client.chat.postMessage({ channel, text: 'root' });
    const reply = await client.chat.postMessage({ channel, text: 'reply', thread_ts: root.ts! });
    await client.chat.postMessage({ channel, text: 'broadcast', thread_ts: root.ts!, reply_broadcast: true });
    const history = await client.conversations.history({ channel });
    expect(history.messages?.map((message) => message.text)).toEqual(['broadcast', 'root']);
    expect((await client.conversations.members({ channel })).members).toContain('U0BOT00001');
    const link = await client.chat.getPermalink({ channel, message_ts: reply.ts! });
    expect(link.permalink).toBe(
      `https://lab.slack.com/archives/${channel}/p${reply.ts!.replace('.', '')}?thread_ts=${root.ts}&cid=${channel}`,
    );
    expect(await refusedWith(client.chat.getPermalink({ channel, message_ts: '1.2' }))).toBe('message_not_found');
  });

  it('takes at most four suggested prompts', async () => {
    const channel_id = workspace.directChannel('ada').id;
    const prompts = Array.from({ length: 5 }, (_, index) => ({ title: `p${index}`, message: `m${index}` }));
    const set = (count: number) =>
      client.assistant.threads.setSuggestedPrompts({ channel_id, prompts: prompts.slice(0, count) as never });
    expect(await refusedWith(set(5))).toBe('invalid_arguments');
    await set(4);
    expect(workspace.session({ channel: channel_id, ts: '' })?.prompts).toHaveLength(4);
  });

  it('holds a view back from an update that is out of date, or not there', async () => {
    const view = { type: 'home' as const, blocks: [{ type: 'divider' as const }] };
    const { view: home } = await client.views.publish({ user_id: 'U0ADA00001', view });
    await client.views.update({ view_id: home!.id!, hash: home!.hash!, view });
    const stale = client.views.update({ view_id: home!.id!, hash: home!.hash!, view });
    expect(await refusedWith(stale)).toBe('hash_conflict');
    expect(await refusedWith(client.views.update({ view_id: 'V0', view }))).toBe('not_found');
    const wrong = client.views.publish({
      user_id: 'U0ADA00001',
      view: { type: 'modal', title: { type: 'plain_text', text: 'x' }, blocks: [] },
    });
    expect(await refusedWith(wrong)).toBe('invalid_arguments');
  });

  it('opens ten Socket Mode connections and no more', async () => {
    const app = clientWith(workspace.settings.appToken);
    const { WebSocket } = await import('ws');
    for (let index = 0; index < 10; index += 1) new WebSocket((await app.apps.connections.open({})).url!);
    await workspace.waitForConnection(10);
    expect(await refusedWith(app.apps.connections.open({}))).toBe('too_many_connections');
  });

  it('reacts once', async () => {
    const message = workspace.user('ada').message('dba', 'look');
    const reaction = { channel: message.channel, timestamp: message.ts, name: 'eyes' };
    await client.reactions.add(reaction);
    expect(await refusedWith(client.reactions.add(reaction))).toBe('already_reacted');
    expect(workspace.message(message)?.reactions).toEqual([{ name: 'eyes', users: ['U0BOT00001'] }]);
  });

  it('stores a file that the SDK uploads into a thread', async () => {
    const root = workspace.user('ada').message('dba', 'report please');
    await client.filesUploadV2({
      channel_id: root.channel,
      thread_ts: root.ts,
      filename: 'report.md',
      title: 'Full report',
      content: '# Report\n',
      initial_comment: 'attached',
    });
    expect(workspace.files()).toMatchObject([{ name: 'report.md', title: 'Full report', mimetype: 'text/markdown' }]);
    expect(workspace.files()[0]?.content?.toString()).toBe('# Report\n');
    expect(workspace.thread('dba', root.ts).at(-1)).toMatchObject({ text: 'attached', subtype: 'file_share' });
  });

  it('shows an uploaded picture and refuses one that is not there or not a picture', async () => {
    const upload = async (filename: string): Promise<string> => {
      const content = Buffer.from('bytes');
      // The SDK's types know only alt_text; the API's argument is alt_txt.
      const wanted = { filename, length: content.length, alt_txt: 'lag' };
      const ticket = await client.files.getUploadURLExternal(wanted);
      await fetch(ticket.upload_url!, { method: 'POST', body: content });
      await client.files.completeUploadExternal({ files: [{ id: ticket.file_id!, title: filename }] });
      return ticket.file_id!;
    };
    const show = (id: string) =>
      client.chat.postMessage({
        channel: 'C0DBA00001',
        text: 'lag',
        blocks: [{ type: 'image', alt_text: 'lag', slack_file: { id } }],
      });
    const picture = await upload('lag.png');
    await show(picture);
    expect(workspace.files()[0]?.altText).toBe('lag');
    expect(await refusedWith(show(await upload('lag.svg')))).toBe('invalid_blocks');
    expect(await refusedWith(show('F0NOTHERE1'))).toBe('invalid_blocks');
  });

  it('publishes a home tab against a hash', async () => {
    const view = { type: 'home' as const, blocks: [{ type: 'divider' as const }] };
    const first = await client.views.publish({ user_id: 'U0ADA00001', view });
    await client.views.publish({ user_id: 'U0ADA00001', view, hash: first.view!.hash! });
    const stale = client.views.publish({ user_id: 'U0ADA00001', view, hash: first.view!.hash! });
    expect(await refusedWith(stale)).toBe('hash_conflict');
    expect(workspace.home('ada')?.source).toEqual(view);
  });

  it('validates blocks on request', async () => {
    expect(await client.blocks.validate({ blocks: [{ type: 'divider' }] })).toMatchObject({ ok: true });
    const answer = await refusal(client.blocks.validate({ blocks: [{ type: 'nope' }] }));
    expect(answer).toMatchObject({ error: 'invalid_blocks', errors: [{ pointer: '/blocks/0/type' }] });
  });

  it('takes JSON bodies as well as forms and refuses broken ones', async () => {
    const call = async (body: string) => {
      const headers = { Authorization: `Bearer ${workspace.settings.botToken}`, 'Content-Type': 'application/json' };
      const response = await fetch(`${workspace.apiUrl}chat.postMessage`, { method: 'POST', headers, body });
      return (await response.json()) as Record<string, unknown>;
    };
    expect(
      await call(JSON.stringify({ channel: 'C0DBA00001', text: 'x', blocks: [{ type: 'divider' }] })),
    ).toMatchObject({
      ok: true,
      message: { blocks: [{ type: 'divider' }] },
    });
    expect(await call('{')).toEqual({ ok: false, error: 'invalid_json' });
    expect(await call(JSON.stringify({ channel: 'C0DBA00001', blocks: 'x' }))).toMatchObject({
      error: 'invalid_blocks_format',
    });
  });

  it('limits rates on demand, with Retry-After', async () => {
    workspace.trouble.rateLimit('chat.postMessage', 7);
    const call = client.chat.postMessage({ channel: 'C0DBA00001', text: 'x' });
    const error = await call.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WebAPIRateLimitedError);
    expect(error).toMatchObject({ retryAfter: 7 });
    await client.chat.postMessage({ channel: 'C0DBA00001', text: 'x' });
    expect(workspace.calls('chat.postMessage').map((logged) => logged.status)).toEqual([429, 200]);
  });

  it('fails, breaks, holds back and cuts calls on demand', async () => {
    workspace.trouble.fail('auth.test', 'fatal_error');
    expect(await refusedWith(client.auth.test())).toBe('fatal_error');
    workspace.trouble.http('auth.test', 503);
    await expect(client.auth.test()).rejects.toMatchObject({ statusCode: 503 });

    const latch = Promise.withResolvers<void>();
    const settled: string[] = [];
    workspace.trouble.slow('auth.test', latch.promise, 1);
    const held = client.auth.test().then(() => settled.push('held'));
    await client.users.info({ user: 'U0ADA00001' }).then(() => settled.push('other'));
    latch.resolve();
    await held;
    expect(settled).toEqual(['other', 'held']);

    const restore = workspace.trouble.down();
    await expect(client.auth.test()).rejects.toThrow('fetch failed');
    restore();
    await client.auth.test();
  });

  it('refuses a type of block while that is switched off, also inside others', async () => {
    const post = () =>
      client.chat.postMessage({
        channel: 'C0DBA00001',
        text: 'x',
        blocks: [
          {
            type: 'container',
            title: { type: 'plain_text', text: 't' },
            child_blocks: [{ type: 'divider' }],
          },
        ],
      });
    const restore = workspace.trouble.refuseBlockType('divider');
    const answer = await refusal(post());
    expect(answer).toMatchObject({
      error: 'invalid_blocks',
      errors: ['unsupported type: divider [json-pointer:/blocks/0/child_blocks/0/type]'],
    });
    restore();
    expect(await post()).toMatchObject({ ok: true });
    // Trouble is not the app's fault.
    workspace.assertNoViolations();
  });
});
