import type { WebClient } from '@slack/web-api';
import { paragraph, words } from '../posting/blocks.ts';
import type { Place, SlackMessage } from '../posting/posting.ts';
import type { Desk } from './desk.ts';
import type { NewQuestion } from './inbox.ts';
import { openThread } from './open-thread.ts';

// Slack's editor turns two hyphens into one long one.
const wish =
  '(?:(?:--|—|–)private(?:ly)?|privately|in private|(?:only|just) (?:for|to) me|for (?:me|my eyes) (?:only|alone)|\\(private(?:ly)?\\)|\\((?:only|just) (?:for|to) me\\))';
const asking =
  '(?:(?:please|pls)\\s+)?(?:(?:answer|reply|respond|tell|ask|check|send)\\s+)?(?:(?:it|this|that)\\s+)?(?:(?:to\\s+)?me\\s+)?';
const atStart = new RegExp(`^\\s*${asking}${wish}(?:\\s+please)?(?:[\\s,;:.!]+|$)`, 'i');
const atEnd = new RegExp(`(?<![^\\s,;:?.!])${asking}${wish}(?:,?\\s+please)?([\\s?.!]*)$`, 'i');

/** Whether an answer is wished for its person alone, by words at the beginning or the end of a question, and the question without them. */
export function readPrivately(text: string): { readonly text: string; readonly isPrivate: boolean } {
  const begun = text.replace(atStart, '');
  if (begun !== text) return { text: begun.trim(), isPrivate: true };
  const found = atEnd.exec(text);
  if (!found) return { text: text.trim(), isPrivate: false };
  const question = text.slice(0, found.index).replace(/[\s,;:–-]+$/, '');
  const mark = /[?.!]$/.test(question) ? '' : (found[1] ?? '').trim();
  return { text: `${question}${mark}`, isPrivate: true };
}

/** Direct messages are between one person and us. */
export function isDirect(channel: string): boolean {
  return channel.startsWith('D');
}

/**
 * Opens the thread that a taken question is answered in, where it has none yet: a direct message to its person where it
 * was asked privately. With `takenAtMs` what a killed process posted is looked for first. Rejects where nothing can be
 * posted there.
 */
export async function openPlace(
  id: string,
  question: NewQuestion,
  desk: Pick<Desk, 'parts'>,
  takenAtMs?: number,
): Promise<Place & { readonly threadTs: string }> {
  const { client, inbox } = desk.parts;
  let { channel } = question;
  if (question.privately && !isDirect(channel)) {
    const opened = await client.conversations.open({ users: String(question.user) });
    channel = String(opened.channel?.id);
    await inbox.note(id, { channel });
  }
  const threadTs = question.threadTs ?? (await openThread(id, { ...question, channel }, desk, takenAtMs));
  return { channel, threadTs };
}

/** What stands where it was asked, for its person alone. */
export const sentPrivately = 'The answer comes to you alone, in your direct messages with dbcheck.';

export const notPrivately = 'Slack did not let dbcheck write to you directly; try it once more.';

/** Words for the place of a question that is answered elsewhere, for its person alone. */
export async function elsewhere(
  text: string,
  { channel, threadTs }: Place & { readonly threadTs: string },
  client: WebClient,
): Promise<SlackMessage> {
  const link = await client.chat.getPermalink({ channel, message_ts: threadTs }).catch(() => undefined);
  const [block] = [paragraph(words(text))];
  if (link?.permalink === undefined) return { text, blocks: [block] };
  const address = { type: 'link' as const, url: link.permalink, text: 'Open it' };
  return {
    text,
    blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [words(`${text} `), address] }] }],
  };
}
