import { isRefused, slackMessage, type Violation } from '../block-kit/violation.ts';
import { isArray, isObject, stringOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import type { Channel, JsonObject } from '../nouns.ts';
import { missingArgument, SlackError } from '../slack-error.ts';
import { directChannel } from '../state.ts';

/** A call while it is answered. What the validator says goes to `violations`, refused or not. */
export interface Answering {
  readonly violations: Violation[];
}

/** A Web API method: decoded arguments in, the fields beside `ok: true` out. Throws SlackError to refuse. */
export interface Method {
  /** The bot scope that it needs, if any. */
  readonly scope?: string | ((lab: Lab, args: JsonObject) => string);
  /** Which token it takes; the bot's unless said otherwise. */
  readonly token?: 'bot' | 'app';
  run(lab: Lab, args: JsonObject, answering: Answering): JsonObject;
}

export function required(args: JsonObject, name: string): string {
  const value = args[name];
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string' || value === '') throw missingArgument(name);
  return value;
}

/** `channels:read`, `groups:read` or `im:read`, as the channel of the call is. */
export function channelScope(action: 'read' | 'history'): (lab: Lab, args: JsonObject) => string {
  const families = { public: 'channels', private: 'groups', im: 'im' } as const;
  return (lab, args) => {
    const channel = lab.state.channels.get(String(args['channel']));
    return `${families[channel?.kind ?? 'public']}:${action}`;
  };
}

/** A channel the bot may see: private ones it is not in do not exist for it. */
export function visibleChannel(lab: Lab, id: string): Channel {
  const { state, settings } = lab;
  const channel = state.channels.get(id) ?? [...state.channels.values()].find((other) => `#${other.name}` === id);
  if (channel === undefined) throw new SlackError('channel_not_found');
  const isMember = channel.members.includes(settings.app.botUserId);
  if (channel.kind !== 'public' && !isMember) throw new SlackError('channel_not_found');
  return channel;
}

/** A channel the bot may write to. A user's id names their direct messages. */
export function writableChannel(lab: Lab, id: string): Channel {
  const user = lab.state.users.get(id);
  const channel =
    user === undefined || user.isBot ? visibleChannel(lab, id) : directChannel(lab.state, lab.settings, id);
  if (channel.isArchived) throw new SlackError('is_archived');
  if (!channel.members.includes(lab.settings.app.botUserId)) throw new SlackError('not_in_channel');
  return channel;
}

/** Slack has words of its own for two mistakes when they are the only ones. */
function blocksError(refused: readonly Violation[]): string {
  if (refused.every((violation) => violation.code === 'total_too_long')) return 'msg_blocks_too_long';
  if (refused.every((violation) => violation.code === 'too_many_tables')) return 'invalid_attachments';
  return 'invalid_blocks';
}

/**
 * Records violations and refuses with Slack's error and its `response_metadata.messages`. Block types that a test
 * has switched off are refused as unknown.
 */
export function refuseViolations(
  answering: Answering,
  violations: readonly Violation[],
  error = 'invalid_blocks',
): void {
  answering.violations.push(...violations);
  if (!isRefused(violations)) return;
  const refused = violations.filter((violation) => violation.severity === 'refused');
  const messages = refused.map(slackMessage);
  throw new SlackError(error === 'invalid_blocks' ? blocksError(refused) : error, {
    errors: messages.map((message) => message.replace('[ERROR] ', '')),
    response_metadata: { messages },
  });
}

/** Throws as for an unknown type when a block of a switched-off type is anywhere in the value. */
export function refuseSwitchedOff(lab: Lab, value: unknown, path = ''): void {
  if (lab.trouble.refusedBlockTypes.size === 0) return;
  if (isArray(value)) {
    for (const [index, item] of value.entries()) refuseSwitchedOff(lab, item, `${path}/${index}`);
  } else if (isObject(value)) {
    const type = stringOf(value['type']);
    if (type !== undefined && lab.trouble.refusedBlockTypes.has(type)) {
      const message = `unsupported type: ${type} [json-pointer:${path}/type]`;
      throw new SlackError('invalid_blocks', {
        errors: [message],
        response_metadata: { messages: [`[ERROR] ${message}`] },
      });
    }
    for (const [key, field] of Object.entries(value)) refuseSwitchedOff(lab, field, `${path}/${key}`);
  }
}
