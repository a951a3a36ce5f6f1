import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { statementIn } from '../inspection/statement-in.ts';
import type { Report } from '../report/report.ts';
import { redactLiterals } from '../sql/redact.ts';
import { redactText } from '../sql/redact-text.ts';
import type { Kind, Store } from '../store/store.ts';
import type { Conversation, ConversationStore, Turn } from './conversation.ts';

/** Only what a follow-up or a button reads is looked at; the rest of a report is kept as it is. */
const report = z.custom<Report>((value) => {
  const { plan, findings, results, text } = (value ?? {}) as Partial<Record<keyof Report, unknown>>;
  return (
    plan !== null && typeof plan === 'object' && [findings, results].every(Array.isArray) && typeof text === 'string'
  );
}, 'is no report');

/** One turn of a conversation, under `team:channel:thread#number`. */
const turnKind: Kind<Turn> = {
  name: 'turn',
  schema: z.object({
    id: z.string().exactOptional(),
    question: z.string(),
    askedBy: z.string().exactOptional(),
    askedAt: z.string(),
    report,
    unfinished: z.literal(true).exactOptional(),
  }),
  keepDays: 90,
};

/** What an evidence keeps of its rows in the store: enough to be looked at again; the findings keep their tables whole. */
const storedRows = 20;
/** Conversations at hand without asking the store. */
const recentConversations = 200;
/** Digits of a turn's number in its key. */
const numberDigits = 4;
/** Turns that are asked for at once; most threads have fewer. */
const turnsAtOnce = 10;

function turnKey(key: string, number: number): string {
  return `${key}#${String(number).padStart(numberDigits, '0')}`;
}

/** Conversations that outlive the process. */
export function createStoredConversations(store: Store): ConversationStore {
  const recent = new LRUCache<string, Conversation>({ max: recentConversations });

  async function load(key: string): Promise<Conversation | undefined> {
    // Another process may have answered in this thread since.
    const known = store.isShared ? undefined : recent.get(key);
    if (known) return known;
    const turns = await storedTurns(key);
    if (turns.length === 0) return undefined;
    const conversation = { key, turns };
    recent.set(key, conversation);
    return conversation;
  }

  /** By their names and not by a list: every message of every channel asks, and a list is as long as the history of all threads. */
  async function storedTurns(key: string): Promise<Turn[]> {
    const turns: Turn[] = [];
    for (let from = 0; ; from += turnsAtOnce) {
      const numbers = Array.from({ length: turnsAtOnce }, (_, offset) => from + offset);
      const found = await Promise.all(numbers.map((number) => store.get(turnKind, turnKey(key, number))));
      turns.push(...found.filter((turn) => turn !== undefined));
      if (found.at(-1) === undefined) return turns;
    }
  }

  return {
    load,
    async append(key, turn) {
      const before = (await load(key))?.turns ?? [];
      const kept = withoutSecrets(withFewRows(turn));
      // A number may be taken though fewer turns are left: the oldest go first.
      for (let number = before.length; !(await store.insert(turnKind, turnKey(key, number), kept)); ) number += 1;
      const conversation = { key, turns: [...before, turn] };
      recent.set(key, conversation);
      return conversation;
    },
  };
}

/** A question is kept without the values of a statement in it; this process goes on with the words as they were written. */
function withoutSecrets(turn: Turn): Turn {
  const question = asStored(turn.question, turn.report.plan.targets);
  return { ...turn, question, report: { ...turn.report, question } };
}

function withFewRows(turn: Turn): Turn {
  const evidence = turn.report.evidence.map((one) =>
    one.rows.length <= storedRows ? one : { ...one, rows: one.rows.slice(0, storedRows), truncated: true },
  );
  return { ...turn, report: { ...turn.report, evidence } };
}

/** The words of a question as they may be kept: no literal of a statement, no secret. */
export function asStored(question: string, targets: readonly string[]): string {
  const statement = statementIn(question, targets);
  return redactText(statement ? `run: ${redactLiterals(statement.sql)}` : question).text;
}
