import type { Report } from '../report/report.ts';

/** One question with its report. */
export interface Turn {
  /** The question's id in the inbox; absent on the command line. */
  readonly id?: string;
  readonly question: string;
  /** Who asked: a Slack user id, or undefined on the command line. */
  readonly askedBy?: string;
  /** ISO 8601, UTC. */
  readonly askedAt: string;
  readonly report: Report;
  /** It was stopped or cut before its report was there; the report says what was known. */
  readonly unfinished?: true;
}

/** A Slack thread (or a terminal session): its turns, oldest first. Follow-ups are answered from the typed findings kept here. */
export interface Conversation {
  /** `team:channel:thread` in Slack. */
  readonly key: string;
  readonly turns: readonly Turn[];
}

/** Where conversations live between turns. */
export interface ConversationStore {
  load(key: string): Promise<Conversation | undefined>;
  append(key: string, turn: Turn): Promise<Conversation>;
}

export function createMemoryConversations(maxConversations = 1_000): ConversationStore {
  const conversations = new Map<string, Conversation>();
  return {
    load: async (key) => conversations.get(key),
    append: async (key, turn) => {
      const next: Conversation = { key, turns: [...(conversations.get(key)?.turns ?? []), turn] };
      conversations.delete(key);
      conversations.set(key, next);
      const oldest = conversations.keys().next().value;
      if (conversations.size > maxConversations && oldest !== undefined) conversations.delete(oldest);
      return next;
    },
  };
}
