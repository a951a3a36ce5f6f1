import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { isObject, stringOf } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import { SlackError } from '../slack-error.ts';
import type { Attempt, DeliveryKind, Retry, Transport } from './outbox.ts';

/** Slack's maximum of Socket Mode connections an app (slackapi/node-slack-sdk#1654); its word for one more is not documented. */
const maximumConnections = 10;
/** Slack pings often enough for the client's server-ping timeout of 30 s. */
const pingIntervalMs = 5_000;

export interface SocketMode extends Transport {
  readonly connections: number;
  /** A new single-use address for `apps.connections.open`. */
  newAddress(): string;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  drop(how: 'terminate' | 'refresh_requested' | 'warning' | 'link_disabled', most?: number): number;
  close(): void;
}

interface Connection {
  readonly name: string;
  readonly socket: WebSocket;
  /** By envelope id, what to call with the acknowledgement, or with undefined when the connection ends. */
  readonly waiting: Map<string, (body: JsonObject | undefined, isAcknowledged: boolean) => void>;
  /** Was told to go away; gets nothing new. */
  leaving: boolean;
}

export function createSocketMode(parts: {
  readonly appId: string;
  readonly ackTimeoutMs: number;
  readonly origin: () => string;
  readonly changed: () => void;
}): SocketMode {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const connections: Connection[] = [];
  const arrivals = new Set<() => void>();
  let opened = 0;
  let turn = 0;
  const pings = setInterval(() => {
    for (const connection of connections) connection.socket.ping('Ping from workspace');
  }, pingIntervalMs).unref();

  function accept(socket: WebSocket): void {
    opened += 1;
    const connection: Connection = { name: `socket ${opened}`, socket, waiting: new Map(), leaving: false };
    connections.push(connection);
    socket.on('message', (data) => onMessage(connection, String(data)));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      connections.splice(connections.indexOf(connection), 1);
      for (const settle of connection.waiting.values()) settle(undefined, false);
      parts.changed();
    });
    const hello = {
      type: 'hello',
      num_connections: connections.length,
      debug_info: { host: 'lab', build_number: 1, approximate_connection_time: 18_060 },
      connection_info: { app_id: parts.appId },
    };
    socket.send(JSON.stringify(hello), () => {
      for (const arrive of arrivals) arrive();
      parts.changed();
    });
  }

  function onMessage(connection: Connection, data: string): void {
    const message: unknown = parseOrUndefined(data);
    if (!isObject(message)) return;
    const envelopeId = stringOf(message['envelope_id']) ?? '';
    const body = message['payload'];
    connection.waiting.get(envelopeId)?.(isObject(body) ? body : {}, true);
  }

  function nextConnection(): Connection | undefined {
    const ready = connections.filter((connection) => !connection.leaving && connection.socket.readyState === 1);
    turn += 1;
    return ready[turn % Math.max(1, ready.length)];
  }

  /** Events wait for a connection as long as for an acknowledgement; commands fail at once, as they do for people. */
  async function connectionFor(kind: DeliveryKind): Promise<Connection | undefined> {
    const connection = nextConnection();
    if (connection !== undefined || kind !== 'events_api') return connection;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, parts.ackTimeoutMs).unref();
      arrivals.add(done);
      function done(): void {
        clearTimeout(timer);
        arrivals.delete(done);
        resolve();
      }
    });
    return nextConnection();
  }

  return {
    get connections() {
      return connections.filter((connection) => !connection.leaving).length;
    },

    newAddress() {
      if (connections.length >= maximumConnections) throw new SlackError('too_many_connections');
      const ticket = randomUUID();
      tickets.add(ticket);
      return `${parts.origin().replace(/^http/, 'ws')}/link/?ticket=${ticket}&app_id=${parts.appId}`;
    },

    upgrade(request, socket, head) {
      const { pathname, searchParams } = new URL(request.url ?? '/', parts.origin());
      if (pathname !== '/link/' || !tickets.delete(searchParams.get('ticket') ?? '')) {
        socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, accept);
    },

    async deliver(kind, payload, retry) {
      const at = Date.now();
      const connection = await connectionFor(kind);
      if (connection === undefined) {
        const afterMs = Date.now() - at;
        return { ...attemptBase(at, 'no socket', retry), outcome: 'failed', afterMs, reason: 'connection_failed' };
      }
      return deliverOver(connection, kind, payload, retry);
    },

    drop(how, most = maximumConnections) {
      const dropped = connections.filter((connection) => !connection.leaving).slice(0, most);
      for (const connection of dropped) {
        if (how === 'terminate') connection.socket.terminate();
        else connection.socket.send(JSON.stringify({ type: 'disconnect', reason: how, debug_info: { host: 'lab' } }));
        // A warning announces the end ten seconds ahead; the connection still works meanwhile.
        if (how !== 'warning') connection.leaving = true;
      }
      return dropped.length;
    },

    close() {
      clearInterval(pings);
      for (const connection of [...connections]) connection.socket.terminate();
      for (const arrive of arrivals) arrive();
      server.close();
    },
  };

  function deliverOver(
    connection: Connection,
    kind: DeliveryKind,
    payload: JsonObject,
    retry: Retry,
  ): Promise<Attempt> {
    const envelopeId = randomUUID();
    const at = Date.now();
    return new Promise((resolve) => {
      const base = attemptBase(at, connection.name, retry);
      const finish = (outcome: Attempt['outcome'], reason?: string, body?: JsonObject): void => {
        clearTimeout(timer);
        connection.waiting.delete(envelopeId);
        resolve({ ...base, outcome, afterMs: Date.now() - at, reason, body });
      };
      const timer = setTimeout(() => finish('timed_out', 'timeout'), parts.ackTimeoutMs).unref();
      connection.waiting.set(envelopeId, (body, isAcknowledged) => {
        if (isAcknowledged) finish('acknowledged', undefined, body);
        else finish('failed', 'connection_failed');
      });
      connection.socket.send(
        JSON.stringify({
          envelope_id: envelopeId,
          type: kind,
          accepts_response_payload: kind !== 'events_api',
          payload,
          ...(kind === 'events_api' ? { retry_attempt: retry.number, retry_reason: retry.reason ?? '' } : {}),
        }),
      );
    });
  }
}

function attemptBase(at: number, via: string, retry: Retry): Omit<Attempt, 'outcome' | 'afterMs'> {
  return { at, via, retryNumber: retry.number, status: undefined, reason: undefined, body: undefined, noRetry: false };
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
