import type { FilesGetUploadURLExternalResponse, WebClient } from '@slack/web-api';
import type { Log } from '../../log.ts';
import { clamp } from './escape.ts';
import { limits } from './limits.ts';
import { type Place, slackErrorOf } from './posting.ts';

export interface Attachment {
  readonly name: string;
  readonly content: string | Buffer;
  /** What a picture shows, for whoever cannot see it. */
  readonly altText?: string;
}

/**
 * Puts a file into a thread; false where files are not allowed or the upload failed. The three steps are made by hand,
 * because `filesUploadV2` sends the alternative text under a name (`alt_text`) that the API does not document.
 */
export async function attach(
  client: WebClient,
  { channel, threadTs }: Place,
  { name, content, altText }: Attachment,
  log: Log,
): Promise<boolean> {
  const bytes = Buffer.from(content);
  if (bytes.length === 0) return false;
  try {
    const ticket = (await client.apiCall('files.getUploadURLExternal', {
      filename: name,
      length: bytes.length,
      ...(altText === undefined ? {} : { alt_txt: clamp(altText, limits.altText) }),
    })) as FilesGetUploadURLExternalResponse;
    const upload = await fetch(String(ticket.upload_url), { method: 'POST', body: new Uint8Array(bytes) });
    if (!upload.ok) throw new Error(`the upload was answered with HTTP ${upload.status}`);
    await client.files.completeUploadExternal({
      files: [{ id: String(ticket.file_id), title: name }],
      channel_id: channel,
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    } as Parameters<WebClient['files']['completeUploadExternal']>[0]);
    return true;
  } catch (error) {
    log.warn({ error: slackErrorOf(error), err: error }, 'a file could not be attached');
    return false;
  }
}
