import { refuse } from '../audited.ts';
import { answerSpoken, findSubcommand, type Subcommand } from '../commands/subcommand.ts';
import { clamp, readText } from '../posting/escape.ts';
import type { SlackMessage } from '../posting/posting.ts';
import { sharedRefusal } from '../shared-channels.ts';
import type { Desk, OpenQuestion } from '../turns/desk.ts';
import type { NewQuestion } from '../turns/inbox.ts';
import { elsewhere, isDirect, notPrivately, openPlace, readPrivately, sentPrivately } from '../turns/privately.ts';

/** What of an event decides whether and where it is answered. */
interface Said {
  readonly type?: string;
  readonly text?: string;
  readonly user?: string;
  readonly ts?: string;
  readonly thread_ts?: string;
  readonly channel?: string;
  readonly channel_type?: string;
  readonly subtype?: string;
  readonly bot_id?: string;
  readonly edited?: unknown;
}

interface Envelope {
  readonly event?: Said | null;
  readonly team_id?: string;
  readonly context_team_id?: string;
  readonly is_ext_shared_channel?: boolean;
}

/** How much of a question its root message repeats. */
const maxEchoCharacters = 1_500;

/** The events that hold questions; they are taken before Bolt hears of them. */
export const questionEvents = ['app_mention', 'message'] as const;

/**
 * Mentions, thread replies without a mention in threads that we own, and direct messages. Called before an event is
 * acknowledged: when it resolves, a question in it is stored. A mention inside an owned thread arrives twice, and Slack
 * sends again what it is unsure of; the message's own time is the same each time.
 */
export async function takeMessage(body: unknown, desk: Desk, commands: readonly Subcommand[]): Promise<void> {
  const envelope = body as Envelope;
  const said = envelope.event;
  if (typeof said !== 'object' || said === null) return;
  const { is_ext_shared_channel: isShared } = envelope;
  if (typeof said.channel === 'string' && typeof isShared === 'boolean') desk.shared.note(said.channel, isShared);
  if (!isPerson(said)) return;
  if (said.type === 'app_mention' || (said.type === 'message' && said.channel_type === 'im'))
    return take(said, envelope, desk, commands);
  // A mention arrives as app_mention too, which answers it; a reply without one is ours only in our own threads.
  if (said.type !== 'message' || said.thread_ts === undefined) return;
  if (said.text?.includes(`<@${desk.parts.botUserId}`)) return;
  if (isForSomebodyElse(said)) return;
  if (await desk.owns(envelope.team_id ?? '', String(said.channel), said.thread_ts))
    await take(said, envelope, desk, commands, true);
}

/** It begins with a mention, and not of us: "@ben can you restart the app?" */
function isForSomebodyElse({ text = '' }: Said): boolean {
  return /^\s*<(@[UW]|!subteam\^)/.test(text);
}

/** A message that a person has just written; what Slack sends is checked, not trusted. */
function isPerson(said: Said): boolean {
  const isPlain = said.subtype === undefined || said.subtype === 'file_share' || said.subtype === 'thread_broadcast';
  const isWhole = [said.user, said.ts, said.channel].every((part) => typeof part === 'string' && part !== '');
  const isReadable =
    ['string', 'undefined'].includes(typeof said.text) && ['string', 'undefined'].includes(typeof said.thread_ts);
  return isPlain && isWhole && isReadable && said.bot_id === undefined && said.edited === undefined;
}

async function take(
  said: Said,
  envelope: Envelope,
  desk: Desk,
  commands: readonly Subcommand[],
  isOverheard = false,
): Promise<void> {
  const { channel, ts, user } = said as Required<Said>;
  const id = `said ${channel} ${ts}`;
  const read = readPrivately(readText(said.text ?? '', desk.parts.botUserId));
  const { text } = read;
  // In direct messages everything is private, and the thread goes on.
  const isPrivate = read.isPrivate && text !== '' && !isDirect(channel);
  const question = {
    team: envelope.team_id ?? '',
    channel,
    threadTs: said.thread_ts ?? ts,
    text,
    user,
    fresh: false,
    ...(isOverheard ? { overheard: true as const } : {}),
  };
  if (!(await desk.take(id, isPrivate ? asPrivate(question) : question))) return;
  // Whether a shared channel is allowed may have to be asked of Slack, for which the acknowledgement does not wait.
  desk.parts.background(beginOrRefuse(id, question, { threadTs: said.thread_ts, isPrivate }, desk, commands));
}

async function beginOrRefuse(
  id: string,
  question: OpenQuestion & { readonly user: string },
  { threadTs, isPrivate }: { readonly threadTs: string | undefined; readonly isPrivate: boolean },
  desk: Desk,
  commands: readonly Subcommand[],
): Promise<void> {
  const { channel, user } = question;
  if (!(await desk.shared.isKnownRefused(channel))) {
    if (isPrivate) return beginPrivately(id, question, threadTs, desk);
    const found = findSubcommand(question.text, commands, 'spoken');
    if (found) return answerSpoken(id, question, found, desk);
    return desk.begin(id, question);
  }
  await desk.drop(id);
  await refuse({ user, channel, threadTs, did: 'ask', why: sharedRefusal }, desk.parts);
}

/** The thread in which it was said stays as it is: the answer begins one in the person's direct messages. */
function asPrivate({ threadTs: _, ...question }: OpenQuestion): NewQuestion {
  return { ...question, privately: true, echo: `You ask privately: ${clamp(question.text, maxEchoCharacters)}` };
}

/** Does not reject. */
async function beginPrivately(
  id: string,
  question: OpenQuestion & { readonly user: string },
  threadTs: string | undefined,
  desk: Desk,
): Promise<void> {
  const { client, log } = desk.parts;
  const { channel, user } = question;
  const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
  const tell = ({ text, blocks }: SlackMessage) =>
    client.chat
      .postEphemeral({ channel, user, ...thread, text, blocks: [...blocks] })
      .catch((error: unknown) => log.warn({ err: error }, 'a private answer was lost'));
  try {
    const asked = asPrivate(question);
    const place = await openPlace(id, asked, desk);
    desk.begin(id, { ...asked, ...place });
    await tell(await elsewhere(sentPrivately, place, client));
  } catch (error) {
    log.warn({ err: error }, 'a question could not be answered privately');
    await desk.drop(id);
    await tell({ text: notPrivately, blocks: [] });
  }
}
