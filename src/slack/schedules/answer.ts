import { describeError } from '../../errors.ts';
import { refuse } from '../audited.ts';
import { isClosed, post } from '../posting/posting.ts';
import type { Desk } from '../turns/desk.ts';
import type { TakenQuestion } from '../turns/inbox.ts';
import { say } from '../turns/turn.ts';
import type { ScheduleAnswer, ScheduleAsker, ScheduleDesk } from './schedule-desk.ts';

/**
 * Posts what a command came to; what only its person should see goes through `tell`, or
 * is shown to them in the channel where that is left out.
 */
export async function tellSchedule(
  answer: ScheduleAnswer,
  asker: ScheduleAsker,
  threadTs: string | undefined,
  tell: ((text: string) => Promise<unknown>) | undefined,
  desk: Desk,
): Promise<void> {
  const { client, log } = desk.parts;
  const { user, channel } = asker;
  if ('refused' in answer) {
    const { refused: why, target } = answer;
    return refuse({ user, channel, threadTs, did: 'schedule', target, why, ...(tell ? { tell } : {}) }, desk.parts);
  }
  if ('told' in answer) await tell?.(answer.told);
  else await post(client, { channel, threadTs }, answer.message, log);
}

/** Answers a taken message about schedules in its thread, for everybody to read. Does not reject. */
export async function answerSpoken(
  id: string,
  { team, channel, threadTs, user, text }: Pick<TakenQuestion, 'team' | 'channel' | 'threadTs' | 'user' | 'text'>,
  desk: Desk,
  schedules: ScheduleDesk,
): Promise<void> {
  const place = { channel, threadTs };
  const tell = (told: string) => say(told, { place }, desk.parts);
  try {
    if (user === undefined) return;
    const asker = { team, channel, user };
    const answer = await schedules.answer(text.replace(/^\s*schedules?\b:?/i, ''), asker);
    const secret = 'refused' in answer ? undefined : tell;
    await tellSchedule(answer, asker, threadTs, secret, desk);
  } catch (error) {
    if (!isClosed(error)) await tell(`That could not be done: ${describeError(error).message}`);
  } finally {
    await desk.drop(id);
  }
}
