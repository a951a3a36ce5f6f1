import type { Server } from 'node:http';
import { endStreams } from './api/chat-stream.ts';
import { homeOf } from './api/views.ts';
import { announceMessage, sendEvent } from './delivery/events.ts';
import { createOutbox, type Delivery, type Transport } from './delivery/outbox.ts';
import { createSignedHttp } from './delivery/signed-http.ts';
import { createSocketMode } from './delivery/socket-mode.ts';
import type { ViewStates } from './drivers/modal.ts';
import { createPerson, type Person, type ThreadReference } from './drivers/person.ts';
import { type WaitOptions, waitFor } from './drivers/waiting.ts';
import type { Lab } from './lab.ts';
import { addMessage, messagesOf, threadOf } from './messages.ts';
import type { Channel, FunctionRun, JsonObject, Message, Session, SlackFile, User, View } from './nouns.ts';
import { type Settings, settingsFrom, type WorkspaceOptions } from './options.ts';
import { renderMessages } from './render/message.ts';
import { listen, portOf } from './server/server.ts';
import { createState, directChannel, sessionKey } from './state.ts';
import { type Call, createTraffic, type PostedViolation } from './traffic.ts';
import { createTrouble, type Trouble } from './trouble.ts';

/** Where a bot of another app posts from, such as an alert manager. */
export interface AlertBot {
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

/** How long the app took to acknowledge one delivery. */
export interface AckLatency {
  readonly name: string;
  readonly afterMs: number;
}

/** A running local Slack workspace. Channels and users are named by id or name. */
export interface Workspace {
  readonly origin: string;
  /** For `clientOptions.slackApiUrl`. */
  readonly apiUrl: string;
  readonly settings: Settings;
  readonly trouble: Trouble;

  user(idOrName: string): Person;
  bot(idOrName: string): AlertBot;
  channel(idOrName: string): Channel;
  /** The direct messages of a user with the bot. */
  directChannel(idOrName: string): Channel;

  /** Turns to signed HTTP; without an address back to Socket Mode. */
  setRequestUrl(url: string | undefined): void;
  /** Invites the bot (or removes it), telling it. */
  invite(channel: string): Promise<Delivery | undefined>;
  removeBot(channel: string): Promise<Delivery | undefined>;
  setArchived(channel: string, isArchived: boolean): void;
  setMembers(channel: string, users: readonly string[]): void;
  setUserGroup(id: string, users: readonly string[]): void;
  /** Makes the bot's token invalid and tells the app. */
  revokeTokens(): Promise<Delivery | undefined>;
  /** Sends any event of the Events API, also malformed ones. */
  sendEvent(event: JsonObject): Promise<Delivery | undefined>;
  /** Sends any interaction payload, also forged ones. */
  sendInteraction(payload: JsonObject): Promise<Delivery>;
  /** Runs the app's workflow step. */
  runStep(callbackId: string, inputs: JsonObject): FunctionRun;

  /** A message as it is now. */
  message(reference: ThreadReference): Message | undefined;
  /** All messages of a channel in order, replies included, ephemeral and deleted ones not. */
  messages(channel: string): readonly Message[];
  /** A thread's root and replies in order. */
  thread(channel: string, ts: string): readonly Message[];
  /** The messages that only this user saw; without a user, all of them. */
  ephemerals(user?: string): readonly Message[];
  files(): readonly SlackFile[];
  /** Open modals of a user, the top one last. */
  views(user: string): readonly View[];
  home(user: string): View | undefined;
  session(thread: ThreadReference): Session | undefined;
  functionRun(executionId: string): FunctionRun | undefined;

  /** Calls of the app, of one method or all, in the order of their answers. */
  calls(method?: string): readonly Call[];
  readonly deliveries: readonly Delivery[];
  /** Acknowledged first attempts in order. */
  ackLatencies(): readonly AckLatency[];
  /** Open Socket Mode connections. */
  readonly connections: number;
  readonly violations: readonly PostedViolation[];
  clearViolations(): void;
  /** Throws when the app ever sent something that Slack refuses or that serves people badly. */
  assertNoViolations(): void;

  /** Messages as a person reads them in a terminal. */
  render(messages: readonly Message[]): string;

  /** See `drivers/waiting.ts`. */
  waitFor<T>(condition: () => T | undefined | null | false, options?: WaitOptions): Promise<T>;
  /** The first message of the bot in the thread, after the given message, that fits. */
  waitForReply(after: ThreadReference, fits?: (message: Message) => boolean, options?: WaitOptions): Promise<Message>;
  waitForEphemeral(user: string, fits?: (message: Message) => boolean, options?: WaitOptions): Promise<Message>;
  waitForModal(user: string, fits?: (view: View) => boolean, options?: WaitOptions): Promise<View>;
  waitForHome(user: string, fits?: (view: View) => boolean, options?: WaitOptions): Promise<View>;
  waitForCall(method: string, fits?: (call: Call) => boolean, options?: WaitOptions): Promise<Call>;
  /** Waits until the app has so many Socket Mode connections (1 by default). */
  waitForConnection(count?: number, options?: WaitOptions): Promise<number>;
  /** Calls back after each change; returns how to stop. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Starts a workspace on a loopback port. It keeps nothing on disk; `close` frees everything. */
export async function startWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const settings = settingsFrom(options);
  const state = createState(options, settings);
  const traffic = createTraffic(state.changed);
  const states: ViewStates = new Map();
  const revoked = new Set<string>();
  let requestUrl = options.requestUrl;
  let origin = '';

  const socketMode = createSocketMode({
    appId: settings.app.id,
    ackTimeoutMs: settings.ackTimeoutMs,
    origin: () => origin,
    changed: state.changed,
  });
  const { trouble, rules } = createTrouble({
    expireStreams: () => void endStreams({ state }, 'expired'),
    dropSocket: (how = 'terminate') => socketMode.drop(how),
  });
  const { signingSecret, ackTimeoutMs } = settings;
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
    isRevoked: (token) => revoked.has(token),
    recordViolations(origin, violations) {
      for (const violation of violations) traffic.violations.push({ ...violation, method: origin, callId: 0 });
    },
  };

  const server: Server = await listen(
    settings.port,
    () => lab,
    socketMode,
    async () => false,
  );
  origin = `http://127.0.0.1:${portOf(server)}`;

  function channelOf(name: string): Channel {
    const wanted = name.replace(/^#/, '');
    const channel = state.channels.get(wanted) ?? [...state.channels.values()].find((other) => other.name === wanted);
    if (channel === undefined) throw new Error(`the workspace has no channel "${name}"`);
    return channel;
  }

  function userOf(name: string): User {
    const user = state.users.get(name) ?? [...state.users.values()].find((other) => other.name === name);
    if (user === undefined) throw new Error(`the workspace has no user "${name}"`);
    return user;
  }

  function putChannel(channel: Channel, change: Partial<Channel>): Channel {
    const next = { ...channel, ...change };
    state.channels.set(channel.id, next);
    state.changed();
    return next;
  }

  /** The last calls and messages, for the report of a wait that failed. */
  function describe(): string {
    const calls = traffic.calls
      .slice(-8)
      .map((call) => `  ${call.method} → ${call.error ?? 'ok'} (${call.durationMs} ms)`);
    const sent = outbox.deliveries.slice(-5).map((delivery) => {
      const last = delivery.attempts.at(-1);
      return `  ${delivery.name} → ${last === undefined ? 'pending' : `${last.outcome} after ${last.afterMs} ms`}`;
    });
    const shown = [...state.channels.values()]
      .flatMap((channel) => messagesOf(state, channel.id).slice(-4))
      .sort((one, other) => one.postedAt - other.postedAt);
    return ['calls of the app:', ...calls, 'deliveries:', ...sent, 'last messages:', renderMessages(lab, shown)].join(
      '\n',
    );
  }

  function wait<T>(condition: () => T | undefined | null | false, waiting: WaitOptions = {}): Promise<T> {
    return waitFor(state, condition, waiting, describe);
  }

  const workspace: Workspace = {
    origin,
    apiUrl: `${origin}/api/`,
    settings,
    trouble,

    user: (name) => createPerson(lab, userOf(name), channelOf, states),
    bot(name) {
      const bot = state.bots.get(name) ?? [...state.bots.values()].find((other) => other.name === name);
      if (bot === undefined) throw new Error(`the workspace has no bot "${name}"`);
      return {
        id: bot.id,
        post(channelName, content) {
          const channel = channelOf(channelName);
          const { threadTs, ...shown } = content;
          const draft = { channel: channel.id, threadTs, botId: bot.id, subtype: 'bot_message', ...shown };
          const message = addMessage(state, draft);
          announceMessage(lab, channel, message);
          return message;
        },
      };
    },
    channel: channelOf,
    directChannel: (name) => directChannel(state, settings, userOf(name).id),

    setRequestUrl(url) {
      requestUrl = url;
    },
    async invite(name) {
      const channel = channelOf(name);
      const bot = settings.app.botUserId;
      const joined = putChannel(channel, { members: [...new Set([...channel.members, bot])] });
      const type = channel.kind === 'private' ? 'G' : 'C';
      const event = { type: 'member_joined_channel', user: bot, channel: channel.id, channel_type: type };
      return sendEvent(lab, { ...event, team: settings.team.id, event_ts: state.newTs() }, joined);
    },
    async removeBot(name) {
      const channel = channelOf(name);
      putChannel(channel, { members: channel.members.filter((member) => member !== settings.app.botUserId) });
      const type = channel.kind === 'private' ? 'group_left' : 'channel_left';
      return sendEvent(lab, { type, channel: channel.id, event_ts: state.newTs() }, channel);
    },
    setArchived: (name, isArchived) => void putChannel(channelOf(name), { isArchived }),
    setMembers: (name, users) => void putChannel(channelOf(name), { members: users }),
    setUserGroup(id, users) {
      state.userGroups.set(id, { id, handle: state.userGroups.get(id)?.handle ?? id, users });
      state.changed();
    },
    async revokeTokens() {
      revoked.add(settings.botToken);
      return sendEvent(lab, { type: 'tokens_revoked', tokens: { oauth: [], bot: [settings.app.botUserId] } });
    },
    sendEvent: async (event) => sendEvent(lab, event),
    sendInteraction: (payload) => outbox.send('interactive', String(payload['type']), payload),
    runStep(callbackId, inputs) {
      const executionId = state.newId('Fx');
      const run: FunctionRun = { executionId, callbackId, outcome: 'running', outputs: {}, error: '' };
      state.functionRuns.set(executionId, run);
      void sendEvent(lab, functionExecuted(lab, run, inputs));
      return run;
    },

    message: ({ channel, ts }) => state.messages.get(channel)?.get(ts),
    messages: (name) => messagesOf(state, channelOf(name).id),
    thread: (name, ts) => threadOf(state, channelOf(name).id, ts),
    ephemerals(name) {
      const shown = state.ephemerals.filter((message) => !message.deleted);
      return name === undefined ? shown : shown.filter((message) => message.ephemeralTo === userOf(name).id);
    },
    files: () => [...state.files.values()],
    views: (name) =>
      [...state.views.values()].filter((view) => view.kind === 'modal' && view.open && view.user === userOf(name).id),
    home: (name) => homeOf(lab, userOf(name).id),
    session: (thread) => state.sessions.get(sessionKey(channelOf(thread.channel).id, thread.threadTs ?? thread.ts)),
    functionRun: (executionId) => state.functionRuns.get(executionId),

    calls: (method) => traffic.calls.filter((call) => method === undefined || call.method === method),
    deliveries: outbox.deliveries,
    ackLatencies: () =>
      outbox.deliveries.flatMap(({ name, attempts }) => {
        const [first] = attempts;
        return first?.outcome === 'acknowledged' ? [{ name, afterMs: first.afterMs }] : [];
      }),
    get connections() {
      return socketMode.connections;
    },
    violations: traffic.violations,
    clearViolations() {
      traffic.violations.length = 0;
    },
    assertNoViolations() {
      const bad = traffic.violations.filter((violation) => violation.severity !== 'warning');
      if (bad.length === 0) return;
      const lines = bad.map((found) => `  ${found.method} ${found.path}: ${found.message} (${found.severity})`);
      throw new Error(`the app sent what Slack refuses or people cannot use:\n${lines.join('\n')}`);
    },

    render: (messages) => renderMessages(lab, messages),

    waitFor: wait,
    waitForReply(after, fits = () => true, waiting = {}) {
      const { app } = settings;
      const find = (): Message | undefined =>
        threadOf(state, channelOf(after.channel).id, after.threadTs ?? after.ts).find(
          (message) => message.botId === app.botId && message.ts > after.ts && fits(message),
        );
      return wait(find, { what: `a reply in the thread of ${after.ts}`, ...waiting });
    },
    waitForEphemeral: (name, fits = () => true, waiting = {}) =>
      wait(() => workspace.ephemerals(name).find(fits), { what: `an ephemeral message for ${name}`, ...waiting }),
    waitForModal: (name, fits = () => true, waiting = {}) =>
      wait(() => workspace.views(name).findLast(fits), { what: `a modal for ${name}`, ...waiting }),
    waitForHome(name, fits = () => true, waiting = {}) {
      const find = (): View | undefined => {
        const home = homeOf(lab, userOf(name).id);
        return home !== undefined && fits(home) ? home : undefined;
      };
      return wait(find, { what: `the home tab of ${name}`, ...waiting });
    },
    waitForCall: (method, fits = () => true, waiting = {}) =>
      wait(() => workspace.calls(method).find(fits), { what: `a call of ${method}`, ...waiting }),
    waitForConnection: (count = 1, waiting = {}) =>
      wait(() => socketMode.connections >= count && socketMode.connections, {
        what: `${count} Socket Mode connections`,
        ...waiting,
      }),
    onChange(listener) {
      state.listeners.add(listener);
      return () => state.listeners.delete(listener);
    },

    async close() {
      outbox.close();
      socketMode.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return workspace;
}

function functionExecuted(lab: Lab, run: FunctionRun, inputs: JsonObject): JsonObject {
  const now = Math.floor(Date.now() / 1_000);
  return {
    type: 'function_executed',
    function: {
      id: lab.state.newId('Fn'),
      callback_id: run.callbackId,
      title: run.callbackId,
      description: '',
      type: 'app',
      input_parameters: Object.keys(inputs).map((name) => ({ name, type: 'string', title: name, is_required: true })),
      output_parameters: [],
      app_id: lab.settings.app.id,
      date_created: now,
      date_updated: now,
      date_deleted: 0,
    },
    inputs,
    function_execution_id: run.executionId,
    workflow_execution_id: lab.state.newId('Wx'),
    event_ts: lab.state.newTs(),
    bot_access_token: lab.settings.botToken,
  };
}
