import type { JsonObject, Message } from './nouns.ts';
import { type State, sessionKey } from './state.ts';

type Draft = Pick<Message, 'channel' | 'text'> & Partial<Omit<Message, 'ts' | 'postedAt' | 'revisions' | 'deleted'>>;

/** Puts a new message into its channel, or among the ephemerals. */
export function addMessage(state: State, draft: Draft): Message {
  const now = Date.now();
  const message: Message = {
    threadTs: undefined,
    user: undefined,
    botId: undefined,
    attachments: [],
    files: [],
    metadata: undefined,
    reactions: [],
    subtype: undefined,
    ephemeralTo: undefined,
    broadcast: false,
    edited: false,
    deleted: false,
    stream: undefined,
    ...draft,
    blocks: withBlockIds(state, draft.blocks ?? []),
    ts: state.newTs(),
    postedAt: now,
    revisions: [],
  };
  const first = { at: now, text: message.text, blocks: message.blocks };
  return putMessage(state, { ...message, revisions: [first] });
}

/** Stores a message under its ts. A change of its text or blocks becomes a revision. */
export function changeMessage(state: State, message: Message, change: Partial<Message>): Message {
  const blocks = change.blocks === undefined ? message.blocks : withBlockIds(state, change.blocks);
  const next = { ...message, ...change, blocks };
  const revision = { at: Date.now(), text: next.text, blocks };
  const isShown = change.text !== undefined || change.blocks !== undefined;
  return putMessage(state, isShown ? { ...next, revisions: [...message.revisions, revision] } : next);
}

function putMessage(state: State, message: Message): Message {
  if (message.ephemeralTo === undefined) {
    const channel = state.messages.get(message.channel) ?? new Map<string, Message>();
    state.messages.set(message.channel, channel.set(message.ts, message));
    if (message.threadTs !== undefined) {
      const key = sessionKey(message.channel, message.threadTs);
      state.replies.set(key, (state.replies.get(key) ?? new Set()).add(message.ts));
    }
  } else {
    const index = state.ephemerals.findIndex((other) => other.ts === message.ts);
    if (index < 0) state.ephemerals.push(message);
    else state.ephemerals[index] = message;
  }
  state.changed();
  return message;
}

export function findMessage(state: State, channel: string, ts: string): Message | undefined {
  const message = state.messages.get(channel)?.get(ts);
  return message === undefined || message.deleted ? undefined : message;
}

/** The messages of a channel in order, deleted ones left out, replies included. */
export function messagesOf(state: State, channel: string): readonly Message[] {
  return [...(state.messages.get(channel)?.values() ?? [])].filter((message) => !message.deleted);
}

/** The replies to a root, in order, deleted ones left out. */
export function repliesTo(state: State, channel: string, ts: string): readonly Message[] {
  return [...(state.replies.get(sessionKey(channel, ts)) ?? [])].flatMap((reply) => {
    const message = findMessage(state, channel, reply);
    return message === undefined ? [] : [message];
  });
}

/** A root and its replies, in order. */
export function threadOf(state: State, channel: string, ts: string): readonly Message[] {
  const root = findMessage(state, channel, ts);
  return [...(root === undefined ? [] : [root]), ...repliesTo(state, channel, ts)];
}

/** Slack names every block that the app left unnamed. */
function withBlockIds(state: State, blocks: readonly JsonObject[]): readonly JsonObject[] {
  return blocks.map((block) => (block['block_id'] === undefined ? { ...block, block_id: state.newId('b') } : block));
}
