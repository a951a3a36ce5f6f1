import { booleanOf, numberOf, stringOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import { findMessage, messagesOf, threadOf } from '../messages.ts';
import type { JsonObject, Message } from '../nouns.ts';
import { SlackError } from '../slack-error.ts';
import { directChannel } from '../state.ts';
import { channelToWire, messageToWire } from '../wire.ts';
import { channelScope, type Method, required, visibleChannel } from './method.ts';

const defaultLimit = 100;
const maximumLimit = 999;

/** One page of messages with Slack's cursor. */
function page(lab: Lab, args: JsonObject, all: readonly Message[]): JsonObject {
  const oldest = stringOf(args['oldest']) ?? '0';
  const latest = stringOf(args['latest']) ?? '9999999999.999999';
  const isInclusive = booleanOf(args['inclusive']);
  const wanted = all.filter((message) => {
    if (message.ts === oldest || message.ts === latest) return isInclusive;
    return message.ts > oldest && message.ts < latest;
  });
  const limit = Math.min(numberOf(args['limit']) ?? defaultLimit, maximumLimit);
  const start = numberOf(stringOf(args['cursor'])) ?? 0;
  const end = start + limit;
  const isMetadataWanted = booleanOf(args['include_all_metadata']);
  const messages = wanted.slice(start, end).map((message) => {
    const { metadata, ...wire } = messageToWire(lab.state, lab.settings, message);
    return isMetadataWanted && metadata !== undefined ? { ...wire, metadata } : wire;
  });
  return {
    messages,
    has_more: end < wanted.length,
    response_metadata: { next_cursor: end < wanted.length ? String(end) : '' },
  };
}

/** Reading needs membership in all but public channels, which `visibleChannel` sees to; Slack asks it there too. */
function readable(lab: Lab, args: JsonObject): string {
  const channel = visibleChannel(lab, required(args, 'channel'));
  if (!channel.members.includes(lab.settings.app.botUserId)) throw new SlackError('not_in_channel');
  return channel.id;
}

export const conversationsMethods: Readonly<Record<string, Method>> = {
  'conversations.info': {
    scope: channelScope('read'),
    run(lab, args) {
      return { channel: channelToWire(lab.settings, visibleChannel(lab, required(args, 'channel'))) };
    },
  },

  'conversations.history': {
    scope: channelScope('history'),
    run(lab, args) {
      const channel = readable(lab, args);
      const roots = messagesOf(lab.state, channel).filter(
        (message) => message.threadTs === undefined || message.broadcast,
      );
      return page(lab, args, roots.toReversed());
    },
  },

  'conversations.replies': {
    scope: channelScope('history'),
    run(lab, args) {
      const channel = readable(lab, args);
      const root = findMessage(lab.state, channel, required(args, 'ts'));
      if (root === undefined) throw new SlackError('thread_not_found');
      return page(lab, args, threadOf(lab.state, channel, root.threadTs ?? root.ts));
    },
  },

  'conversations.members': {
    scope: channelScope('read'),
    run(lab, args) {
      const { members } = visibleChannel(lab, required(args, 'channel'));
      return { members, response_metadata: { next_cursor: '' } };
    },
  },

  'conversations.open': {
    scope: 'im:write',
    run(lab, args) {
      const users = required(args, 'users').split(',');
      const [user = ''] = users;
      if (users.length > 1) throw new SlackError('method_not_supported_for_channel_type');
      if (!lab.state.users.has(user)) throw new SlackError('user_not_found');
      return { channel: { id: directChannel(lab.state, lab.settings, user).id } };
    },
  },
};
