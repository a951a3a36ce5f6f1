import { endStreams } from './api/chat-stream.ts';
import { announceMessage } from './delivery/events.ts';
import { createOutbox, type Transport } from './delivery/outbox.ts';
import { createSignedHttp } from './delivery/signed-http.ts';
import { createSocketMode } from './delivery/socket-mode.ts';
import type { ViewStates } from './drivers/modal.ts';
import { createPerson, type Person } from './drivers/person.ts';
import type { Lab } from './lab.ts';
import { addMessage } from './messages.ts';
import type { Channel, JsonObject, Message } from './nouns.ts';
import { type Settings, settingsFrom, type WorkspaceOptions } from './options.ts';
import { createPage } from './page/routes.ts';
import { listen, portOf } from './server/server.ts';
import { createState, directChannel } from './state.ts';
import { createTraffic } from './traffic.ts';
import { createTrouble, type Trouble } from './trouble.ts';
import { type Administration, createAdministration } from './workspace/administration.ts';
import { createDirectory, type Directory } from './workspace/directory.ts';
import { createObservation, type Observation } from './workspace/observation.ts';
import { createWaits, type Waits } from './workspace/waits.ts';

/** A bot of another app that posts, such as an alert manager. */
interface AlertBot {
  readonly id: string;
  post(
    channel: string,
    content: {
      readonly text: string;
      readonly blocks?: readonly JsonObject[];
      readonly attachments?: readonly JsonObject[];
      readonly threadTs?: string;
    },
  ): Message;
}

/** A running local Slack workspace. Channels and users are named by id or name. */
export interface Workspace extends Administration, Observation, Waits {
  readonly origin: string;
  /** For `clientOptions.slackApiUrl`. */
  readonly apiUrl: string;
  /** The page that shows the workspace to a person in a browser. */
  readonly pageUrl: string;
  readonly settings: Settings;
  readonly trouble: Trouble;
  user(idOrName: string): Person;
  bot(idOrName: string): AlertBot;
  channel(idOrName: string): Channel;
  /** The direct messages of a user with the bot. */
  directChannel(idOrName: string): Channel;
  /** Where signed requests go; undefined in Socket Mode. */
  readonly requestUrl: string | undefined;
  /** Turns to signed HTTP; without an address back to Socket Mode. */
  setRequestUrl(url: string | undefined): void;
  close(): Promise<void>;
}

function findBot(lab: Lab, directory: Directory, name: string): AlertBot {
  const bot = lab.state.bots.get(name) ?? [...lab.state.bots.values()].find((other) => other.name === name);
  if (bot === undefined) throw new Error(`the workspace has no bot "${name}"`);
  return {
    id: bot.id,
    post(channelName, content) {
      const channel = directory.channel(channelName);
      const { threadTs, ...shown } = content;
      const draft = { channel: channel.id, threadTs, botId: bot.id, subtype: 'bot_message', ...shown };
      const message = addMessage(lab.state, draft);
      announceMessage(lab, channel, message);
      return message;
    },
  };
}

/** Starts a workspace on a loopback port. It keeps nothing on disk; `close` frees everything. */
export async function startWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const settings = settingsFrom(options);
  const state = createState(options, settings);
  const traffic = createTraffic(state.changed);
  const viewStates: ViewStates = new Map();
  const revoked = new Set<string>();
  let requestUrl = options.requestUrl;
  let origin = '';

  const { signingSecret, ackTimeoutMs } = settings;
  const socketMode = createSocketMode({
    appId: settings.app.id,
    ackTimeoutMs,
    origin: () => origin,
    changed: state.changed,
  });
  const { trouble, rules } = createTrouble({
    expireStreams: () => void endStreams({ state }, 'expired'),
    dropSocket: (how = 'terminate', most?: number) => socketMode.drop(how, most),
  });
  const transport = (): Transport =>
    requestUrl === undefined ? socketMode : createSignedHttp({ requestUrl, signingSecret, ackTimeoutMs });
  const outbox = createOutbox({
    transport,
    retryDelaysMs: settings.retryDelaysMs,
    takeDuplicate: rules.takeDuplicate,
    changed: state.changed,
  });
  const lab: Lab = {
    settings,
    state,
    traffic,
    trouble: rules,
    outbox,
    get origin() {
      return origin;
    },
    newSocketAddress: socketMode.newAddress,
    connections: () => socketMode.connections,
    requestUrl: () => requestUrl,
    revoke: (token) => void revoked.add(token),
    isRevoked: (token) => revoked.has(token),
    recordViolations(source, violations) {
      for (const violation of violations) traffic.violations.push({ ...violation, method: source, callId: 0 });
    },
  };
  const directory = createDirectory(lab);
  const personOf = (name: string): Person =>
    createPerson({ lab, user: directory.user(name), channel: directory.channel, viewStates });
  const { controls = [], shortcuts = [] } = options;
  const page = createPage({ lab, viewStates, controls, shortcuts }, personOf);
  const server = await listen(settings.port, lab, socketMode, page);
  origin = `http://127.0.0.1:${portOf(server)}`;

  const observation = createObservation(lab, directory);
  return {
    ...createAdministration(lab, directory),
    ...createWaits(lab, directory, observation),
    ...observation,
    get connections() {
      return socketMode.connections;
    },
    origin,
    apiUrl: `${origin}/api/`,
    settings,
    trouble,
    pageUrl: `${origin}/page/`,
    user: personOf,
    bot: (name) => findBot(lab, directory, name),
    channel: directory.channel,
    directChannel: (name) => directChannel(state, settings, directory.user(name).id),
    get requestUrl() {
      return requestUrl;
    },
    setRequestUrl(url) {
      requestUrl = url;
    },
    async close() {
      outbox.close();
      socketMode.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
