import type { Access } from '../../actions/access.ts';
import { agents } from '../../agents/registry.ts';
import { describeError } from '../../errors.ts';
import { metrics } from '../../metrics.ts';
import { callsFor } from '../../orchestrator/orchestrator.ts';
import type { Report } from '../../report/report.ts';
import { changesSince, couldNotLook, isTold, outcomeOf } from '../../schedules/changes.ts';
import { momentInWords } from '../../schedules/recurrence.ts';
import { type Schedule, scheduleInWords } from '../../schedules/schedule.ts';
import type { ScheduleBook } from '../../schedules/schedule-book.ts';
import { noteDone } from '../audited.ts';
import { paragraph, words } from '../posting/blocks.ts';
import { escapeText } from '../posting/escape.ts';
import { isClosed, post, postedKeys, readMessages } from '../posting/posting.ts';
import { sharedRefusal } from '../shared-channels.ts';
import { type Desk, keyOf } from '../turns/desk.ts';
import type { TakenQuestion } from '../turns/inbox.ts';
import { openThread } from '../turns/open-thread.ts';
import { NotTaken } from '../turns/post-until-taken.ts';
import { postTurn, publish, store, turnRef } from '../turns/turn.ts';
import { checkHeadline } from './schedule-words.ts';

export type DueCheck = Omit<TakenQuestion, 'due'> & { readonly due: NonNullable<TakenQuestion['due']> };

/** What of the desk works without a person who waits. */
export type QuietDesk = Pick<Desk, 'parts' | 'shared' | 'runs' | 'take'>;

/** A check later than this is told as late, and why; a busy minute is no reason. */
const lateMs = 5 * 60_000;
/** Begun this often and never finished: the check may be what ends the process. */
const mostBegun = 2;

export interface CheckParts {
  readonly book: ScheduleBook;
  readonly access: Access;
  readonly desk: QuietDesk;
  readonly now: () => number;
}

/**
 * Makes one scheduled check: nobody sees it until it is known whether it is told. Where it cannot be made the channel is told
 * why. Does not reject; a check that `signal` cut is left in the inbox for the next process.
 */
export async function makeCheck(id: string, question: DueCheck, parts: CheckParts, signal: AbortSignal): Promise<void> {
  const { inbox, log } = parts.desk.parts;
  try {
    const result = await check(id, question, parts, signal);
    if (result === 'cut') return;
    metrics.scheduledChecks.inc({ result });
  } catch (error) {
    if (error instanceof NotTaken) return;
    metrics.scheduledChecks.inc({ result: 'failed' });
    log.error({ err: error, schedule: question.due.number }, 'a scheduled check failed');
    const { message } = describeError(error);
    const told = `Scheduled check ${question.due.number} could not be made: ${message}`;
    await tellChannel(question, told, parts).catch((lost: unknown) => log.error({ err: lost }, 'nobody was told'));
  }
  await inbox.note(id, { state: 'answered' });
}

type Result = 'told' | 'quiet' | 'left_out' | 'not_allowed' | 'cut';

async function check(id: string, question: DueCheck, parts: CheckParts, signal: AbortSignal): Promise<Result> {
  const { book, desk, now } = parts;
  const { inbox } = desk.parts;
  const { due, begun } = question;
  const schedule = await book.find(question.team, due.number);
  if (!schedule || schedule.paused !== undefined) return 'left_out';
  if (await postedBefore(id, question, parts)) return 'told';
  const moment = momentInWords(due.atMs, schedule.when.zone);
  if (begun >= mostBegun) {
    await tellChannel(
      question,
      `Scheduled check ${due.number} of ${moment} was cut ${begun} times; it is left out.`,
      parts,
    );
    return 'left_out';
  }
  await inbox.note(id, { state: 'running', begun: begun + 1 });
  const before =
    schedule.lastRun === undefined || schedule.lastRun === id ? undefined : await inbox.find(schedule.lastRun);
  if (before && before.state !== 'answered') {
    const why = 'the one before is still being made';
    await tellChannel(question, `Scheduled check ${due.number} of ${moment} is left out: ${why}.`, parts);
    return 'left_out';
  }
  await book.change(schedule.team, schedule.number, (one) => ({ ...one, lastRun: id }));

  const targets = targetsOf(schedule, desk.parts.targets);
  const permissions = await parts.access.permissions(schedule.user, schedule.channel, { fresh: true });
  const isShared = await desk.shared.isKnownRefused(schedule.channel);
  const why = isShared
    ? sharedRefusal
    : obstacle(schedule, targets, (right, target) => permissions.refusal(right, target));
  if (why !== undefined) {
    await rest(schedule, why, parts);
    return 'not_allowed';
  }
  const chosen = agents.filter(({ name }) => schedule.agents.length === 0 || schedule.agents.includes(name));
  const report = await desk.parts.orchestrator.check(
    {
      text: `scheduled check ${schedule.number}: ${scheduleInWords(schedule)}`,
      fresh: true,
      signal,
      asker: { team: schedule.team, channel: schedule.channel, user: schedule.user },
      mayAsk: (target) => permissions.may('ask', target),
    },
    callsFor(chosen),
    targets,
  );
  if (signal.aborted) return 'cut';
  const late = lateness(question, now());
  const isNews = late !== undefined || isTold(schedule.notify, schedule.last, report);
  try {
    if (isNews) await tell(id, question, schedule, { report, late }, parts);
    else await desk.runs.saw(report);
  } catch (error) {
    if (!isClosed(error)) throw error;
    await rest(schedule, 'dbcheck cannot write in its channel any more', parts);
    return 'not_allowed';
  }
  // A look that saw nothing is nothing to compare the next one with.
  const outcome = couldNotLook(report)
    ? { ...outcomeOf(report), findings: schedule.last?.findings ?? [] }
    : outcomeOf(report);
  await book.change(schedule.team, schedule.number, (one) => ({ ...one, last: outcome }));
  return isNews ? 'told' : 'quiet';
}

/** The targets that a schedule means today, in the order of the configuration. */
export function targetsOf(
  { targets, select }: Pick<Schedule, 'targets' | 'select'>,
  configured: readonly { readonly name: string; readonly tags: readonly string[] }[],
): readonly string[] {
  const fits = ({ name, tags }: (typeof configured)[number]): boolean =>
    select === undefined ? targets.includes(name) : select === 'all' || tags.includes(select.tag);
  return configured.filter(fits).map(({ name }) => name);
}

/** Why it cannot be made as it is any more, in words; undefined where it can. */
function obstacle(
  schedule: Schedule,
  found: readonly string[],
  refusal: (right: 'schedule' | 'ask' | 'fleet', target: string) => string | undefined,
): string | undefined {
  const gone = schedule.targets.filter((name) => !found.includes(name));
  if (gone.length > 0) return `${gone.join(', ')} is no target any more`;
  if (found.length === 0) return 'no target fits it any more';
  const rights = found.length > 1 ? (['schedule', 'ask', 'fleet'] as const) : (['schedule', 'ask'] as const);
  const refused = found.find((target) => rights.some((right) => refusal(right, target) !== undefined));
  return refused === undefined ? undefined : `whoever made it may not have ${refused} checked here any more`;
}

function lateness({ due }: DueCheck, nowMs: number): string | undefined {
  if (nowMs - due.atMs < lateMs) return undefined;
  const more = due.missed === 0 ? '' : `; ${due.missed} more ${due.missed === 1 ? 'was' : 'were'} due meanwhile`;
  return `It could not be made then, because dbcheck was not running${more}. It is made now, once.`;
}

/** A process that was killed may have stored the report, and posted a part of it. */
async function postedBefore(id: string, { team, channel, threadTs, takenAtMs }: DueCheck, { desk }: CheckParts) {
  if (threadTs === undefined) return false;
  const key = keyOf(team, channel, threadTs);
  const conversation = await desk.parts.conversations.load(key);
  const turn = conversation?.turns.findIndex((one) => one.id === id) ?? -1;
  const answered = conversation?.turns[turn];
  if (!answered) return false;
  const place = { channel, threadTs };
  const posted = postedKeys(await readMessages(desk.parts.client, place, takenAtMs));
  await postTurn(answered, turnRef(key, turn), place, { key: id, posted }, desk.parts);
  return true;
}

/** Opens the thread and posts the report in it as the first turn of a conversation that people can go on with. */
async function tell(
  id: string,
  question: DueCheck,
  schedule: Schedule,
  { report, late }: { readonly report: Report; readonly late: string | undefined },
  { desk }: CheckParts,
): Promise<void> {
  const { team, channel, user } = schedule;
  const changes = changesSince(schedule.last, outcomeOf(report));
  const echo = checkHeadline(report, schedule, changes, { dueMs: question.due.atMs, late });
  const lookFrom = question.begun > 0 ? question.takenAtMs : undefined;
  const threadTs = question.threadTs ?? (await openThread(id, { ...question, echo }, desk, lookFrom));
  const key = keyOf(team, channel, threadTs);
  const text = report.question;
  await store(report, { id, key, text, user }, desk.parts);
  await publish(report, turnRef(key, 0), { id, team, user, place: { channel, threadTs } }, desk.parts);
}

/** Pauses a schedule that cannot be made any more, and says so once: in its channel, or to the person who made it. */
async function rest(schedule: Schedule, why: string, { book, desk }: CheckParts): Promise<void> {
  const { team, number, channel, user } = schedule;
  await book.change(team, number, (one) => ({ ...one, paused: why }));
  const entry = { who: 'dbcheck', did: 'pause_schedule', channel, about: { number, reason: why } };
  await noteDone(entry, desk.parts);
  const told = `Schedule ${number} (${scheduleInWords(schedule)}) is paused: ${why}. "/dbcheck schedule resume ${number}" goes on with it.`;
  for (const to of [channel, user]) {
    try {
      return await tellChannel({ channel: to }, told, { desk });
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
  }
}

/** Rejects where nothing can be said there. */
async function tellChannel({ channel }: Pick<DueCheck, 'channel'>, told: string, { desk }: Pick<CheckParts, 'desk'>) {
  const { client, log } = desk.parts;
  await post(
    client,
    { channel, threadTs: undefined },
    { text: escapeText(told), blocks: [paragraph(words(told))] },
    log,
  );
}
