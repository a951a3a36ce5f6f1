import { createServer, type IncomingHttpHeaders } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { signatureHeaders } from '../../../lab/slack/delivery/signed-http.ts';
import { portOf } from '../../../lab/slack/server/server.ts';
import { startWorkspace } from '../../../lab/slack/workspace.ts';
import { type Bench, startBolt, type TransportName } from './bolt-app.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function bolt(...args: Parameters<typeof startBolt>): Promise<Bench> {
  const bench = await startBolt(...args);
  closers.push(bench.close);
  return bench;
}

/** Answers each request with the next status and keeps what it got; a status of 0 never answers. */
async function endpoint(...statuses: readonly number[]) {
  const requests: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const status = statuses[requests.length] ?? 200;
      requests.push({ headers: request.headers, body });
      if (status > 0) response.writeHead(status, status === 418 ? { 'X-Slack-No-Retry': '1' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${portOf(server)}/slack/events`, requests };
}

describe('events over signed HTTP', () => {
  it('are signed, and tried again with the reason until they are taken', async () => {
    const { url, requests } = await endpoint(500, 0, 200);
    const workspace = await startWorkspace({ requestUrl: url, ackTimeoutMs: 600, retryDelaysMs: [0, 10, 20] });
    closers.push(workspace.close);
    workspace.user('ada').direct('hello');

    const [delivery] = await workspace.waitFor(() => workspace.deliveries[0]?.finished && workspace.deliveries);
    expect(delivery?.attempts.map(({ outcome, status, reason }) => ({ outcome, status, reason }))).toEqual([
      { outcome: 'failed', status: 500, reason: 'http_error' },
      { outcome: 'timed_out', status: undefined, reason: 'http_timeout' },
      { outcome: 'acknowledged', status: 200, reason: undefined },
    ]);
    expect(requests.map(({ headers }) => [headers['x-slack-retry-num'], headers['x-slack-retry-reason']])).toEqual([
      [undefined, undefined],
      ['1', 'http_error'],
      ['2', 'http_timeout'],
    ]);
    const [first] = requests;
    const stamp = Number(first!.headers['x-slack-request-timestamp']);
    const signature = signatureHeaders(workspace.settings.signingSecret, first!.body, stamp)['X-Slack-Signature'];
    expect(first!.headers['x-slack-signature']).toBe(signature);
    expect(new Set(requests.map(({ body }) => JSON.parse(body).event_id)).size).toBe(1);
  });

  it('are not tried again when the app forbids it', async () => {
    const { url, requests } = await endpoint(418);
    const workspace = await startWorkspace({ requestUrl: url, retryDelaysMs: [0, 0, 0] });
    closers.push(workspace.close);
    workspace.user('ada').direct('hello');
    await workspace.waitFor(() => workspace.deliveries[0]?.finished);
    expect(requests).toHaveLength(1);
  });

  it('with a wrong secret are refused by Bolt', async () => {
    const { workspace } = await bolt('http', () => {});
    const body = JSON.stringify({ type: 'event_callback' });
    const headers = { 'Content-Type': 'application/json', ...signatureHeaders('wrong', body) };
    expect((await fetch(workspace.requestUrl!, { method: 'POST', headers, body })).status).toBe(401);
  });
});

describe('Socket Mode', () => {
  it('gives each event to one connection only', async () => {
    const heard = { first: 0, second: 0 };
    const { workspace } = await bolt('socket', (app) => {
      app.message(async () => {
        heard.first += 1;
      });
    });
    const { App, SocketModeReceiver } = await import('@slack/bolt');
    const clientOptions = { slackApiUrl: workspace.apiUrl };
    const receiver = new SocketModeReceiver({
      appToken: workspace.settings.appToken,
      installerOptions: { clientOptions },
    });
    const { botId, botUserId } = workspace.settings.app;
    const second = new App({ receiver, token: workspace.settings.botToken, botId, botUserId, clientOptions });
    second.message(async () => {
      heard.second += 1;
    });
    await second.start();
    closers.push(() => receiver.client.disconnect());
    await workspace.waitForConnection(2);

    for (let index = 0; index < 10; index += 1) workspace.user('ada').direct(`message ${index}`);
    await workspace.waitFor(() => heard.first + heard.second === 10);
    expect(heard).toEqual({ first: 5, second: 5 });
    await workspace.waitFor(() => workspace.deliveries.every((delivery) => delivery.finished));
    expect(workspace.deliveries.every((delivery) => delivery.attempts.length === 1)).toBe(true);
  });

  it.each(['terminate', 'refresh_requested'] as const)(
    'comes back after %s, and events that came meanwhile arrive',
    async (how) => {
      const heard: string[] = [];
      const { workspace } = await bolt('socket', (app) => {
        app.message(async ({ message }) => {
          if ('text' in message) heard.push(message.text ?? '');
        });
      });
      expect(workspace.trouble.dropSocket(how)).toBe(1);
      workspace.user('ada').direct('while away');
      await workspace.waitFor(() => heard.length === 1);
      expect(heard).toEqual(['while away']);
      expect(workspace.calls('apps.connections.open')).toHaveLength(2);
    },
  );

  it('hands out an address for one use', async () => {
    const { workspace } = await bolt('socket', () => {});
    const call = () =>
      fetch(`${workspace.apiUrl}apps.connections.open`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${workspace.settings.appToken}` },
      });
    const { url } = (await (await call()).json()) as { url: string };
    const { WebSocket } = await import('ws');
    const outcome = (): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(url);
        socket.on('message', (data) => {
          resolve(String(JSON.parse(String(data)).type));
          socket.close();
        });
        socket.on('error', (error) => resolve(error.message));
      });
    expect(await outcome()).toBe('hello');
    expect(await outcome()).toContain('401');
  });

  it('complains to the person when no app is connected', async () => {
    const workspace = await startWorkspace();
    closers.push(workspace.close);
    await workspace.user('ada').slash('/dbcheck', 'x', 'dba');
    expect(workspace.ephemerals('ada').at(-1)?.text).toBe('/dbcheck failed with the error "dispatch_failed"');
  });
});

describe.each<TransportName>(['socket', 'http'])('delivery over %s', (transport) => {
  it('can happen twice with one event_id', async () => {
    const ids: unknown[] = [];
    const { workspace } = await bolt(transport, (app) => {
      app.message(async ({ body }) => {
        ids.push(body.event_id);
      });
    });
    workspace.trouble.duplicateDelivery();
    workspace.user('ada').direct('once');
    workspace.user('ada').direct('again');
    await workspace.waitFor(() => ids.length === 3);
    expect(new Set(ids).size).toBe(2);
  });

  it('happens again when the app is late, and says so to people who used a command', async () => {
    const retries: unknown[] = [];
    const { workspace } = await bolt(
      transport,
      (app) => {
        app.function('step', { autoAcknowledge: false }, async ({ ack, context }) => {
          retries.push(context.retryNum);
          if (context.retryNum === 2) await ack();
        });
        app.command('/dbcheck', async () => {});
      },
      { ackTimeoutMs: 100, retryDelaysMs: [0, 0, 0] },
    );
    workspace.runStep('step', {});
    const delivery = await workspace.waitFor(() => workspace.deliveries.find((sent) => sent.finished));
    expect(delivery.attempts.map((attempt) => attempt.outcome)).toEqual(['timed_out', 'timed_out', 'acknowledged']);
    expect(retries.map(Number)).toEqual([transport === 'socket' ? 0 : Number.NaN, 1, 2]);

    await workspace.user('ada').slash('/dbcheck', 'x', 'dba');
    expect(workspace.ephemerals('ada').at(-1)?.text).toBe('/dbcheck failed with the error "operation_timeout"');
  });

  it('sends only the events that the app subscribed to, and none from channels without the bot', async () => {
    const { workspace } = await bolt(transport, () => {}, { events: ['app_mention', 'message.im'] });
    const ada = workspace.user('ada');
    ada.message('dba', 'not subscribed');
    ada.mention('random', 'the bot is not here');
    ada.mention('dba', 'heard');
    ada.direct('heard too');
    await workspace.waitFor(() => workspace.deliveries.every((delivery) => delivery.finished));
    expect(workspace.deliveries.map((delivery) => delivery.name)).toEqual(['app_mention', 'message']);
  });

  it('wraps events as Slack does, and marks shared channels', async () => {
    const bodies: Record<string, unknown>[] = [];
    const { workspace } = await bolt(transport, (app) => {
      app.event('app_mention', async ({ body }) => {
        bodies.push(body);
      });
    });
    const message = workspace.user('ada').mention('partner-shared', 'hi <https://x>');
    await workspace.waitFor(() => bodies.length === 1);
    expect(bodies[0]).toMatchObject({
      type: 'event_callback',
      team_id: 'T0LAB0001',
      context_team_id: 'T0LAB0001',
      api_app_id: 'A0DBCHECK1',
      is_ext_shared_channel: true,
      authorizations: [{ user_id: 'U0BOT00001', is_bot: true, is_enterprise_install: false }],
      event: {
        type: 'app_mention',
        user: 'U0ADA00001',
        channel: 'C0PARTNER1',
        ts: message.ts,
        text: '<@U0BOT00001> hi <https://x>',
        blocks: [{ type: 'rich_text' }],
      },
    });
  });
});

describe('an edited mention', () => {
  it('comes as app_mention again, marked as edited, and as a changed message', async () => {
    const heard: unknown[] = [];
    const { workspace } = await bolt('socket', (app) => {
      app.event('app_mention', async ({ event }) => {
        heard.push(['app_mention', event.ts, event.edited !== undefined]);
      });
      app.event('message', async ({ event }) => {
        heard.push([event.type, event.subtype]);
      });
    });
    const ada = workspace.user('ada');
    const first = ada.mention('incidents', 'slow?');
    await workspace.waitFor(() => heard.length === 2);
    ada.edit(first, '<@U0BOT00001> slow??');
    await workspace.waitFor(() => heard.length === 4);
    expect(heard).toEqual(
      expect.arrayContaining([
        ['app_mention', first.ts, false],
        ['message', undefined],
        ['app_mention', first.ts, true],
        ['message', 'message_changed'],
      ]),
    );
  });
});

describe('a shared channel of another company', () => {
  it('comes with that company as its context', async () => {
    const contexts: unknown[] = [];
    const channels = [{ id: 'C0THEIRS01', name: 'theirs', isExtShared: true, contextTeamId: 'T0THEIRS01' }];
    const { workspace } = await bolt(
      'socket',
      (app) => {
        app.event('app_mention', async ({ body }) => {
          contexts.push([body.team_id, body.context_team_id, body.is_ext_shared_channel]);
        });
      },
      { channels },
    );
    workspace.user('ada').mention('theirs', 'hello');
    await workspace.waitFor(() => contexts.length === 1);
    expect(contexts).toEqual([['T0LAB0001', 'T0THEIRS01', true]]);
  });
});
