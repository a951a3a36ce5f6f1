import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Log } from '../../log.ts';
import type { Presence } from '../../store/presence.ts';
import type { Kind, Store } from '../../store/store.ts';

/** A question from Slack, from before it is acknowledged until its answer stands in the thread. */
export type TakenQuestion = z.infer<typeof takenQuestion>;
const takenQuestion = z.object({
  team: z.string(),
  channel: z.string(),
  /** Undefined for a command whose root message is not posted yet. */
  threadTs: z.string().exactOptional(),
  /** As it was written, until it is answered; then empty. */
  text: z.string(),
  user: z.string().exactOptional(),
  fresh: z.boolean(),
  defaultTarget: z.string().exactOptional(),
  /** To be answered in a direct message to whoever asked, in which `channel` is then. */
  privately: z.literal(true).exactOptional(),
  /** The weekly summary that ends at this time. */
  summaryMs: z.number().exactOptional(),
  /** The step of a workflow that asks; nobody in person does. Its channel is empty where the workflow names none. */
  step: z.object({ executionId: z.string() }).exactOptional(),
  /** The turn of direct messages that is shared to `channel`; nothing is asked. */
  shares: z.string().exactOptional(),
  /** Said in a thread of ours without a mention: among colleagues, it may be meant for one of them. */
  overheard: z.literal(true).exactOptional(),
  /** The words of a command's root message. */
  echo: z.string().exactOptional(),
  /** The incident of alerts that is looked into: the configuration asks, and no person. */
  incident: z.string().exactOptional(),
  /** The due time of a schedule that this is; nobody in person asks. */
  due: z.object({ number: z.number(), atMs: z.number(), missed: z.number() }).exactOptional(),
  takenAtMs: z.number(),
  state: z.enum(['waiting', 'running', 'answered']),
  /** How often it was begun: one that ends the process must not do so for ever. */
  begun: z.number(),
  /** The process that works on it. */
  owner: z.string(),
  /** The checklist of its run, to be ended when the run was cut. */
  progressTs: z.string().exactOptional(),
});

/** Under an id that is the same for every delivery of one message, command or click. Kept longer than Slack retries. */
export const questionKind: Kind<TakenQuestion> = { name: 'question', schema: takenQuestion, keepDays: 2 };

export type NewQuestion = Omit<TakenQuestion, 'takenAtMs' | 'state' | 'begun' | 'owner' | 'progressTs'>;

export interface Inbox {
  /** Stores a question; false where this very one was taken before, by whichever process. */
  take(id: string, question: NewQuestion): Promise<boolean>;
  /** Undefined where it was never taken, or so long ago that it is forgotten. */
  find(id: string): Promise<TakenQuestion | undefined>;
  /** Adds what became known of a question; it is called after the fact and does not reject. */
  note(
    id: string,
    news: Partial<Pick<TakenQuestion, 'channel' | 'threadTs' | 'state' | 'begun' | 'progressTs'>>,
  ): Promise<void>;
  /** Forgets that it was taken, so that it may be taken again; for what could not be done. Does not reject. */
  release(id: string): Promise<void>;
  /** The questions that a process left behind when it died, made this one's own; the oldest first. */
  adopt(): Promise<readonly (TakenQuestion & { readonly id: string })[]>;
}

/** What was answered is kept to know it again, not to be read: people paste statements with whatever is in them. */
function forgotten({ echo: _, ...record }: TakenQuestion): TakenQuestion {
  return { ...record, text: '' };
}

const maxRemembered = 20_000;
const maxAdopted = 500;

/** Where the store fails, questions are taken all the same and known to this process only. */
export function createInbox(store: Store, presence: Presence, log: Log, now: () => number = Date.now): Inbox {
  const taken = new LRUCache<string, true>({ max: maxRemembered });
  const lost = (error: unknown) =>
    log.error({ err: error }, 'a question is not in the store; a crash now would lose it');
  return {
    async take(id, question) {
      if (taken.has(id)) return false;
      taken.set(id, true);
      const record: TakenQuestion = { ...question, takenAtMs: now(), state: 'waiting', begun: 0, owner: presence.id };
      try {
        return await store.insert(questionKind, id, record);
      } catch (error) {
        lost(error);
        return true;
      }
    },
    find: (id) => store.get(questionKind, id),
    async note(id, news) {
      const forget = news.state === 'answered' ? forgotten : (record: TakenQuestion) => record;
      await store.update(questionKind, id, (record) => record && { ...forget(record), ...news }).catch(lost);
    },
    async release(id) {
      taken.delete(id);
      await store.remove(questionKind, id).catch(lost);
    },
    async adopt() {
      const open = (await store.list(questionKind, { limit: maxAdopted })).filter(
        ({ value }) => value.state !== 'answered' && value.owner !== presence.id,
      );
      const adopted: (TakenQuestion & { id: string })[] = [];
      for (const { key: id, value } of open.toReversed()) {
        if (await presence.isAlive(value.owner)) continue;
        let isMine = false;
        await store.update(questionKind, id, (record) => {
          isMine = record?.owner === value.owner && record.state !== 'answered';
          return isMine && record ? { ...record, owner: presence.id } : undefined;
        });
        if (isMine) adopted.push({ ...value, id });
      }
      return adopted;
    },
  };
}
