import { numberOf, objectsOf, stringOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import type { JsonObject, SlackFile } from '../nouns.ts';
import { SlackError } from '../slack-error.ts';
import { fileToWire } from '../wire.ts';
import { type Answering, type Method, required, writableChannel } from './method.ts';
import { postAsBot, readThread } from './posting.ts';

const maximumAltText = 1_000;
const mimetypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  json: 'application/json',
  md: 'text/markdown',
  csv: 'text/csv',
  sql: 'application/sql',
  txt: 'text/plain',
};

function mimetypeOf(name: string): string {
  return mimetypes[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream';
}

function share(lab: Lab, args: JsonObject, files: readonly SlackFile[], answering: Answering): void {
  const channelId = stringOf(args['channel_id']);
  if (channelId === undefined || channelId === '') return;
  const channel = writableChannel(lab, channelId);
  const threadTs = readThread(lab, channel, args, answering);
  for (const file of files) lab.state.files.set(file.id, { ...file, shared: { channel: channel.id, threadTs } });
  postAsBot(lab, {
    channel: channel.id,
    threadTs,
    text: stringOf(args['initial_comment']) ?? '',
    blocks: objectsOf(args['blocks']),
    files: files.map((file) => file.id),
    subtype: 'file_share',
  });
}

export const filesMethods: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': {
    scope: 'files:write',
    run(lab, args) {
      const name = required(args, 'filename');
      if ((numberOf(args['length']) ?? 0) <= 0) throw new SlackError('invalid_arguments');
      // The API's argument is alt_txt; the Node SDK's filesUploadV2 sends alt_text, which the API does not document.
      const altText = stringOf(args['alt_txt']);
      if ((altText ?? '').length > maximumAltText) throw new SlackError('invalid_arguments');
      const id = lab.state.newId('F');
      const uploadTicket = lab.state.newId('u');
      lab.state.files.set(id, {
        id,
        name,
        title: name,
        mimetype: mimetypeOf(name),
        altText,
        content: undefined,
        uploadTicket,
        shared: undefined,
      });
      return { upload_url: `${lab.origin}/upload/v1/${uploadTicket}`, file_id: id };
    },
  },

  'files.completeUploadExternal': {
    scope: 'files:write',
    run(lab, args, answering) {
      const wanted = objectsOf(args['files']);
      if (wanted.length === 0) throw new SlackError('invalid_arguments');
      const files = wanted.map((entry) => {
        const file = lab.state.files.get(required(entry, 'id'));
        if (file?.content === undefined) throw new SlackError('file_not_found');
        return { ...file, title: stringOf(entry['title']) ?? file.title };
      });
      for (const file of files) lab.state.files.set(file.id, file);
      share(lab, args, files, answering);
      lab.state.changed();
      return { files: files.map((file) => fileToWire(lab.settings, file)) };
    },
  },

  'files.info': {
    scope: 'files:read',
    run(lab, args) {
      const file = lab.state.files.get(required(args, 'file'));
      if (file?.content === undefined) throw new SlackError('file_not_found');
      return { file: fileToWire(lab.settings, file), comments: [] };
    },
  },

  'files.delete': {
    scope: 'files:write',
    run(lab, args) {
      if (!lab.state.files.delete(required(args, 'file'))) throw new SlackError('file_not_found');
      return {};
    },
  },
};

/** Takes the bytes that were posted to an upload address. */
export function receiveUpload(lab: Lab, ticket: string, content: Buffer): boolean {
  const file = [...lab.state.files.values()].find((other) => other.uploadTicket === ticket);
  if (file === undefined || file.content !== undefined) return false;
  lab.state.files.set(file.id, { ...file, content });
  lab.state.changed();
  return true;
}
