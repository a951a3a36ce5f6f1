import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Log } from '../../log.ts';
import type { FindingChart } from '../../report/finding.ts';
import { clamp } from './escape.ts';
import { limits } from './limits.ts';

export interface Place {
  readonly channel: string;
  readonly threadTs: string | undefined;
}

/** A message as it is posted; `text` is what notifications and screen readers say. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
  /** The same without Slack's newest block types, where `blocks` holds any. */
  readonly plain?: readonly KnownBlock[];
  /** The charts among `blocks`, to be attached as pictures where Slack refuses them. */
  readonly charts?: readonly FindingChart[];
  /** Travels with the message unseen, so that it can be found again after a crash and is not posted twice. */
  readonly key?: string;
}

/** Slack's name of an error, such as `channel_not_found`; undefined for anything else. */
export function slackErrorOf(error: unknown): string | undefined {
  const data = (error as { data?: { error?: unknown } } | undefined)?.data;
  return typeof data?.error === 'string' ? data.error : undefined;
}

/** Nothing can be said in this place any more: the bot was removed, the channel archived or deleted. */
export function isClosed(error: unknown): boolean {
  return ['channel_not_found', 'not_in_channel', 'is_archived', 'thread_not_found', 'account_inactive'].includes(
    slackErrorOf(error) ?? '',
  );
}

/** The type of the metadata that our posts carry. */
const keyEvent = 'dbcheck_post';
/** Messages of a thread or a channel that are looked through for our own. */
const searchedMessages = 200;
/** How far our clock and Slack's may lie apart. */
const clockTroubleMs = 60_000;

export type SaidMessage = NonNullable<Awaited<ReturnType<WebClient['conversations']['replies']>>['messages']>[number];

/** The messages of a thread, or of a channel, since a time. Rejects where Slack does not let us look. */
export async function readMessages(
  client: WebClient,
  { channel, threadTs }: Place,
  sinceMs: number,
): Promise<readonly SaidMessage[]> {
  const oldest = String((sinceMs - clockTroubleMs) / 1_000);
  const common = { channel, include_all_metadata: true, limit: searchedMessages, oldest };
  const found = await (threadTs === undefined
    ? client.conversations.history(common)
    : client.conversations.replies({ ...common, ts: threadTs }));
  return found.messages ?? [];
}

/** The keys that messages carry, with the messages' times. */
export function postedKeys(messages: readonly SaidMessage[]): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const { ts, metadata } of messages) {
    if (metadata?.event_type !== keyEvent) continue;
    const { key } = (metadata.event_payload ?? {}) as { readonly key?: unknown };
    if (typeof key === 'string' && ts !== undefined) keys.set(key, ts);
  }
  return keys;
}

const refusals = ['invalid_blocks', 'invalid_blocks_format', 'invalid_attachments', 'msg_blocks_too_long'];

/** How a message arrived: as it was meant, without the newest blocks, or as its text alone. */
export type Arrival = 'whole' | 'plain' | 'text';

/**
 * Posts one message. Where Slack refuses its blocks, a second attempt leaves out the newest types and a third all blocks:
 * the plain words still arrive. Rejects where Slack cannot be reached or the place is closed.
 */
export async function post(
  client: WebClient,
  place: Place,
  { text, blocks, plain, key }: SlackMessage,
  log: Log,
): Promise<{ readonly ts: string; readonly arrival: Arrival }> {
  const ways: [Arrival, readonly KnownBlock[]][] = [
    ['whole', blocks],
    ...(plain ? [['plain', plain] as [Arrival, typeof plain]] : []),
  ];
  const common = {
    channel: place.channel,
    ...(place.threadTs === undefined ? {} : { thread_ts: place.threadTs }),
    unfurl_links: false,
    unfurl_media: false,
    ...(key === undefined ? {} : { metadata: { event_type: keyEvent, event_payload: { key } } }),
  };
  for (const [arrival, shown] of ways) {
    try {
      const { ts } = await client.chat.postMessage({ ...common, text, blocks: [...shown] });
      return { ts: String(ts), arrival };
    } catch (error) {
      if (!refusals.includes(slackErrorOf(error) ?? '')) throw error;
      log.warn({ error: slackErrorOf(error), arrival }, 'Slack refused the blocks of a message');
    }
  }
  const { ts } = await client.chat.postMessage({ ...common, text: clamp(text, limits.text) });
  return { ts: String(ts), arrival: 'text' };
}
