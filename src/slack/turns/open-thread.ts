import { paragraph, words } from '../posting/blocks.ts';
import { escapeText } from '../posting/escape.ts';
import { type Place, post, postedKeys, readMessages } from '../posting/posting.ts';
import type { Desk } from './desk.ts';
import type { NewQuestion } from './inbox.ts';

/**
 * Posts the root message of a command and gives its time, which names the thread. With `takenAtMs` it is looked for
 * first: a process that was killed may have posted it. Rejects where nothing can be posted there.
 */
export async function openThread(
  id: string,
  { channel, text, echo = text }: NewQuestion,
  { parts }: Pick<Desk, 'parts'>,
  takenAtMs?: number,
): Promise<string> {
  const place: Place = { channel, threadTs: undefined };
  const key = `${id}/root`;
  const stands =
    takenAtMs === undefined ? undefined : postedKeys(await readMessages(parts.client, place, takenAtMs)).get(key);
  const message = { text: escapeText(echo), blocks: [paragraph(words(echo))], key };
  const threadTs = stands ?? (await post(parts.client, place, message, parts.log)).ts;
  await parts.inbox.note(id, { threadTs });
  return threadTs;
}
