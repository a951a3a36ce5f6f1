import { answerSpoken, findSubcommand, type Subcommand } from '../commands/subcommand.ts';
import { paragraph, words } from '../posting/blocks.ts';
import { isClosed, postedKeys, readMessages, type SaidMessage, slackErrorOf } from '../posting/posting.ts';
import { markSession } from '../posting/session.ts';
import { actionIds } from '../report/report-blocks.ts';
import type { ScheduleDesk } from '../schedules/schedule-desk.ts';
import type { ShareDesk } from '../sharing/share-desk.ts';
import type { StepDesk } from '../steps/step-desk.ts';
import type { SummaryDesk } from '../summary/summary-desk.ts';
import { type Desk, keyOf, type OpenQuestion } from './desk.ts';
import type { TakenQuestion } from './inbox.ts';
import { openPlace } from './privately.ts';
import { postTurn, say, store, turnRef, unfinishedReport } from './turn.ts';

/** A question that is older than this is not looked at again by itself: whoever asked has gone on. */
const stillWantedMs = 15 * 60_000;
/** Begun this often and never finished: what it asks for may be what ends the process. */
const mostBegun = 2;

export interface Recovery {
  stop(): Promise<void>;
}

/** On a shared store other processes may die at any time; and Slack may not answer when we want to tell. */
const sweepMs = 2_000;

type LeftQuestion = TakenQuestion & { readonly id: string };

export interface Takers {
  readonly desk: Desk;
  readonly sharing: Pick<ShareDesk, 'resume'>;
  readonly steps: Pick<StepDesk, 'begin'>;
  readonly summaries: Pick<SummaryDesk, 'resume'>;
  readonly schedules: ScheduleDesk;
  readonly commands: readonly Subcommand[];
}

/**
 * Takes up what a process left when it was killed: at once, on a shared store again and again. A report that was stored
 * is posted, what of it stands in the thread already is not repeated; a question that was not answered is begun again,
 * or its thread told, with a button.
 */
export function startRecovery(takers: Takers): Recovery {
  const { desk } = takers;
  const { store, inbox, log } = desk.parts;
  let left: readonly LeftQuestion[] = [];
  let isFirst = true;

  async function sweep(): Promise<void> {
    if (isFirst || store.isShared) {
      const adopted = await inbox.adopt();
      await desk.actions.recover();
      isFirst = false;
      if (adopted.length > 0) log.warn({ questions: adopted.length }, 'questions of a killed process are taken up');
      left = [...left, ...adopted];
    }
    const again: LeftQuestion[] = [];
    for (const question of left) {
      try {
        await recover(question, takers, Date.now());
      } catch (error) {
        if (isClosed(error)) {
          log.warn({ channel: question.channel }, 'the channel of a question is closed; nobody can be answered there');
          await desk.drop(question.id);
        } else {
          log.warn({ err: error }, 'a question could not be taken up; it is tried again');
          again.push(question);
        }
      }
    }
    left = again;
  }

  let work: Promise<void> | undefined;
  const begin = (): void => {
    work ??= sweep()
      .catch((error: unknown) => log.error({ err: error }, 'questions of other processes could not be taken up'))
      .finally(() => {
        work = undefined;
      });
  };
  begin();
  const timer = setInterval(() => (isFirst || store.isShared || left.length > 0) && begin(), sweepMs).unref();
  return {
    async stop() {
      clearInterval(timer);
      await work;
    },
  };
}

async function recover(
  question: LeftQuestion,
  { desk, schedules, sharing, steps, summaries, commands }: Takers,
  nowMs: number,
): Promise<void> {
  const { parts } = desk;
  const { id, due, step } = question;
  if (due) return schedules.begin(id, { ...question, due });
  if (step) return steps.begin(id, { ...question, step });
  if (question.summaryMs !== undefined) return summaries.resume(id, question);
  if (question.shares !== undefined) return sharing.resume(id, question);
  const found = findSubcommand(question.text, commands, 'spoken');
  if (found) return answerSpoken(id, question, found, desk);
  const place = await openPlace(id, question, desk, question.takenAtMs);
  const open: OpenQuestion = { ...question, ...place };
  if (question.state === 'waiting') return desk.begin(id, open);
  const key = keyOf(question.team, place.channel, place.threadTs);
  const said = await readMessages(parts.client, place, question.takenAtMs);
  const posted = postedKeys(said);
  await endChecklists({ ...question, ...place }, said, desk);
  const conversation = await parts.conversations.load(key);
  const turn = conversation?.turns.findIndex((one) => one.id === id) ?? -1;
  const answered = conversation?.turns[turn];
  if (answered) {
    await postTurn(answered, turnRef(key, turn), place, { key: id, posted }, parts);
    return desk.drop(id);
  }
  if (posted.has(`${id}/0`)) return desk.drop(id);
  if (question.begun >= mostBegun || nowMs - question.takenAtMs > stillWantedMs) {
    const sentence = 'Interrupted: dbcheck was stopped while it worked on this, and the question was not answered.';
    const report = unfinishedReport(question.text, sentence);
    await store(report, { id, key, text: question.text, user: question.user }, parts, true);
    const ref = turnRef(key, conversation?.turns.length ?? 0);
    await postTurn({ report, unfinished: true }, ref, place, { key: id }, parts);
    markSession(place, 'active', { user: question.user, text: question.text }, parts);
    return desk.drop(id);
  }
  await say('dbcheck was stopped while it worked on this question; it looks again.', { place }, parts);
  desk.begin(id, open);
}

/** A checklist of a run that is no more must not turn for ever. */
async function endChecklists(
  { progressTs, channel }: Pick<TakenQuestion, 'progressTs' | 'channel'>,
  said: readonly SaidMessage[],
  { parts }: Desk,
): Promise<void> {
  const { client, log, botUserId } = parts;
  const open = said.filter(
    ({ user, blocks }) => user === botUserId && JSON.stringify(blocks ?? []).includes(`"${actionIds.stop}"`),
  );
  const text = 'Interrupted: dbcheck was stopped';
  for (const ts of new Set([progressTs, ...open.map((message) => message.ts)])) {
    if (ts === undefined) continue;
    await client.chat.stopStream({ channel, ts }).catch(() => {});
    await client.chat
      .update({ channel, ts, text, blocks: [paragraph(words(text))] })
      .catch((error: unknown) => log.debug({ error: slackErrorOf(error) }, 'a checklist could not be ended'));
  }
}
