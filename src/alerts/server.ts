import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../errors.ts';
import type { Log } from '../log.ts';
import { metrics } from '../metrics.ts';
import { type Alert, type ReadAlerts, readAlertmanager, readPlainAlerts } from './alert.ts';
import type { AlertSettings } from './alert-settings.ts';
import { isFresh, isSame, signatureOf } from './signature.ts';

/** What became of the alerts of a request. */
export interface Taken {
  readonly accepted: number;
  /** Alerts that no channel could be found for. */
  readonly unrouted: number;
}

export interface AlertServerParts {
  readonly settings: () => AlertSettings;
  /** Stores alerts; when it resolves they are not lost any more. Rejects where they cannot be stored. */
  readonly take: (alerts: readonly Alert[]) => Promise<Taken>;
  readonly log: Log;
  readonly now?: () => number;
}

export interface AlertServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A group of a thousand alerts is about 700 kB. */
const maxBodyBytes = 2_000_000;
/** Requests at the same time; the sender of any more is asked to come again. */
const maxOpen = 50;
const requestTimeoutMs = 10_000;

/** An answer that is not 202, with a line for whoever reads the sender's log. */
class Refusal extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/**
 * Takes alerts: `POST /alerts/alertmanager` with a bearer token, `POST /alerts/json` with a signature. 202 when they are
 * stored. Rejects with ConfigError where the port is taken.
 */
export async function startAlertServer(parts: AlertServerParts): Promise<AlertServer> {
  const { settings, take, log, now = Date.now } = parts;
  let open = 0;

  async function read(request: IncomingMessage): Promise<ReadAlerts> {
    const path = request.url?.split('?')[0];
    if (path === '/alerts/alertmanager') {
      checkMethod(request);
      checkBearer(request, settings().bearer);
      return readAlertmanager(parse(await bodyOf(request)));
    }
    if (path === '/alerts/json') {
      checkMethod(request);
      const { secret } = settings();
      const timestamp = header(request, 'x-dbcheck-timestamp');
      const signature = header(request, 'x-dbcheck-signature');
      if (secret === undefined || !signature || !isFresh(timestamp, now()))
        throw new Refusal(
          401,
          'unsigned',
          'expected X-Dbcheck-Timestamp of the last 5 minutes and X-Dbcheck-Signature',
        );
      const body = await bodyOf(request);
      if (!isSame(signature, signatureOf(secret, timestamp, body)))
        throw new Refusal(401, 'unsigned', 'the signature is wrong');
      return readPlainAlerts(parse(body), now());
    }
    throw new Refusal(404, 'not_found', 'POST /alerts/alertmanager or /alerts/json');
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (open >= maxOpen) throw new Refusal(503, 'busy', 'too many requests at once');
    open++;
    try {
      const found = await read(request);
      if ('problem' in found) throw new Refusal(400, 'malformed', found.problem);
      const taken = await take(found.alerts).catch((error: unknown) => {
        log.error({ err: error }, 'alerts could not be stored');
        throw new Refusal(503, 'store', 'the alerts could not be stored; send them again');
      });
      metrics.alerts.inc({ result: 'accepted' }, taken.accepted);
      metrics.alerts.inc({ result: 'unrouted' }, taken.unrouted);
      send(response, 202, taken);
    } finally {
      open--;
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'failed', 'the request failed');
      if (refusal.status === 500) log.error({ err: error }, 'a request with alerts failed');
      else log.warn({ status: refusal.status, reason: refusal.reason }, 'alerts were refused');
      metrics.alerts.inc({ result: refusal.reason });
      if (refusal.status === 503) response.setHeader('retry-after', '5');
      if (refusal.status === 405) response.setHeader('allow', 'POST');
      // What is still coming is not read: the connection ends with the answer.
      response.setHeader('connection', 'close');
      send(response, refusal.status, { error: refusal.message });
    });
  });
  server.headersTimeout = requestTimeoutMs / 2;
  server.requestTimeout = requestTimeoutMs;
  const { port, host } = settings();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new ConfigError(`alerts.port: port ${port} cannot be used: ${error.code}`)),
    );
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 1_000).unref();
      }),
  };
}

function checkMethod({ method }: IncomingMessage): void {
  if (method !== 'POST') throw new Refusal(405, 'method', 'only POST');
}

function checkBearer(request: IncomingMessage, bearer: string | undefined): void {
  const given = /^Bearer (.+)$/i.exec(header(request, 'authorization'))?.[1];
  if (bearer === undefined || given === undefined || !isSame(given, bearer))
    throw new Refusal(401, 'unsigned', 'expected "Authorization: Bearer …" with the token of the configuration');
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = new Refusal(413, 'too_large', `more than ${maxBodyBytes} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBodyBytes) throw tooLarge;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal(400, 'malformed', 'the body is no JSON');
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
