import { describeError } from '../../errors.ts';
import { refuse } from '../audited.ts';
import { isClosed, post, type SlackMessage } from '../posting/posting.ts';
import type { Desk } from '../turns/desk.ts';
import type { TakenQuestion } from '../turns/inbox.ts';
import { say } from '../turns/turn.ts';

/** Who says it, and where. */
export interface CommandAsker {
  readonly team: string;
  readonly channel: string;
  readonly user: string;
}

/** What a command came to: for everybody in the channel, for its person alone, or a refusal to be written down. */
export type CommandAnswer =
  | { readonly message: SlackMessage }
  | { readonly told: string }
  | { readonly refused: string; readonly target?: string };

/** Words that are no question about a server: `/dbcheck schedule …`, and the same by mention. */
export interface Subcommand {
  /** Its first word, which is how a refusal stands in the audit. */
  readonly name: string;
  /** What it does, for help. */
  readonly help: string;
  /**
   * The words after its name; undefined for any other text. What is `spoken`, by mention or in a thread, is more likely a
   * question that begins alike.
   */
  read(text: string, how: 'slash' | 'spoken'): string | undefined;
  /** Does what the words say. Rejects where the store cannot be used. */
  answer(words: string, asker: CommandAsker): Promise<CommandAnswer>;
}

/** The subcommand that a text is, with the words after its name; undefined for a question. */
export function findSubcommand(text: string, commands: readonly Subcommand[], how: 'slash' | 'spoken') {
  for (const command of commands) {
    const words = command.read(text.trim(), how);
    if (words !== undefined) return { command, words };
  }
  return undefined;
}

/**
 * Posts what a command came to; what only its person should see goes through `tell`, or
 * is shown to them in the channel where that is left out.
 */
export async function tellAnswer(
  answer: CommandAnswer,
  { name: did }: Pick<Subcommand, 'name'>,
  { user, channel, threadTs }: CommandAsker & { readonly threadTs: string | undefined },
  tell: ((text: string) => Promise<unknown>) | undefined,
  { parts }: Pick<Desk, 'parts'>,
): Promise<void> {
  if ('refused' in answer) {
    const { refused: why, target } = answer;
    const about = target === undefined ? {} : { target };
    return refuse({ user, channel, threadTs, did, why, ...about, ...(tell ? { tell } : {}) }, parts);
  }
  if ('told' in answer) await tell?.(answer.told);
  else await post(parts.client, { channel, threadTs }, answer.message, parts.log);
}

/** Answers a taken message that is a subcommand in its thread, for everybody to read. Does not reject. */
export async function answerSpoken(
  id: string,
  { team, channel, threadTs, user }: Pick<TakenQuestion, 'team' | 'channel' | 'threadTs' | 'user'>,
  { command, words }: { readonly command: Subcommand; readonly words: string },
  desk: Desk,
): Promise<void> {
  const place = { channel, threadTs };
  const tell = (told: string) => say(told, { place }, desk.parts);
  try {
    if (user === undefined) return;
    const asker = { team, channel, user };
    const answer = await command.answer(words, asker);
    const secret = 'refused' in answer ? undefined : tell;
    await tellAnswer(answer, command, { ...asker, threadTs }, secret, desk);
  } catch (error) {
    if (!isClosed(error)) await tell(`That could not be done: ${describeError(error).message}`);
  } finally {
    await desk.drop(id);
  }
}
