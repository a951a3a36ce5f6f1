import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { WorkspaceOptions } from '../../../lab/slack/options.ts';
import { startWorkspace, type Workspace } from '../../../lab/slack/workspace.ts';

export type TransportName = 'socket' | 'http';

export const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

export interface Bench {
  readonly workspace: Workspace;
  readonly app: App;
  close(): Promise<void>;
}

/** An unmodified Bolt app on a fresh local workspace. Listeners are registered before it starts. */
export async function startBolt(
  transport: TransportName,
  register: (app: App) => void,
  options: WorkspaceOptions = {},
): Promise<Bench> {
  const workspace = await startWorkspace(options);
  const clientOptions = {
    slackApiUrl: workspace.apiUrl,
    retryConfig: { retries: 2, minTimeout: 1, maxTimeout: 2 },
    logger: silent,
  };
  const { botId, botUserId } = workspace.settings.app;
  const common = {
    token: workspace.settings.botToken,
    botId,
    botUserId,
    clientOptions,
    convoStore: false as const,
    logger: silent,
  };
  if (transport === 'socket') {
    const receiver = new SocketModeReceiver({
      appToken: workspace.settings.appToken,
      // The only way to the socket client's Web API address when the receiver is made by hand.
      installerOptions: { clientOptions },
      logger: silent,
      // Also the wait before a reconnect, which Bolt's default makes 5 s.
      clientPingTimeout: 300,
    });
    const app = new App({ ...common, receiver });
    register(app);
    await app.start();
    await workspace.waitForConnection();
    return {
      workspace,
      app,
      close: async () => {
        await receiver.client.disconnect();
        await workspace.close();
      },
    };
  }
  const receiver = new HTTPReceiver({ signingSecret: workspace.settings.signingSecret, logger: silent });
  const app = new App({ ...common, receiver });
  register(app);
  const server = createServer((request, response) => receiver.requestListener(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  workspace.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);
  return {
    workspace,
    app,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await workspace.close();
    },
  };
}
