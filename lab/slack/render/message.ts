import { objectsOf, stringOf } from '../json.ts';
import type { JsonObject, Message } from '../nouns.ts';
import type { State } from '../state.ts';
import { blockLines } from './blocks.ts';
import { type Names, plainText } from './mrkdwn.ts';

function namesOf(state: State): Names {
  return {
    user: (id) => state.users.get(id)?.name ?? id,
    channel: (id) => state.channels.get(id)?.name ?? id,
  };
}

function authorOf(state: State, message: Message): string {
  const bot = message.botId === undefined ? undefined : state.bots.get(message.botId);
  return bot?.name ?? state.users.get(message.user ?? '')?.name ?? message.user ?? 'someone';
}

function attachmentLines(attachment: JsonObject, names: Names): readonly string[] {
  const words = ['pretext', 'title', 'text']
    .map((key) => stringOf(attachment[key]))
    .filter((text) => text !== undefined)
    .flatMap((text) => plainText(text, names).split('\n'));
  const fields = objectsOf(attachment['fields']).map(
    (field) => `${stringOf(field['title']) ?? ''}: ${plainText(stringOf(field['value']) ?? '', names)}`,
  );
  const blocks = objectsOf(attachment['blocks']).flatMap((block) => blockLines(block, names));
  return [...words, ...fields, ...blocks].map((line) => `┃ ${line}`);
}

function contentLines(state: State, message: Message): readonly string[] {
  const names = namesOf(state);
  const body =
    message.blocks.length > 0
      ? message.blocks.flatMap((block) => blockLines(block, names))
      : plainText(message.text, names).split('\n');
  const files = message.files.map((id) => `[file: ${state.files.get(id)?.name ?? id}]`);
  const reactions = message.reactions.map((reaction) => `:${reaction.name}:${reaction.users.length}`).join(' ');
  return [
    ...body,
    ...message.attachments.flatMap((attachment) => attachmentLines(attachment, names)),
    ...files,
    ...(reactions === '' ? [] : [reactions]),
  ];
}

/** Messages as a person reads them in a terminal: author, time, and the content indented below. */
export function renderMessages(lab: { readonly state: State }, messages: readonly Message[]): string {
  return messages
    .map((message) => {
      const time = new Date(message.postedAt).toISOString().slice(11, 19);
      const marks = [
        ...(message.ephemeralTo === undefined ? [] : ['only visible to you']),
        ...(message.edited ? ['edited'] : []),
        ...(message.stream?.state === 'streaming' ? ['…'] : []),
      ];
      const heading = `${authorOf(lab.state, message)}  ${time}${marks.length > 0 ? `  (${marks.join(', ')})` : ''}`;
      return [heading, ...contentLines(lab.state, message).map((line) => `  ${line}`.trimEnd())].join('\n');
    })
    .join('\n\n');
}
