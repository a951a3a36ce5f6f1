import type { WebClient } from '@slack/web-api';
import type { Log } from '../log.ts';
import { clamp } from './escape.ts';
import { limits } from './limits.ts';
import type { SlackMessage } from './report-blocks.ts';

export interface Place {
  readonly channel: string;
  readonly threadTs: string | undefined;
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

/**
 * Posts one message and returns its timestamp. Blocks that Slack refuses are left out at a second attempt: the plain words
 * still arrive. Rejects where Slack cannot be reached or the place is closed.
 */
export async function post(client: WebClient, place: Place, message: SlackMessage, log: Log): Promise<string> {
  const common = {
    channel: place.channel,
    ...(place.threadTs === undefined ? {} : { thread_ts: place.threadTs }),
    unfurl_links: false,
    unfurl_media: false,
  };
  try {
    const { ts } = await client.chat.postMessage({ ...common, text: message.text, blocks: [...message.blocks] });
    return String(ts);
  } catch (error) {
    if (!['invalid_blocks', 'msg_blocks_too_long', 'invalid_blocks_format'].includes(slackErrorOf(error) ?? ''))
      throw error;
    log.warn({ error: slackErrorOf(error) }, 'Slack refused the blocks of a message; only its text is posted');
    const { ts } = await client.chat.postMessage({ ...common, text: clamp(message.text, limits.text) });
    return String(ts);
  }
}

/** Puts a longer text into the thread as a file. Where files are not allowed the messages have to do. */
export async function attach(client: WebClient, place: Place, name: string, text: string, log: Log): Promise<void> {
  try {
    await client.filesUploadV2({
      channel_id: place.channel,
      ...(place.threadTs === undefined ? {} : { thread_ts: place.threadTs }),
      filename: name,
      title: name,
      content: text,
    } as Parameters<WebClient['filesUploadV2']>[0]);
  } catch (error) {
    log.warn({ error: slackErrorOf(error), err: error }, 'a report could not be attached');
  }
}
