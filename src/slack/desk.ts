import type { WebClient } from '@slack/web-api';
import type { ConversationStore } from '../conversation/conversation.ts';
import type { Log } from '../log.ts';
import type { Orchestrator } from '../orchestrator/question.ts';
import { paragraph, words } from './blocks.ts';
import { type Place, post } from './posting.ts';
import { createSeen, type Seen } from './seen.ts';
import { createSharedChannels, type SharedChannels } from './shared-channels.ts';
import { createThreadQueue } from './thread-queue.ts';
import { runTurn } from './turn.ts';

export interface DeskParts {
  readonly orchestrator: Orchestrator;
  readonly conversations: ConversationStore;
  readonly log: Log;
  readonly client: WebClient;
  readonly botUserId: string;
}

export interface AskInput {
  readonly team: string;
  readonly channel: string;
  readonly threadTs: string;
  readonly text: string;
  readonly user: string | undefined;
  readonly fresh?: boolean;
}

/** Where questions are handed in and worked on, outside of any listener. */
export interface Desk {
  readonly parts: DeskParts;
  readonly seen: Seen;
  readonly shared: SharedChannels;
  /** Takes a question and returns at once. */
  ask(input: AskInput): void;
  /** Whether this thread belongs to a conversation of ours, also while its first turn is still running. */
  owns(team: string, channel: string, threadTs: string): Promise<boolean>;
  /** Ends the running turn of a conversation; false where none is running. */
  stopTurn(key: string): boolean;
  close(): Promise<void>;
}

/** Turns that run at the same time, over all threads. */
const maxTurns = 24;
/** How long a stop of the process waits for turns to say their last word. */
const closeDeadlineMs = 4_000;

export function keyOf(team: string, channel: string, threadTs: string): string {
  return `${team}:${channel}:${threadTs}`;
}

export function createDesk(parts: DeskParts): Desk {
  const queue = createThreadQueue(maxTurns);
  const seen = createSeen();
  const shared = createSharedChannels(parts.client, parts.log);
  const running = new Map<string, { readonly stop: AbortController; readonly place: Place }>();
  const opened = new Set<string>();
  let closing = false;

  async function work(key: string, place: Place, input: AskInput): Promise<void> {
    if (closing) return interrupted(place);
    const stop = new AbortController();
    running.set(key, { stop, place });
    try {
      const { text, user, fresh } = input;
      await runTurn({ place, key, text, user, fresh: fresh ?? false }, parts, stop.signal);
    } finally {
      running.delete(key);
    }
  }

  function interrupted(place: Place): Promise<void> {
    return say(place, 'dbcheck is being restarted; this question was not answered. Ask again in a moment.');
  }

  async function say(place: Place, text: string): Promise<void> {
    await post(parts.client, place, { text, blocks: [paragraph(words(text))] }, parts.log).then(
      () => {},
      (error: unknown) => parts.log.warn({ err: error }, 'a note could not be posted'),
    );
  }

  return {
    parts,
    seen,
    shared,
    ask(input) {
      const key = keyOf(input.team, input.channel, input.threadTs);
      const place: Place = { channel: input.channel, threadTs: input.threadTs };
      opened.add(key);
      const { waits } = queue.add(key, () => work(key, place, input));
      if (waits) void say(place, 'One question at a time in a thread: this one is next.');
    },
    async owns(team, channel, threadTs) {
      const key = keyOf(team, channel, threadTs);
      return opened.has(key) || (await parts.conversations.load(key)) !== undefined;
    },
    stopTurn(key) {
      const turn = running.get(key);
      turn?.stop.abort();
      return turn !== undefined;
    },
    async close() {
      closing = true;
      const places = [...running.values()].map(({ stop, place }) => {
        stop.abort();
        return place;
      });
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, closeDeadlineMs);
      });
      await Promise.race([Promise.all([...places.map(interrupted), queue.idle()]), deadline]);
      clearTimeout(timer);
    },
  };
}
