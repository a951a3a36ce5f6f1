import type { WebClient } from '@slack/web-api';
import type { Audit, AuditEntry } from '../actions/audit.ts';
import type { Log } from '../log.ts';
import type { Report } from '../report/report.ts';
import { clamp, escapeText } from './posting/escape.ts';
import { limits } from './posting/limits.ts';
import type { Place } from './posting/posting.ts';

export interface Refused {
  readonly user: string;
  readonly channel: string;
  readonly threadTs: string | undefined;
  /** What was refused, in a word of the audit. */
  readonly did: string;
  readonly target?: string;
  readonly why: string;
  readonly about?: NonNullable<AuditEntry['about']>;
  /** How the person is told, where not by an ephemeral message: the bot may not be in the channel. */
  readonly tell?: (why: string) => Promise<unknown>;
}

interface Parts {
  readonly client: WebClient;
  readonly audit: Audit;
  readonly log: Log;
}

/** Says no to one person, unseen by the others, and writes it down. Does not reject: a refusal stands in any case. */
export async function refuse(refused: Refused, { client, audit, log }: Parts): Promise<void> {
  const { user, channel, threadTs, did, target, why, about } = refused;
  const entry: AuditEntry = {
    who: user,
    did,
    result: 'refused',
    why,
    ...(channel === '' ? {} : { channel }),
    ...(target === undefined ? {} : { target }),
    ...(threadTs === undefined ? {} : { thread: threadTs }),
    ...(about === undefined ? {} : { about }),
  };
  await audit.note(entry).catch((error: unknown) => log.error({ err: error }, 'a refusal is not in the audit'));
  if (channel === '') return;
  const text = clamp(escapeText(why), limits.text);
  const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
  const told = refused.tell?.(text) ?? client.chat.postEphemeral({ channel, user, text, ...thread });
  await told.catch((error: unknown) => log.warn({ err: error }, 'a private answer was lost'));
}

/** Writes down what a person did with a report. Does not reject. */
export async function noteDone(
  entry: Omit<AuditEntry, 'result'>,
  { audit, log }: Pick<Parts, 'audit' | 'log'>,
): Promise<void> {
  await audit
    .note({ ...entry, result: 'done' })
    .catch((error: unknown) => log.error({ err: error }, 'what a person did is not in the audit'));
}

/** Writes down that a question could not be answered, with the code of why. Does not reject. */
export async function noteFailed(
  { user, place }: { readonly user: string | undefined; readonly place: Place },
  why: string,
  { audit, log }: Pick<Parts, 'audit' | 'log'>,
): Promise<void> {
  const thread = place.threadTs === undefined ? {} : { thread: place.threadTs };
  await audit
    .note({ who: user ?? 'dbcheck', did: 'ask', result: 'failed', why, channel: place.channel, ...thread })
    .catch((error: unknown) => log.error({ err: error }, 'a failed question is not in the audit'));
}

/** Writes down who asked what about which targets. Does not reject: an answer is worth more than its entry. */
export async function noteAsked(
  report: Report,
  { user, place }: { readonly user: string | undefined; readonly place: Place },
  { audit, log }: Pick<Parts, 'audit' | 'log'>,
): Promise<void> {
  const { kind, agents } = report.plan;
  const entry: AuditEntry = {
    who: user ?? 'dbcheck',
    did: 'ask',
    result: 'done',
    channel: place.channel,
    ...(report.target === '' ? {} : { target: report.target }),
    ...(place.threadTs === undefined ? {} : { thread: place.threadTs }),
    about: { kind, agents: agents.map(({ agent }) => agent).join(', '), verdict: report.verdict },
  };
  await audit.note(entry).catch((error: unknown) => log.error({ err: error }, 'a question is not in the audit'));
}
