import { limits } from '../block-kit/limits.ts';
import type { Violation } from '../block-kit/violation.ts';
import { announceChange, announceDeletion } from '../delivery/events.ts';
import { booleanOf, isObject, stringOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import { changeMessage, findMessage } from '../messages.ts';
import type { JsonObject, Message } from '../nouns.ts';
import { SlackError } from '../slack-error.ts';
import { messageToWire } from '../wire.ts';
import { readContent } from './content.ts';
import { type Method, required, writableChannel } from './method.ts';
import { ownMessage, postAsBot, readThread } from './posting.ts';

function readMetadata(args: JsonObject): JsonObject | undefined {
  const metadata = args['metadata'];
  if (metadata === undefined) return undefined;
  if (!isObject(metadata)) throw new SlackError('invalid_metadata_format');
  if (typeof metadata['event_type'] !== 'string' || !isObject(metadata['event_payload'])) {
    throw new SlackError('invalid_metadata_schema');
  }
  return metadata;
}

function reusedBlockIds(before: Message, blocks: readonly JsonObject[]): readonly Violation[] {
  const old = new Set(before.blocks.map((block) => block['block_id']));
  return blocks.flatMap((block, index) => {
    if (block['block_id'] === undefined || !old.has(block['block_id'])) return [];
    const message = 'a block_id should be new on each update of a message';
    return [{ path: `/blocks/${index}/block_id`, code: 'duplicate', severity: 'warning', message }];
  });
}

export const chatMethods: Readonly<Record<string, Method>> = {
  'chat.postMessage': {
    scope: 'chat:write',
    run(lab, args, answering) {
      const channel = writableChannel(lab, required(args, 'channel'));
      const content = readContent(lab, args, answering);
      const threadTs = readThread(lab, channel, args, answering);
      const broadcast = booleanOf(args['reply_broadcast']);
      const metadata = readMetadata(args);
      const message = postAsBot(lab, { channel: channel.id, threadTs, broadcast, metadata, ...content });
      return { channel: channel.id, ts: message.ts, message: messageToWire(lab.state, lab.settings, message) };
    },
  },

  'chat.postEphemeral': {
    scope: 'chat:write',
    run(lab, args, answering) {
      const channel = writableChannel(lab, required(args, 'channel'));
      const user = required(args, 'user');
      if (!channel.members.includes(user)) throw new SlackError('user_not_in_channel');
      const content = readContent(lab, args, answering);
      const threadTs = readThread(lab, channel, args, answering);
      const message = postAsBot(lab, { channel: channel.id, threadTs, ephemeralTo: user, ...content });
      return { message_ts: message.ts };
    },
  },

  'chat.update': {
    scope: 'chat:write',
    run(lab, args, answering) {
      const channel = writableChannel(lab, required(args, 'channel'));
      const before = ownMessage(lab, channel, required(args, 'ts'), 'cant_update_message');
      if (before.stream?.state === 'streaming') throw new SlackError('streaming_state_conflict');
      if ((stringOf(args['text']) ?? '').length > limits.updateText) throw new SlackError('msg_too_long');
      const content = readContent(lab, args, answering);
      answering.violations.push(...reusedBlockIds(before, content.blocks));
      // Slack marks an update without blocks as edited, and takes the old blocks away.
      const edited = before.edited || content.blocks.length === 0;
      const metadata = args['metadata'] === undefined ? before.metadata : readMetadata(args);
      const after = changeMessage(lab.state, before, { ...content, edited, metadata, stream: undefined });
      announceChange(lab, channel, before, after);
      const message = messageToWire(lab.state, lab.settings, after);
      return { channel: channel.id, ts: after.ts, text: after.text, message };
    },
  },

  'chat.delete': {
    scope: 'chat:write',
    run(lab, args) {
      const channel = writableChannel(lab, required(args, 'channel'));
      const message = ownMessage(lab, channel, required(args, 'ts'), 'cant_delete_message');
      if (message.stream?.state === 'streaming') throw new SlackError('cant_delete_message');
      changeMessage(lab.state, message, { deleted: true });
      announceDeletion(lab, channel, message);
      return { channel: channel.id, ts: message.ts };
    },
  },

  'chat.getPermalink': {
    run(lab, args) {
      const channel = writableChannel(lab, required(args, 'channel'));
      const message = findMessage(lab.state, channel.id, required(args, 'message_ts'));
      if (message === undefined) throw new SlackError('message_not_found');
      return { channel: channel.id, permalink: permalinkOf(lab, message) };
    },
  },
};

function permalinkOf(lab: Lab, message: Message): string {
  const thread = message.threadTs === undefined ? '' : `?thread_ts=${message.threadTs}&cid=${message.channel}`;
  const { domain } = lab.settings.team;
  return `https://${domain}.slack.com/archives/${message.channel}/p${message.ts.replace('.', '')}${thread}`;
}
