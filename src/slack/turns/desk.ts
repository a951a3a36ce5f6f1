import { LRUCache } from 'lru-cache';
import type { Access } from '../../actions/access.ts';
import type { ActionSettings } from '../../actions/action.ts';
import type { Executor } from '../../actions/executor.ts';
import type { ActionSwitch } from '../../actions/switch.ts';
import { metrics } from '../../metrics.ts';
import type { Presence } from '../../store/presence.ts';
import type { Store } from '../../store/store.ts';
import type { Target } from '../../targets/target.ts';
import { type ActionDesk, createActionDesk } from '../actions/action-desk.ts';
import { refuse } from '../audited.ts';
import { createSharedChannels, type SharedChannels, sharedRefusal } from '../shared-channels.ts';
import { createInbox, type NewQuestion } from './inbox.ts';
import { createRunLog, type RunLog } from './run-log.ts';
import { createStopRequests } from './stop-requests.ts';
import { createThreadOrder } from './thread-order.ts';
import { createThreadQueue } from './thread-queue.ts';
import { runTurn, say, type TurnParts } from './turn.ts';
import { TurnEnd } from './turn-end.ts';

export interface DeskParts extends Omit<TurnParts, 'background' | 'closing' | 'runs' | 'inbox' | 'offerActions'> {
  readonly targets: readonly Pick<Target, 'name' | 'tags' | 'hasActionAccount'>[];
  readonly store: Store;
  readonly presence: Presence;
  readonly access: Access;
  readonly actionSwitch: ActionSwitch;
  readonly executor: Executor;
  readonly actionSettings: () => ActionSettings;
  /** Milliseconds since 1970; tests give their own. */
  readonly now?: () => number;
}

/** A question whose thread is known; `begun` tells how often it was begun before. */
export interface OpenQuestion extends NewQuestion {
  readonly threadTs: string;
  readonly begun?: number;
  /** When it was taken first; now where it is left out. */
  readonly takenAtMs?: number;
}

/** Where questions are handed in and worked on, outside of any listener. */
export interface Desk {
  readonly parts: DeskParts & TurnParts;
  readonly shared: SharedChannels;
  readonly runs: RunLog;
  readonly actions: ActionDesk;
  /** Takes a question: it is stored when this resolves. False where it was taken before. `id` is the same for every delivery. */
  take(id: string, question: NewQuestion): Promise<boolean>;
  /** Works on a taken question as soon as its thread's earlier ones are through; returns at once. */
  begin(id: string, question: OpenQuestion): void;
  /** Gives up a taken question that cannot be answered in its place. */
  drop(id: string): Promise<void>;
  /** Whether this thread belongs to a conversation of ours, also while its first turn is still running. */
  owns(team: string, channel: string, threadTs: string): Promise<boolean>;
  /** Ends the running turn of a conversation, of this number where one is given; false where it does not run. */
  stopTurn(key: string, turn?: number): Promise<boolean>;
  /** Lets running turns finish for so long, then ends them with a last word; what waits is left for the next start. */
  close(finishMs: number): Promise<void>;
}

/** Turns that run at the same time, over all threads. */
const maxTurns = 24;
/** Questions that may wait in one thread; a pasted log must not become a hundred runs. */
const maxWaiting = 5;
/** Threads whose first turn is on its way; the store knows them afterwards. */
const maxOpened = 10_000;
/** How long turns that were told to end have to say their last word. */
const lastWordMs = 4_000;
const handOver = 'dbcheck is being restarted; this question is taken up when it is back.';

export function keyOf(team: string, channel: string, threadTs: string): string {
  return `${team}:${channel}:${threadTs}`;
}

export function createDesk(deskParts: DeskParts): Desk {
  const queue = createThreadQueue(maxTurns);
  const shared = createSharedChannels(
    deskParts.client,
    (channel) => deskParts.access.isSharedAllowed(channel),
    deskParts.log,
  );
  const running = new Map<string, { readonly stop: AbortController; readonly turn: number }>();
  const opened = new LRUCache<string, true>({ max: maxOpened });
  const loose = new Set<Promise<unknown>>();
  const runs = createRunLog(deskParts.store);
  const order = createThreadOrder(deskParts.store, deskParts.presence);
  const stops = createStopRequests(deskParts.store);
  const inbox = createInbox(deskParts.store, deskParts.presence, deskParts.log);
  let closing = false;
  const over = new AbortController();

  const parts: DeskParts & TurnParts = {
    ...deskParts,
    runs,
    inbox,
    closing: over.signal,
    offerActions: (report, place) => actions.offer(report, place),
    background(work) {
      loose.add(work);
      const leave = () => loose.delete(work);
      work.then(leave, leave);
    },
  };

  const actions = createActionDesk(parts);

  async function work(id: string, question: OpenQuestion, askedAtMs: number): Promise<void> {
    const { team, channel, threadTs, text, user, fresh, defaultTarget, overheard = false, begun = 0 } = question;
    const key = keyOf(team, channel, threadTs);
    const place = { channel, threadTs };
    if (await shared.isKnownRefused(channel)) {
      const did = { did: 'ask', why: sharedRefusal };
      await (user === undefined ? say(sharedRefusal, { place }, parts) : refuse({ ...place, ...did, user }, parts));
      return inbox.note(id, { state: 'answered' });
    }
    // It stays in the inbox as one that waits: the next process begins it.
    if (closing) return say(handOver, { place }, parts);
    const stop = new AbortController();
    const turn = (await parts.conversations.load(key))?.turns.length ?? 0;
    running.set(key, { stop, turn });
    const endLooking = stops.watch(key, turn, () => stop.abort(new TurnEnd('person')));
    count();
    // Who may ask was decided where alerts are routed; the rules of the channel hold for them as for everybody.
    const permissions = await (question.incident === undefined
      ? parts.access.permissions(user, channel)
      : parts.access.channelPermissions(channel));
    const chosen = defaultTarget === undefined ? {} : { defaultTarget };
    try {
      const asked = { id, begun, team, key, place, text, user, fresh, askedAtMs, isOverheard: overheard };
      await runTurn({ ...asked, permissions, ...chosen }, parts, stop.signal);
    } finally {
      endLooking();
      running.delete(key);
      count();
    }
  }

  function count(): void {
    metrics.turnsOpen.set({ state: 'running' }, running.size);
    metrics.turnsOpen.set({ state: 'waiting' }, queue.size() - running.size);
  }

  return {
    parts,
    shared,
    runs,
    actions,
    take: (id, question) => {
      const { team, channel, threadTs } = question;
      if (threadTs !== undefined) opened.set(keyOf(team, channel, threadTs), true);
      return inbox.take(id, question);
    },
    begin(id, question) {
      const key = keyOf(question.team, question.channel, question.threadTs);
      const place = { channel: question.channel, threadTs: question.threadTs };
      opened.set(key, true);
      if (queue.waiting(key) >= maxWaiting) {
        void say('Too many questions wait in this thread already; this one is left out.', { place }, parts);
        parts.background(inbox.note(id, { state: 'answered' }));
        return;
      }
      const position = { id, takenAtMs: question.takenAtMs ?? Date.now() };
      const { waits, done } = queue.add(key, () =>
        order.inTurn(key, position, () => work(id, question, position.takenAtMs)),
      );
      count();
      void done.then(count, count);
      if (waits === 'thread') void say('One question at a time in a thread: this one is next.', { place }, parts);
      if (waits === 'capacity')
        void say('Many questions are being worked on; this one waits its turn.', { place }, parts);
    },
    drop: (id) => inbox.note(id, { state: 'answered' }),
    async owns(team, channel, threadTs) {
      const key = keyOf(team, channel, threadTs);
      return opened.has(key) || (await parts.conversations.load(key)) !== undefined;
    },
    async stopTurn(key, turn) {
      const found = running.get(key);
      if (found) {
        if (turn !== undefined && turn !== found.turn) return false;
        found.stop.abort(new TurnEnd('person'));
        return true;
      }
      if (!(await order.isBusy(key))) return false;
      await stops.ask(key, turn);
      return true;
    },
    async close(finishMs) {
      closing = true;
      const quiet = queue.idle().then(() => Promise.allSettled(loose));
      await within(quiet, finishMs);
      over.abort();
      for (const { stop } of running.values()) stop.abort(new TurnEnd('shutdown'));
      await within(quiet, lastWordMs);
    },
  };
}

async function within(work: Promise<unknown>, ms: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}
