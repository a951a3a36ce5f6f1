import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type App, HTTPReceiver, type Logger, type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { WebClientOptions } from '@slack/web-api';
import { healthRoute } from '../operations/health-route.ts';

/** How events come in. */
export interface Transport {
  readonly receiver: Receiver;
  /** Whether events can arrive just now. */
  isConnected(): boolean;
  /** In words, once it listens. */
  describe(): string;
  /** The port that HTTP listens on; undefined in Socket Mode. */
  port(): number | undefined;
  /** Ends connections that Slack keeps open. */
  hangUp(): void;
}

/** Bolt's own wait before a reconnect equals this; Slack's default of 5 s leaves a gap in which commands fail. */
const pingTimeoutMs = 5_000;

/**
 * Several Socket Mode connections for one app. Slack gives each event to one of them; while one is being refreshed,
 * which takes seconds, the others take what comes, commands too.
 */
export function socketTransport(settings: {
  readonly appToken: string;
  readonly connections: number;
  readonly clientOptions: WebClientOptions;
  readonly logger: Logger;
}): Transport {
  const { appToken, clientOptions, logger } = settings;
  const receivers = Array.from({ length: settings.connections }, () => {
    const installerOptions = { clientOptions };
    const receiver = new SocketModeReceiver({ appToken, installerOptions, clientPingTimeout: pingTimeoutMs, logger });
    silenceReconnects(receiver.client);
    return receiver;
  });
  const all = <T>(work: (receiver: SocketModeReceiver) => T): T[] => receivers.map(work);
  return {
    receiver: {
      init: (app: App) => void all((receiver) => receiver.init(app)),
      start: () => Promise.all(all((receiver) => receiver.start())),
      stop: () => Promise.all(all((receiver) => receiver.stop())),
    },
    isConnected: () => receivers.some(({ client }) => client.websocket?.isActive() ?? false),
    describe: () => 'Socket Mode',
    port: () => undefined,
    hangUp: () => {},
  };
}

/** Nobody holds the promise of a reconnect, and it rejects when the bot is stopped meanwhile: that would end the process. */
function silenceReconnects(client: SocketModeReceiver['client']): void {
  const start = client.start.bind(client);
  let isFirst = true;
  client.start = () => {
    const started = start();
    if (!isFirst) return started.catch(() => new Promise<never>(() => {}));
    isFirst = false;
    return started;
  };
}

/** Signed requests on a port; `host` is all of the machine where it is left out. */
export function httpTransport(settings: {
  readonly signingSecret: string;
  readonly port: number;
  readonly host: string | undefined;
  readonly logger: Logger;
}): Transport {
  const { signingSecret, port, host, logger } = settings;
  const receiver = new HTTPReceiver({
    signingSecret,
    endpoints: '/slack/events',
    customRoutes: [healthRoute],
    logger,
  });
  let server: Server | undefined;
  const bound = () => (server?.address() as AddressInfo | null | undefined)?.port;
  return {
    receiver: {
      init: (app: App) => receiver.init(app),
      start: async () => {
        server = (await receiver.start({ port, ...(host === undefined ? {} : { host }) })) as Server;
      },
      stop: () => receiver.stop(),
    },
    isConnected: () => server?.listening ?? false,
    describe: () => `HTTP on port ${bound()}`,
    port: bound,
    hangUp: () => server?.closeAllConnections(),
  };
}
