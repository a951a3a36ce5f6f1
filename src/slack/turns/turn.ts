import type { ActionsBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Permissions } from '../../actions/access.ts';
import type { Audit } from '../../actions/audit.ts';
import type { ConversationStore, Turn } from '../../conversation/conversation.ts';
import { describeError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Orchestrator, Question } from '../../orchestrator/question.ts';
import { reportInWords } from '../../report/in-words.ts';
import type { Report } from '../../report/report.ts';
import type { Store } from '../../store/store.ts';
import type { ActionPlace } from '../actions/action-ends.ts';
import { noteAsked, noteFailed, refuse } from '../audited.ts';
import { button, buttons, paragraph, words } from '../posting/blocks.ts';
import { escapeText } from '../posting/escape.ts';
import { isClosed, type Place, post } from '../posting/posting.ts';
import { markSession } from '../posting/session.ts';
import { Checklist } from '../progress/checklist.ts';
import { type Progress, startProgress } from '../progress/progress.ts';
import { type DeliveryKey, deliver } from '../report/deliver.ts';
import { actionIds, reportMessages } from '../report/report-blocks.ts';
import { targetPicker } from '../report/target-picker.ts';
import type { Inbox } from './inbox.ts';
import { NotTaken, postUntilTaken } from './post-until-taken.ts';
import { quotedIn } from './quoted.ts';
import type { RunLog } from './run-log.ts';
import { endOf, orEnded } from './turn-end.ts';
import { namesClock, zoneOf } from './zone.ts';

/** One question from Slack with everything that answering it needs. */
export interface TurnInput {
  readonly place: Place;
  readonly team: string;
  /** The question's id in the inbox. */
  readonly id: string;
  /** How often this question was begun before. */
  readonly begun: number;
  /** Key of the conversation: team, channel and thread. */
  readonly key: string;
  readonly text: string;
  readonly user: string | undefined;
  readonly fresh: boolean;
  /** Said in a thread of ours without a mention: what is no question there is left alone. */
  readonly isOverheard?: boolean;
  /** When it was asked, in milliseconds since 1970. */
  readonly askedAtMs: number;
  /** A target picked outside the text. */
  readonly defaultTarget?: string;
  /** What the person may do in this channel. */
  readonly permissions: Permissions;
}

export interface TurnParts {
  readonly botUserId: string;
  readonly client: WebClient;
  /** Rejects when Slack asks for a pause: for what may be dropped. */
  readonly eagerClient: WebClient;
  readonly orchestrator: Orchestrator;
  readonly conversations: ConversationStore;
  readonly log: Log;
  readonly runs: RunLog;
  readonly inbox: Inbox;
  readonly audit: Audit;
  /** Posts what the findings of a report justify to do. */
  readonly offerActions: (report: Report, place: ActionPlace) => Promise<void>;
  readonly store: Pick<Store, 'trouble'>;
  /** Milliseconds since 1970; tests give their own. */
  readonly now?: () => number;
  /** Aborted when the process ends and had its time to finish. */
  readonly closing: AbortSignal;
  /** Work that goes on behind a turn's end and that a stop of the process waits for. */
  background(work: Promise<unknown>): void;
}

/** Names a turn in the values of buttons: only ids, nothing of its content. */
export function turnRef(key: string, turn: number): string {
  return `${key}#${turn}`;
}

export function readRef(ref: string): { readonly key: string; readonly turn: number } | undefined {
  const [, key, turn] = /^([\w.:-]{5,120})#(\d{1,4})$/.exec(ref) ?? [];
  return key === undefined ? undefined : { key, turn: Number(turn) };
}

/**
 * Answers one question in its thread: a checklist while agents work, then the report as a new reply.
 * The second of the three places that catch: whatever fails becomes one sentence in the thread.
 */
export async function runTurn(input: TurnInput, parts: TurnParts, signal: AbortSignal): Promise<void> {
  const { conversations, log } = parts;
  const work: { progress?: Progress; isLeft?: boolean } = {};
  markSession(input.place, 'processing', input, parts);
  await parts.inbox.note(input.id, { state: 'running', begun: input.begun + 1 });
  try {
    const conversation = await conversations.load(input.key);
    const quoted = await quotedIn(input, conversation, parts);
    const zone = namesClock(input.text) ? await zoneOf(parts.eagerClient, input.user) : undefined;
    const ref = turnRef(input.key, conversation?.turns.length ?? 0);
    const checklist = new Checklist(ref);
    const answered = parts.orchestrator.ask({
      text: input.text,
      fresh: input.fresh,
      ...(input.isOverheard ? { isOverheard: true } : {}),
      signal,
      asker: { team: input.team, channel: input.place.channel, user: input.user },
      mayAsk: (target) => input.permissions.may('ask', target),
      mayRunFleet: (target) => input.permissions.may('fleet', target),
      mayInspect: (target) => input.permissions.may('inspect', target),
      ...(conversation ? { conversation } : {}),
      ...(quoted.length > 0 ? { quoted } : {}),
      ...(zone === undefined ? {} : { zone }),
      ...(input.defaultTarget === undefined ? {} : { defaultTarget: input.defaultTarget }),
      onProgress(event) {
        checklist.take(event);
        if (event.type === 'planned' && event.plan.kind === 'run')
          work.progress = startProgress(input.place, checklist, {
            ...parts,
            ...input,
            client: parts.eagerClient,
            onStarted: (progressTs) => parts.background(parts.inbox.note(input.id, { progressTs })),
          });
        work.progress?.show();
      },
    } satisfies Question);
    const report = await orEnded(answered, signal);
    if (report) await tell(report, ref, checklist, input, parts, signal);
    else await tellEarlyEnd(ref, checklist, input, parts, signal);
  } catch (error) {
    if (isClosed(error)) {
      log.warn({ channel: input.place.channel }, 'the channel of a question is closed; nobody can be answered there');
      return;
    }
    if (error instanceof NotTaken) {
      log.warn({ err: error }, 'a report is left for the next process to post');
      work.isLeft = true;
      return;
    }
    log.error({ err: error }, 'a turn failed');
    const { code, message } = describeError(error);
    await noteFailed(input, code, parts);
    await say(
      `That question could not be answered: ${message} (${code}). Ask again, or use the command line.`,
      input,
      parts,
    );
  } finally {
    markSession(input.place, 'active', input, parts);
    // Over when the checklist shows it too: one that a crash cut must be found by the next process.
    const ended = Promise.resolve(work.progress?.end());
    if (!work.isLeft) parts.background(ended.finally(() => parts.inbox.note(input.id, { state: 'answered' })));
  }
}

async function tell(
  answered: Report,
  ref: string,
  checklist: Checklist,
  input: TurnInput,
  parts: TurnParts,
  signal: AbortSignal,
): Promise<void> {
  if (endOf(signal) === 'shutdown') return tellEarlyEnd(ref, checklist, input, parts, signal);
  if (answered.plan.refused) return refuseTurn(answered, input, parts);
  if (input.isOverheard && answered.plan.kind === 'smalltalk') return;
  const report = withTrouble(answered, parts.store.trouble);
  await store(report, input, parts);
  checklist.finish(doneLine(report, signal));
  const nothingKnown = report.findings.length === 0 && !report.results.some(({ status }) => status === 'completed');
  if (signal.aborted && nothingKnown) {
    await say('Stopped before any check had finished; nothing is known yet.', input, parts);
    return;
  }
  await publish(report, ref, input, parts, !signal.aborted);
}

/**
 * Writes a stored report down as a run and posts it in its thread, with what may be done where that is offered. Where Slack
 * takes nothing it goes on trying, and rejects with NotTaken when the process ends over it.
 */
export async function publish(
  report: Report,
  ref: string,
  input: Pick<TurnInput, 'id' | 'team' | 'user' | 'place'> & Partial<Pick<TurnInput, 'askedAtMs'>>,
  parts: Pick<TurnParts, 'runs' | 'audit' | 'log' | 'client' | 'closing' | 'offerActions'>,
  isOffered = true,
): Promise<void> {
  const { channel, threadTs = '' } = input.place;
  const isUnasked = input.askedAtMs === undefined || input.user === undefined;
  const answerMs = input.askedAtMs === undefined ? {} : { answerMs: Date.now() - input.askedAtMs };
  await parts.runs
    .add(report, { ref, user: input.user, channel, threadTs, isUnasked, ...answerMs })
    .catch((error: unknown) => parts.log.error({ err: error }, 'a run is not in the log of runs'));
  await noteAsked(report, input, parts);
  const { id, place } = input;
  await postUntilTaken((as) => postTurn({ report }, ref, place, as, parts), place, id, parts);
  if (isOffered) await parts.offerActions(report, { team: input.team, channel, threadTs });
}

/** Whoever reads on should know that a restart would forget this thread. */
function withTrouble(report: Report, trouble: string | undefined): Report {
  if (trouble === undefined || report.plan.kind !== 'run') return report;
  return { ...report, notes: [...report.notes, `kept in memory only, because ${trouble}`] };
}

/** The refusal is the person's own affair: the thread does not show it, and the conversation goes on without it. */
async function refuseTurn(report: Report, input: TurnInput, parts: TurnParts): Promise<void> {
  const { right, targets } = report.plan.refused ?? { right: 'ask', targets: [] };
  const { user, place, permissions } = input;
  if (user === undefined) return say(report.text, input, parts);
  const why = targets.map((target) => permissions.refusal(right, target) ?? report.text).join('\n');
  await refuse({ ...place, user, did: right, target: targets.join(', '), why }, parts);
}

/** Posts what a turn came to: a report, an answer, a menu of targets, or a last word with a button. */
export async function postTurn(
  { report, unfinished }: Pick<Turn, 'report' | 'unfinished'>,
  ref: string,
  place: Place,
  as: DeliveryKey,
  { client, log }: Pick<TurnParts, 'client' | 'log'>,
): Promise<void> {
  const extra = unfinished ? runAgain(ref) : report.plan.missing === 'target' ? targetPicker(ref) : undefined;
  const delivered = reportMessages(report, ref);
  const [first, ...rest] = delivered.messages;
  const messages = first && extra ? [{ ...first, blocks: [...first.blocks, extra] }, ...rest] : delivered.messages;
  await deliver(client, place, { ...delivered, messages }, log, as);
}

function runAgain(ref: string): ActionsBlock {
  return buttons(button(actionIds.recheck, 'Run again', ref));
}

/** Says what was known when a turn was ended before its report was there. The question stays, to be run again. */
async function tellEarlyEnd(
  ref: string,
  checklist: Checklist,
  input: TurnInput,
  parts: TurnParts,
  signal: AbortSignal,
): Promise<void> {
  const known = checklist.known();
  const why =
    endOf(signal) === 'shutdown'
      ? 'Interrupted: dbcheck is being restarted, and this question was not answered.'
      : 'Stopped on request.';
  checklist.finish(`${why.split(':')[0]} after ${checklist.finished} checks`.replace('request.', 'request'));
  const sentence = known.length > 0 ? `${why} Known until then:\n${known.join('\n')}` : `${why} Nothing was known yet.`;
  const report = unfinishedReport(input.text, sentence);
  await store(report, input, parts, true);
  await postTurn({ report, unfinished: true }, ref, input.place, { key: input.id }, parts);
}

/** Stored before it is posted: a follow-up may come the moment the report is there. */
export async function store(
  report: Report,
  { id, key, text, user }: Pick<TurnInput, 'id' | 'key' | 'text' | 'user'>,
  { conversations }: Pick<TurnParts, 'conversations'>,
  isUnfinished = false,
): Promise<void> {
  const askedBy = user === undefined ? {} : { askedBy: user };
  const unfinished = isUnfinished ? { unfinished: true as const } : {};
  await conversations.append(key, { id, question: text, askedAt: report.takenAt, ...askedBy, report, ...unfinished });
}

export function unfinishedReport(question: string, answer: string): Report {
  return reportInWords(question, { kind: 'context', agents: [], source: 'rules', targets: [], answer });
}

/** A sentence of ours in the thread. Where even that cannot be posted, only the log knows. */
export async function say(
  text: string,
  { place }: Pick<TurnInput, 'place'>,
  { client, log }: Pick<TurnParts, 'client' | 'log'>,
): Promise<void> {
  await post(client, place, { text: escapeText(text), blocks: [paragraph(words(text))] }, log).catch((lost: unknown) =>
    log.error({ err: lost, channel: place.channel }, 'a thread was left without an answer'),
  );
}

function doneLine({ results, durationMs, verdict }: Report, signal: AbortSignal): string {
  const done = results.filter(({ status }) => status === 'completed').length;
  const how = signal.aborted ? 'Stopped' : 'Done';
  return `${how}: ${done} of ${results.length} checks in ${(durationMs / 1_000).toFixed(1)} s, ${verdict}`;
}
