import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../src/alerts/alert.ts';
import { alertSettings } from '../../src/alerts/alert-settings.ts';
import { type AlertServer, startAlertServer } from '../../src/alerts/server.ts';
import { signatureOf } from '../../src/alerts/signature.ts';
import { silentLog } from '../../src/log.ts';

const bearer = 'a-token-of-alertmanager';
const secret = 'a-secret-of-other-senders';
const nowMs = Date.parse('2026-11-23T03:12:41Z');
const seconds = String(nowMs / 1_000);

let server: AlertServer;
let taken: Alert[];
let answer: () => Promise<void>;
beforeEach(async () => {
  taken = [];
  answer = async () => {};
  server = await startAlertServer({
    settings: () => alertSettings.parse({ port: 0, bearer, secret }),
    log: silentLog,
    now: () => nowMs,
    async take(alerts) {
      await answer();
      taken.push(...alerts);
      return { accepted: alerts.length, unrouted: 0 };
    },
  });
});
afterEach(() => server.close());

const alertmanager = {
  version: '4',
  status: 'firing',
  receiver: 'dbcheck',
  groupKey: '{}:{alertname="MySQLDown"}',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'MySQLDown', instance: 'orders-prod:9104', severity: 'critical' },
      annotations: { summary: 'The server does not answer' },
      startsAt: '2026-11-23T03:10:00.000Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus/graph',
      fingerprint: 'c0ffee',
    },
  ],
};

interface Posted {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function post(path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Posted> {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method: 'POST', body, headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function postSigned(body: string, change: { timestamp?: string; signature?: string } = {}): Promise<Posted> {
  const timestamp = change.timestamp ?? seconds;
  const signature = change.signature ?? signatureOf(secret, timestamp, body);
  return post('/alerts/json', body, { 'x-dbcheck-timestamp': timestamp, 'x-dbcheck-signature': signature });
}

describe('a notification of Alertmanager', () => {
  const authorization = `Bearer ${bearer}`;

  it('with the token is stored before it is accepted', async () => {
    const stored = Promise.withResolvers<void>();
    answer = () => stored.promise;
    let isAnswered = false;
    const posting = post('/alerts/alertmanager', JSON.stringify(alertmanager), { authorization }).finally(() => {
      isAnswered = true;
    });
    await new Promise(setImmediate);
    expect(isAnswered).toBe(false);
    stored.resolve();
    expect(await posting).toEqual({ status: 202, body: { accepted: 1, unrouted: 0 } });
    expect(taken).toEqual([
      {
        fingerprint: 'c0ffee',
        status: 'firing',
        name: 'MySQLDown',
        severity: 'critical',
        summary: 'The server does not answer',
        labels: { alertname: 'MySQLDown', instance: 'orders-prod:9104', severity: 'critical' },
        startsAtMs: Date.parse('2026-11-23T03:10:00Z'),
      },
    ]);
  });

  it.each([
    ['without a token', {}],
    ['with a wrong one', { authorization: 'Bearer a-token-of-alertmanagez' }],
    ['with a password instead', { authorization: `Basic ${btoa('a:b')}` }],
  ])('%s is refused with 401', async (_, headers) => {
    expect((await post('/alerts/alertmanager', JSON.stringify(alertmanager), headers)).status).toBe(401);
    expect(taken).toEqual([]);
  });

  it.each([
    ['no JSON', '{"version":"4"', 'the body is no JSON'],
    ['another version', JSON.stringify({ ...alertmanager, version: '3' }), 'version'],
    ['no alerts', JSON.stringify({ version: '4' }), 'alerts'],
    [
      'a time that is none',
      JSON.stringify({ ...alertmanager, alerts: [{ ...alertmanager.alerts[0], startsAt: 'soon' }] }),
      'startsAt',
    ],
    ['a list', '[]', 'the body'],
  ])('that is %s is refused with 400 and says where', async (_, body, where) => {
    const refused = await post('/alerts/alertmanager', body, { authorization });
    expect(refused).toMatchObject({ status: 400, body: { error: expect.stringContaining(where) } });
  });

  it('of 5 MB is refused with 413, whether it says its length or not', async () => {
    const large = Buffer.alloc(5_000_000, 'x');
    expect((await post('/alerts/alertmanager', large, { authorization })).status).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 50; part++) controller.enqueue(new Uint8Array(100_000));
        controller.close();
      },
    });
    const init = { method: 'POST', body: stream, duplex: 'half', headers: { authorization } } as RequestInit;
    const status = await fetch(`http://127.0.0.1:${server.port}/alerts/alertmanager`, init).then(
      (response) => response.status,
      // The connection may end while the rest is still being sent.
      () => 413,
    );
    expect(status).toBe(413);
    expect(taken).toEqual([]);
  });

  it('that cannot be stored is answered with 503, so that it is sent again', async () => {
    answer = () => Promise.reject(new Error('disk full'));
    expect((await post('/alerts/alertmanager', JSON.stringify(alertmanager), { authorization })).status).toBe(503);
  });
});

describe('a signed alert', () => {
  const body = JSON.stringify({ name: 'Checkout slow', target: 'orders-prod', summary: 'p99 is 4 s' });

  it('is accepted, alone or in a list, and is known by its labels', async () => {
    expect((await postSigned(body)).status).toBe(202);
    expect((await postSigned(JSON.stringify({ alerts: [JSON.parse(body), { name: 'Other', id: 'x1' }] }))).status).toBe(
      202,
    );
    expect(taken.map(({ name }) => name)).toEqual(['Checkout slow', 'Checkout slow', 'Other']);
    expect(taken[0]?.fingerprint).toBe(taken[1]?.fingerprint);
    expect(taken[2]?.fingerprint).toBe('x1');
    expect(taken[0]?.labels).toEqual({ target: 'orders-prod' });
  });

  it.each([
    ['with a wrong signature', { signature: signatureOf('another secret of a sender', seconds, body) }],
    ['signed for another body', { signature: signatureOf(secret, seconds, '{}') }],
    ['without a signature', { signature: '' }],
    ['recorded six minutes ago', { timestamp: String(nowMs / 1_000 - 360) }],
    ['of the future', { timestamp: String(nowMs / 1_000 + 360) }],
    ['without a time', { timestamp: 'now' }],
  ])('%s is refused with 401', async (_, change) => {
    expect((await postSigned(body, change)).status).toBe(401);
    expect(taken).toEqual([]);
  });
});

describe('the port of alerts', () => {
  it('answers 404 to other paths and 405 to other methods', async () => {
    expect((await post('/', '{}')).status).toBe(404);
    const read = await fetch(`http://127.0.0.1:${server.port}/alerts/json`);
    expect([read.status, read.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('hangs up on a sender that is in the middle of its headers when it is closed', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    socket.write('POST /alerts/json HTTP/1.1\r\nHost: x\r\n');
    await server.close();
    await ended;
    expect(socket.destroyed).toBe(true);
  });
});
