import { paragraph, words } from './blocks.ts';
import { type Desk, keyOf, type OpenQuestion } from './desk.ts';
import type { TakenQuestion } from './inbox.ts';
import { openThread } from './open-thread.ts';
import { isClosed, type Place, postedKeys, slackErrorOf } from './posting.ts';
import { markSession } from './session.ts';
import { postTurn, say, store, turnRef, unfinishedReport } from './turn.ts';

/** A question that is older than this is not looked at again by itself: whoever asked has gone on. */
const stillWantedMs = 15 * 60_000;
/** Begun this often and never finished: what it asks for may be what ends the process. */
const mostBegun = 2;

export interface Recovery {
  stop(): Promise<void>;
}

/** On a shared store other processes may die at any time; on one of our own all that died did so before the start. */
const sweepMs = 2_000;

/** Takes up the questions of dead processes: at once, and on a shared store again and again. */
export function startRecovery(desk: Desk): Recovery {
  const { store, log } = desk.parts;
  let work = Promise.resolve();
  const sweep = (): void => {
    work = work
      .then(() => recoverQuestions(desk, Date.now()))
      .catch((error: unknown) => log.error({ err: error }, 'questions of other processes could not be taken up'));
  };
  sweep();
  const timer = store.isShared ? setInterval(sweep, sweepMs) : undefined;
  timer?.unref();
  return {
    async stop() {
      clearInterval(timer);
      await work;
    },
  };
}

/**
 * Takes up what a process left when it was killed. A report that was stored is posted, what of it stands in the thread
 * already is not repeated; a question that was not answered is begun again, or its thread told, with a button.
 */
async function recoverQuestions(desk: Desk, nowMs: number): Promise<void> {
  const { inbox, log } = desk.parts;
  const left = await inbox.adopt().catch((error: unknown) => {
    log.error({ err: error }, 'the questions of an earlier process could not be read');
    return [];
  });
  if (left.length > 0) log.warn({ questions: left.length }, 'questions of a process that was killed are taken up');
  for (const question of left) {
    await recover(question.id, question, desk, nowMs).catch(async (error: unknown) => {
      const level = isClosed(error) ? 'warn' : 'error';
      log[level]({ err: error, channel: question.channel }, 'a question could not be taken up again');
      await desk.drop(question.id);
    });
  }
}

async function recover(id: string, question: TakenQuestion, desk: Desk, nowMs: number): Promise<void> {
  const { parts } = desk;
  const threadTs = question.threadTs ?? (await openThread(id, question, desk, question.takenAtMs));
  const open: OpenQuestion = { ...question, threadTs };
  const place: Place = { channel: question.channel, threadTs };
  if (question.state === 'waiting') return desk.begin(id, open);
  const key = keyOf(question.team, question.channel, threadTs);
  await endProgress(question, desk);
  const posted = await postedKeys(parts.client, place, question.takenAtMs);
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

/** The checklist of a run that is no more must not turn for ever. */
async function endProgress({ progressTs, channel }: TakenQuestion, { parts }: Desk): Promise<void> {
  if (progressTs === undefined) return;
  const { client, log } = parts;
  await client.chat.stopStream({ channel, ts: progressTs }).catch(() => {});
  const text = 'Interrupted: dbcheck was stopped';
  await client.chat
    .update({ channel, ts: progressTs, text, blocks: [paragraph(words(text))] })
    .catch((error: unknown) => log.debug({ error: slackErrorOf(error) }, 'a checklist could not be ended'));
}
