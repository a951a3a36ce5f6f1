import { announceChange, announceDeletion, announceMessage } from '../delivery/events.ts';
import { addMessage, changeMessage } from '../messages.ts';
import type { Channel, Message } from '../nouns.ts';
import { directChannel } from '../state.ts';
import type { Client, ThreadReference } from './client.ts';
import { composerBlocks, slackText } from './typed-text.ts';

/** Writing messages. `text` is what is typed; `<@U…>` stands for a mention picked from the list. */
export interface Writing {
  message(channel: string, text: string, options?: { readonly threadTs?: string }): Message;
  /** Posts `@bot text`. */
  mention(channel: string, text: string, options?: { readonly threadTs?: string }): Message;
  /** Answers in a thread. */
  reply(thread: ThreadReference, text: string): Message;
  /** Writes to the bot in their direct messages. */
  direct(text: string, options?: { readonly threadTs?: string }): Message;
  edit(message: Message, text: string): Message;
  remove(message: Message): void;
  react(message: Message, name: string): void;
}

export function createWriting(client: Client): Writing {
  const { lab, user } = client;
  const { state, settings } = lab;

  function post(channel: Channel, typed: string, threadTs: string | undefined): Message {
    if (channel.isArchived) throw new Error(`#${channel.name} is archived`);
    const content = { text: slackText(typed), blocks: composerBlocks(typed) };
    const message = addMessage(state, { channel: channel.id, threadTs, user: user.id, ...content });
    announceMessage(lab, channel, message);
    return message;
  }

  return {
    message: (channel, text, options) => post(client.channel(channel), text, options?.threadTs),
    mention: (channel, text, options) =>
      post(client.channel(channel), `<@${settings.app.botUserId}> ${text}`, options?.threadTs),
    reply: (thread, text) => post(client.channel(thread.channel), text, thread.threadTs ?? thread.ts),
    direct: (text, options) => post(directChannel(state, settings, user.id), text, options?.threadTs),

    edit(message, text) {
      const change = { text: slackText(text), blocks: composerBlocks(text), edited: true };
      const after = changeMessage(state, message, change);
      announceChange(lab, client.channel(message.channel), message, after);
      return after;
    },

    remove(message) {
      changeMessage(state, message, { deleted: true });
      announceDeletion(lab, client.channel(message.channel), message);
    },

    react(message, name) {
      const current = state.messages.get(message.channel)?.get(message.ts) ?? message;
      changeMessage(state, current, { reactions: [...current.reactions, { name, users: [user.id] }] });
    },
  };
}
