import { LRUCache } from 'lru-cache';
import type { Store } from '../store/store.ts';
import type { Target } from '../targets/target.ts';
import { createRunLog, type RunLog } from './run-log.ts';
import { createSeen, type Seen } from './seen.ts';
import { createSharedChannels, type SharedChannels, sharedRefusal } from './shared-channels.ts';
import { createThreadQueue } from './thread-queue.ts';
import { runTurn, say, TurnEnd, type TurnParts } from './turn.ts';

export interface DeskParts extends Omit<TurnParts, 'background' | 'runs'> {
  readonly botUserId: string;
  readonly targets: readonly Pick<Target, 'name' | 'tags'>[];
  readonly store: Store;
}

export interface AskInput {
  readonly team: string;
  readonly channel: string;
  readonly threadTs: string;
  readonly text: string;
  readonly user: string | undefined;
  readonly fresh?: boolean;
  readonly defaultTarget?: string;
}

/** Where questions are handed in and worked on, outside of any listener. */
export interface Desk {
  readonly parts: DeskParts;
  readonly seen: Seen;
  readonly shared: SharedChannels;
  readonly runs: RunLog;
  /** Takes a question and returns at once. */
  ask(input: AskInput): void;
  /** Whether this thread belongs to a conversation of ours, also while its first turn is still running. */
  owns(team: string, channel: string, threadTs: string): Promise<boolean>;
  /** Ends the running turn of a conversation, of this number where one is given; false where it does not run. */
  stopTurn(key: string, turn?: number): boolean;
  close(): Promise<void>;
}

/** Turns that run at the same time, over all threads. */
const maxTurns = 24;
/** Questions that may wait in one thread; a pasted log must not become a hundred runs. */
const maxWaiting = 5;
/** Threads whose first turn is on its way; the store knows them afterwards. */
const maxOpened = 10_000;
/** How long a stop of the process waits for turns to say their last word. */
const closeDeadlineMs = 4_000;

export function keyOf(team: string, channel: string, threadTs: string): string {
  return `${team}:${channel}:${threadTs}`;
}

export function createDesk(deskParts: DeskParts): Desk {
  const queue = createThreadQueue(maxTurns);
  const seen = createSeen();
  const shared = createSharedChannels(deskParts.client, deskParts.log);
  const running = new Map<string, { readonly stop: AbortController; readonly turn: number }>();
  const opened = new LRUCache<string, true>({ max: maxOpened });
  const loose = new Set<Promise<unknown>>();
  const runs = createRunLog(deskParts.store);
  let closing = false;

  const parts: DeskParts & TurnParts = {
    ...deskParts,
    runs,
    background(work) {
      loose.add(work);
      const leave = () => loose.delete(work);
      work.then(leave, leave);
    },
  };

  async function work(key: string, input: AskInput): Promise<void> {
    const { channel, threadTs, ...question } = input;
    const place = { channel, threadTs };
    if (shared.isKnownShared(channel)) return say(sharedRefusal, { place }, parts);
    const stop = new AbortController();
    const turn = (await parts.conversations.load(key))?.turns.length ?? 0;
    running.set(key, { stop, turn });
    if (closing) stop.abort(new TurnEnd('shutdown'));
    try {
      await runTurn({ ...question, place, key, fresh: input.fresh ?? false }, parts, stop.signal);
    } finally {
      running.delete(key);
    }
  }

  return {
    parts,
    seen,
    shared,
    runs,
    ask(input) {
      const key = keyOf(input.team, input.channel, input.threadTs);
      const place = { channel: input.channel, threadTs: input.threadTs };
      opened.set(key, true);
      if (queue.waiting(key) >= maxWaiting) {
        void say('Too many questions wait in this thread already; this one is left out.', { place }, parts);
        return;
      }
      const { waits } = queue.add(key, () => work(key, input));
      if (waits === 'thread') void say('One question at a time in a thread: this one is next.', { place }, parts);
      if (waits === 'capacity')
        void say('Many questions are being worked on; this one waits its turn.', { place }, parts);
    },
    async owns(team, channel, threadTs) {
      const key = keyOf(team, channel, threadTs);
      return opened.has(key) || (await parts.conversations.load(key)) !== undefined;
    },
    stopTurn(key, turn) {
      const found = running.get(key);
      if (!found || (turn !== undefined && turn !== found.turn)) return false;
      found.stop.abort(new TurnEnd('person'));
      return true;
    },
    async close() {
      closing = true;
      for (const { stop } of running.values()) stop.abort(new TurnEnd('shutdown'));
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, closeDeadlineMs);
      });
      const quiet = queue.idle().then(() => Promise.allSettled(loose));
      await Promise.race([quiet, deadline]);
      clearTimeout(timer);
    },
  };
}
