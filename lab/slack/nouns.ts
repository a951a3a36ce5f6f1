/** A decoded JSON object whose fields are not known in advance. */
export type JsonObject = Readonly<Record<string, unknown>>;

export type ChannelKind = 'public' | 'private' | 'im';

export interface User {
  readonly id: string;
  /** Handle, as in `user_name` of a slash command. */
  readonly name: string;
  readonly realName: string;
  readonly isBot: boolean;
  readonly isAdmin: boolean;
  /** Home workspace; another one than the workspace's own marks a stranger of a shared channel. */
  readonly teamId: string;
  /** IANA time zone. */
  readonly timeZone: string;
  readonly deleted: boolean;
}

export interface Bot {
  readonly id: string;
  readonly name: string;
  readonly appId: string;
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: ChannelKind;
  readonly isArchived: boolean;
  /** Slack Connect: shared with another organisation. */
  readonly isExtShared: boolean;
  /** The workspace through which events of the channel come; another one for a channel of somebody else's. */
  readonly contextTeamId: string;
  readonly members: readonly string[];
}

export interface UserGroup {
  readonly id: string;
  readonly handle: string;
  readonly users: readonly string[];
}

interface Reaction {
  readonly name: string;
  readonly users: readonly string[];
}

/** What a message showed at one time. */
interface Revision {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
  readonly blocks: readonly JsonObject[];
}

/** A streaming message: what `chat.startStream` and its followers have said so far. */
export interface Stream {
  readonly state: 'streaming' | 'stopped' | 'expired' | 'stopped_by_user';
  readonly startedAt: number;
  readonly displayMode: string;
  readonly recipientUser: string | undefined;
  readonly planTitle: string | undefined;
  readonly parts: readonly StreamPart[];
}

export type StreamPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'task'; readonly task: StreamTask }
  | { readonly kind: 'blocks'; readonly blocks: readonly JsonObject[] };

export interface StreamTask {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly details: string | undefined;
  readonly output: string | undefined;
}

/** An immutable message: an update makes a new value, so a kept one is what a stale client still shows. */
export interface Message {
  readonly channel: string;
  readonly ts: string;
  /** The root's `ts` for a reply; undefined for a message of the channel itself. */
  readonly threadTs: string | undefined;
  readonly user: string | undefined;
  readonly botId: string | undefined;
  readonly text: string;
  readonly blocks: readonly JsonObject[];
  readonly attachments: readonly JsonObject[];
  /** File ids. */
  readonly files: readonly string[];
  readonly metadata: JsonObject | undefined;
  readonly reactions: readonly Reaction[];
  readonly subtype: string | undefined;
  /** The only user who sees it. */
  readonly ephemeralTo: string | undefined;
  readonly broadcast: boolean;
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly stream: Stream | undefined;
  /** Milliseconds since the epoch. */
  readonly postedAt: number;
  /** Every state it was shown in, oldest first, the present one last. */
  readonly revisions: readonly Revision[];
}

export interface SlackFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  readonly altText: string | undefined;
  readonly content: Buffer | undefined;
  readonly uploadTicket: string;
  readonly shared: { readonly channel: string; readonly threadTs: string | undefined } | undefined;
}

/** A modal or a home tab as the workspace holds it. `wire` is the view object that Slack sends to the app. */
export interface View {
  readonly id: string;
  readonly kind: 'modal' | 'home';
  readonly user: string;
  readonly hash: string;
  readonly callbackId: string;
  readonly externalId: string;
  readonly rootId: string;
  readonly previousId: string | undefined;
  readonly open: boolean;
  readonly source: JsonObject;
  /** Per block id, the message that the app refused the last submission with. */
  readonly errors: Readonly<Record<string, string>>;
}

/** The state of an agent's thread, by `assistant.threads.*` and `agents.sessions.*`. */
export interface Session {
  readonly channel: string;
  readonly threadTs: string;
  /** The shimmering line: "is reading the slow log…"; empty when cleared. */
  readonly statusText: string;
  readonly loadingMessages: readonly string[];
  readonly status: 'none' | 'active' | 'processing' | 'suspended' | 'closed';
  readonly title: string;
  readonly prompts: readonly { readonly title: string; readonly message: string }[];
}

export interface FunctionRun {
  readonly executionId: string;
  readonly callbackId: string;
  readonly outcome: 'running' | 'completed' | 'failed';
  readonly outputs: JsonObject;
  readonly error: string;
}
