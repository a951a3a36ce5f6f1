import { announceMessage } from '../delivery/events.ts';
import { stringOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import { addMessage, findMessage } from '../messages.ts';
import type { Channel, JsonObject, Message } from '../nouns.ts';
import { SlackError } from '../slack-error.ts';
import { sessionKey } from '../state.ts';
import type { Answering } from './method.ts';

/** The root that a reply goes under. A reply's own ts works in Slack only by luck, so it counts as a fault. */
export function readThread(lab: Lab, channel: Channel, args: JsonObject, answering: Answering): string | undefined {
  const threadTs = stringOf(args['thread_ts']);
  if (threadTs === undefined || threadTs === '') return undefined;
  const root = lab.state.messages.get(channel.id)?.get(threadTs);
  if (root === undefined) throw new SlackError('thread_not_found');
  if (root.threadTs === undefined) return threadTs;
  const message = `thread_ts ${threadTs} is a reply; the root is ${root.threadTs}`;
  answering.violations.push({ path: '/thread_ts', code: 'thread_ts_of_reply', severity: 'fault', message });
  return root.threadTs;
}

/** Stores a message of the bot and tells the app about it, as Slack does. A status line ends with it. */
export function postAsBot(lab: Lab, draft: Parameters<typeof addMessage>[1]): Message {
  const { app } = lab.settings;
  const message = addMessage(lab.state, { user: app.botUserId, botId: app.botId, ...draft });
  const channel = lab.state.channels.get(message.channel);
  if (message.ephemeralTo !== undefined || channel === undefined) return message;
  const key = sessionKey(channel.id, message.threadTs ?? message.ts);
  const session = lab.state.sessions.get(key);
  if (session !== undefined) lab.state.sessions.set(key, { ...session, statusText: '', loadingMessages: [] });
  announceMessage(lab, channel, message);
  return message;
}

/** A message of the bot that it may change. */
export function ownMessage(lab: Lab, channel: Channel, ts: string, refusal: string): Message {
  const message = findMessage(lab.state, channel.id, ts);
  if (message === undefined) throw new SlackError('message_not_found');
  if (message.botId !== lab.settings.app.botId) throw new SlackError(refusal);
  return message;
}
