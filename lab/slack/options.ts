import type { ChannelKind } from './nouns.ts';
import type { Control } from './page/control.ts';

export interface UserOption {
  readonly id: string;
  readonly name: string;
  readonly realName?: string;
  readonly isAdmin?: boolean;
  readonly teamId?: string;
  readonly timeZone?: string;
}

export interface ChannelOption {
  readonly id: string;
  readonly name: string;
  readonly kind?: ChannelKind;
  readonly isArchived?: boolean;
  readonly isExtShared?: boolean;
  /** The workspace's own by default; another one for a shared channel that belongs to somebody else. */
  readonly contextTeamId?: string;
  /** User ids; every user by default. */
  readonly members?: readonly string[];
  /** Whether the bot was invited; true by default. */
  readonly withBot?: boolean;
}

interface Parameter {
  readonly type: string;
  readonly is_required?: boolean;
}

/** What a manifest declares of each step, by its callback id. */
export type Functions = Readonly<
  Record<
    string,
    {
      readonly input_parameters: Readonly<Record<string, Parameter>>;
      readonly output_parameters: Readonly<Record<string, Parameter>>;
    }
  >
>;

export interface WorkspaceOptions {
  /** Loopback port; a free one by default. */
  readonly port?: number;
  readonly teamId?: string;
  readonly teamName?: string;
  readonly appName?: string;
  readonly botToken?: string;
  readonly appToken?: string;
  readonly signingSecret?: string;
  /** People besides the defaults' replacement: given users replace Ada, Ben and Cleo. */
  readonly users?: readonly UserOption[];
  readonly channels?: readonly ChannelOption[];
  readonly userGroups?: readonly { readonly id: string; readonly handle: string; readonly users: readonly string[] }[];
  readonly bots?: readonly { readonly id: string; readonly name: string }[];
  /** Bot scopes of the manifest; when given, a method without its scope answers `missing_scope`. */
  readonly scopes?: readonly string[];
  /** Subscribed bot events of the manifest (`message.channels`, …); when given, others are not sent. */
  readonly events?: readonly string[];
  /** The manifest's `functions`; when given, a step takes and gives what it declares, and others are not there. */
  readonly functions?: Functions;
  /** Where signed requests go; without it the workspace delivers by Socket Mode. */
  readonly requestUrl?: string;
  /** How long the app has to acknowledge. Slack's 3,000 ms by default. */
  readonly ackTimeoutMs?: number;
  /** Waits before the retries of an event. Slack's: at once, one minute, five minutes. */
  readonly retryDelaysMs?: readonly number[];
  /** Lifetime of a `trigger_id`. Slack's 3,000 ms by default. */
  readonly triggerLifetimeMs?: number;
  /** Lifetime of a stream, busy or not. Slack's: about five minutes. */
  readonly streamLifetimeMs?: number;
  /** Shown on the page as buttons. */
  readonly controls?: readonly Control[];
  /** Message shortcuts of the manifest, offered on the page. */
  readonly shortcuts?: readonly { readonly callbackId: string; readonly title: string }[];
}

export interface Settings {
  readonly port: number;
  readonly team: { readonly id: string; readonly name: string; readonly domain: string };
  readonly app: { readonly id: string; readonly name: string; readonly botUserId: string; readonly botId: string };
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly verificationToken: string;
  readonly scopes: readonly string[] | undefined;
  readonly events: readonly string[] | undefined;
  readonly functions: Functions | undefined;
  readonly ackTimeoutMs: number;
  readonly retryDelaysMs: readonly number[];
  readonly triggerLifetimeMs: number;
  readonly streamLifetimeMs: number;
}

export function settingsFrom(options: WorkspaceOptions): Settings {
  const name = options.teamName ?? 'Lab';
  return {
    port: options.port ?? 0,
    team: { id: options.teamId ?? 'T0LAB0001', name, domain: name.toLowerCase().replace(/\W+/g, '-') },
    app: { id: 'A0DBCHECK1', name: options.appName ?? 'dbcheck', botUserId: 'U0BOT00001', botId: 'B0BOT00001' },
    botToken: options.botToken ?? 'xoxb-lab-bot-token',
    appToken: options.appToken ?? 'xapp-lab-app-token',
    signingSecret: options.signingSecret ?? 'lab-signing-secret',
    verificationToken: 'lab-verification-token',
    scopes: options.scopes,
    events: options.events,
    functions: options.functions,
    ackTimeoutMs: options.ackTimeoutMs ?? 3_000,
    retryDelaysMs: options.retryDelaysMs ?? [0, 60_000, 300_000],
    triggerLifetimeMs: options.triggerLifetimeMs ?? 3_000,
    streamLifetimeMs: options.streamLifetimeMs ?? 300_000,
  };
}

export const defaultUsers: readonly UserOption[] = [
  { id: 'U0ADA00001', name: 'ada', realName: 'Ada Lovelace', isAdmin: true },
  { id: 'U0BEN00001', name: 'ben', realName: 'Ben Okafor' },
  { id: 'U0CLEO0001', name: 'cleo', realName: 'Cleo Martins' },
];

export const defaultChannels: readonly ChannelOption[] = [
  { id: 'C0INCIDENT', name: 'incidents' },
  { id: 'C0DBA00001', name: 'dba' },
  { id: 'G0PRIVATE1', name: 'dba-private', kind: 'private' },
  { id: 'C0PARTNER1', name: 'partner-shared', isExtShared: true },
  { id: 'C0ARCHIVED', name: 'old-incidents', isArchived: true },
  { id: 'C0NOBOT001', name: 'random', withBot: false },
];
