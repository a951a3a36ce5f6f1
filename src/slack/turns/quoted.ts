import type { WebClient } from '@slack/web-api';
import type { Conversation } from '../../conversation/conversation.ts';
import type { Log } from '../../log.ts';
import type { QuotedMessage } from '../../orchestrator/question.ts';
import { clamp, readText } from '../posting/escape.ts';
import { type Place, slackErrorOf } from '../posting/posting.ts';
import { alertText } from './alert-text.ts';

/** Messages of a thread that are read, and of each so many characters. */
const readMessages = 50;
const maxQuoted = 8;
const maxCharacters = 1_000;
/** A question does not wait longer for what others said. */
const patienceMs = 1_500;

interface Asking {
  readonly place: Place;
  /** The question's id; it ends in the time of its message. */
  readonly id: string;
  readonly text: string;
}

/**
 * What other people and bots wrote in the thread of a question, an alert card among them; the newest last. Our own posts
 * and the questions to us are left out. Never rejects: where Slack does not let us look there is nothing to quote.
 */
export async function quotedIn(
  { place, id, text }: Asking,
  conversation: Conversation | undefined,
  { eagerClient, botUserId, log }: { readonly eagerClient: WebClient; readonly botUserId: string; readonly log: Log },
): Promise<readonly QuotedMessage[]> {
  const { channel, threadTs } = place;
  // A thread that this question opened, or that we opened for a command, holds nothing of others yet.
  if (threadTs === undefined || id.endsWith(` ${threadTs}`) || id.startsWith('command ')) return [];
  const questions = new Set([text, ...(conversation?.turns.map(({ question }) => question) ?? [])]);
  const reading = eagerClient.conversations.replies({ channel, ts: threadTs, limit: readMessages });
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), patienceMs);
  try {
    const found = await Promise.race([reading, late.promise]);
    return (found?.messages ?? [])
      .filter(({ user, text: said = '' }) => user !== botUserId && !said.includes(`<@${botUserId}`))
      .map((message): QuotedMessage => {
        const words = clamp(readText(alertText(message), botUserId), maxCharacters);
        return { by: message.bot_id === undefined ? 'person' : 'bot', text: words };
      })
      .filter((message) => message.text !== '' && !questions.has(message.text))
      .slice(-maxQuoted);
  } catch (error) {
    log.debug({ error: slackErrorOf(error) }, 'what others wrote in the thread could not be read');
    return [];
  } finally {
    reading.catch(() => {});
    clearTimeout(timer);
  }
}
