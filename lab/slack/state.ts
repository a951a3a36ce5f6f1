import type { Bot, Channel, FunctionRun, Message, Session, SlackFile, User, UserGroup, View } from './nouns.ts';
import { defaultChannels, defaultUsers, type Settings, type WorkspaceOptions } from './options.ts';

/** Everything the workspace remembers. Values are immutable; a change puts a new value and tells the listeners. */
export interface State {
  readonly users: Map<string, User>;
  readonly bots: Map<string, Bot>;
  readonly channels: Map<string, Channel>;
  readonly userGroups: Map<string, UserGroup>;
  /** By channel, then by ts; ephemeral messages are kept apart. */
  readonly messages: Map<string, Map<string, Message>>;
  /** The ts of replies by channel and root, see `sessionKey`: looking through a long channel each time is slow. */
  readonly replies: Map<string, Set<string>>;
  readonly ephemerals: Message[];
  readonly files: Map<string, SlackFile>;
  readonly views: Map<string, View>;
  /** By channel and thread, see `sessionKey`. */
  readonly sessions: Map<string, Session>;
  readonly functionRuns: Map<string, FunctionRun>;
  readonly triggers: Map<string, Trigger>;
  readonly responseUrls: Map<string, ResponseUrl>;
  readonly listeners: Set<() => void>;
  /** A new id of Slack's form: a capital letter and ten characters. */
  newId(prefix: string): string;
  /** A new message time stamp, later than every one before. */
  newTs(): string;
  /** Tells everyone who waits that something has changed. */
  changed(): void;
}

export interface Trigger {
  readonly id: string;
  readonly user: string;
  readonly issuedAt: number;
  readonly used: boolean;
  /** The modal that the interaction happened in; `views.push` needs one. */
  readonly viewId: string | undefined;
}

export interface ResponseUrl {
  readonly id: string;
  readonly channel: string;
  readonly user: string;
  /** The message that the interaction happened on; replace_original and delete_original act on it. */
  readonly message: Message | undefined;
  readonly issuedAt: number;
  readonly uses: number;
}

export function createState(options: WorkspaceOptions, settings: Settings): State {
  let lastId = 0;
  let lastMicros = 0;
  const state: State = {
    users: new Map(),
    bots: new Map(),
    channels: new Map(),
    userGroups: new Map(options.userGroups?.map((group) => [group.id, group])),
    messages: new Map(),
    replies: new Map(),
    ephemerals: [],
    files: new Map(),
    views: new Map(),
    sessions: new Map(),
    functionRuns: new Map(),
    triggers: new Map(),
    responseUrls: new Map(),
    listeners: new Set(),
    newId(prefix) {
      lastId += 1;
      return `${prefix}${String(lastId).padStart(10, '0')}`;
    },
    newTs() {
      lastMicros = Math.max(lastMicros + 1, Date.now() * 1_000);
      return `${Math.floor(lastMicros / 1_000_000)}.${String(lastMicros % 1_000_000).padStart(6, '0')}`;
    },
    changed() {
      for (const listener of [...state.listeners]) listener();
    },
  };
  populate(state, options, settings);
  return state;
}

function populate(state: State, options: WorkspaceOptions, settings: Settings): void {
  const { team, app } = settings;
  for (const user of options.users ?? defaultUsers) {
    state.users.set(user.id, {
      id: user.id,
      name: user.name,
      realName: user.realName ?? user.name,
      isBot: false,
      isAdmin: user.isAdmin ?? false,
      teamId: user.teamId ?? team.id,
      timeZone: user.timeZone ?? 'Europe/Berlin',
      deleted: false,
    });
  }
  const people = [...state.users.keys()];
  state.users.set(app.botUserId, {
    id: app.botUserId,
    name: app.name,
    realName: app.name,
    isBot: true,
    isAdmin: false,
    teamId: team.id,
    timeZone: 'Etc/UTC',
    deleted: false,
  });
  state.bots.set(app.botId, { id: app.botId, name: app.name, appId: app.id });
  for (const bot of options.bots ?? [{ id: 'B0ALERTS01', name: 'alertmanager' }]) {
    state.bots.set(bot.id, { id: bot.id, name: bot.name, appId: `A${bot.id.slice(1)}` });
  }
  for (const channel of options.channels ?? defaultChannels) {
    const members = channel.members ?? people;
    state.channels.set(channel.id, {
      id: channel.id,
      name: channel.name,
      kind: channel.kind ?? 'public',
      isArchived: channel.isArchived ?? false,
      isExtShared: channel.isExtShared ?? false,
      contextTeamId: channel.contextTeamId ?? settings.team.id,
      members: channel.withBot === false ? members : [...members, app.botUserId],
    });
  }
}

export function sessionKey(channel: string, threadTs: string): string {
  return `${channel}:${threadTs}`;
}

/** The direct-message channel of a person and the bot, opened when there is none. */
export function directChannel(state: State, settings: Settings, userId: string): Channel {
  const id = `D${userId.slice(1)}`;
  const known = state.channels.get(id);
  if (known !== undefined) return known;
  const channel: Channel = {
    id,
    name: '',
    kind: 'im',
    isArchived: false,
    isExtShared: false,
    contextTeamId: settings.team.id,
    members: [userId, settings.app.botUserId],
  };
  state.channels.set(id, channel);
  return channel;
}
