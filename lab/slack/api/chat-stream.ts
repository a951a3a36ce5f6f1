import { limits } from '../block-kit/limits.ts';
import { validateMessage } from '../block-kit/message.ts';
import { announceChange } from '../delivery/events.ts';
import { isArray, isObject, objectsOf, stringOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import { changeMessage } from '../messages.ts';
import type { JsonObject, Message, Stream, StreamPart, StreamTask } from '../nouns.ts';
import { SlackError } from '../slack-error.ts';
import { messageToWire } from '../wire.ts';
import { setSessionStatus } from './assistant.ts';
import {
  type Answering,
  type Method,
  refuseSwitchedOff,
  refuseViolations,
  required,
  writableChannel,
} from './method.ts';
import { ownMessage, postAsBot, readThread } from './posting.ts';

const displayModes = ['timeline', 'plan', 'dense'];
const taskStates = ['pending', 'in_progress', 'complete', 'error'];

function invalidChunk(message: string): SlackError {
  return new SlackError('invalid_chunks', { response_metadata: { messages: [`[ERROR] ${message}`] } });
}

function shortText(chunk: JsonObject, name: string, path: string): string | undefined {
  const value = chunk[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string')
    throw invalidChunk(`failed to match expected type string [json-pointer:${path}/${name}]`);
  if (value.length > limits.taskUpdateText) {
    throw invalidChunk(`must be less than ${limits.taskUpdateText + 1} characters [json-pointer:${path}/${name}]`);
  }
  return value;
}

function readTask(chunk: JsonObject, path: string): StreamTask {
  const id = shortText(chunk, 'id', path);
  const title = shortText(chunk, 'title', path);
  const status = stringOf(chunk['status']) ?? '';
  if (id === undefined || title === undefined) throw invalidChunk(`id and title are required [json-pointer:${path}]`);
  if (!taskStates.includes(status)) throw invalidChunk(`unsupported status: ${status} [json-pointer:${path}/status]`);
  return { id, title, status, details: shortText(chunk, 'details', path), output: shortText(chunk, 'output', path) };
}

/** A later update of a task keeps the details and output that it does not repeat. */
function putTask(parts: readonly StreamPart[], task: StreamTask): readonly StreamPart[] {
  const known = parts.find((part) => part.kind === 'task' && part.task.id === task.id);
  if (known?.kind !== 'task') return [...parts, { kind: 'task', task }];
  const merged = {
    ...task,
    details: task.details ?? known.task.details,
    output: task.output ?? known.task.output,
  };
  return parts.map((part) => (part === known ? { kind: 'task', task: merged } : part));
}

function addText(parts: readonly StreamPart[], text: string): readonly StreamPart[] {
  const last = parts.at(-1);
  if (last?.kind !== 'text') return [...parts, { kind: 'text', text }];
  return [...parts.slice(0, -1), { kind: 'text', text: last.text + text }];
}

function addChunk(stream: Stream, chunk: JsonObject, path: string): Stream {
  switch (chunk['type']) {
    case 'markdown_text':
      return { ...stream, parts: addText(stream.parts, stringOf(chunk['text']) ?? '') };
    case 'task_update':
      return { ...stream, parts: putTask(stream.parts, readTask(chunk, path)) };
    case 'plan_update':
      return { ...stream, planTitle: shortText(chunk, 'title', path) };
    case 'blocks':
      return { ...stream, parts: [...stream.parts, { kind: 'blocks', blocks: objectsOf(chunk['blocks']) }] };
    default:
      throw invalidChunk(`unsupported type: ${String(chunk['type'])} [json-pointer:${path}/type]`);
  }
}

/** Adds what a call says to a stream; throws Slack's refusals. */
function extend(lab: Lab, stream: Stream, args: JsonObject): Stream {
  const markdown = stringOf(args['markdown_text']);
  const chunks = args['chunks'];
  if ((markdown ?? '').length > limits.markdownText) throw new SlackError('msg_too_long');
  if (chunks !== undefined && !isArray(chunks)) throw new SlackError('invalid_chunks');
  refuseSwitchedOff(lab, chunks, '/chunks');
  const begun = markdown === undefined ? stream : { ...stream, parts: addText(stream.parts, markdown) };
  return (chunks ?? []).reduce<Stream>((next, chunk, index) => {
    if (!isObject(chunk)) throw invalidChunk(`failed to match expected type object [json-pointer:/chunks/${index}]`);
    return addChunk(next, chunk, `/chunks/${index}`);
  }, begun);
}

function richText(text: string): JsonObject {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] };
}

function taskCard(task: StreamTask): JsonObject {
  return {
    task_id: task.id,
    title: task.title,
    status: task.status,
    ...(task.details ? { details: richText(task.details) } : {}),
    ...(task.output ? { output: richText(task.output) } : {}),
  };
}

/** The blocks that people see of a stream: one plan in plan mode, else tasks and text in order. */
function blocksOf(stream: Stream): readonly JsonObject[] {
  const tasks = stream.parts.flatMap((part) => (part.kind === 'task' ? [taskCard(part.task)] : []));
  const isPlan = stream.displayMode !== 'timeline';
  const plan = isPlan && tasks.length > 0 ? [{ type: 'plan', title: stream.planTitle ?? 'Plan', tasks }] : [];
  const others = stream.parts.flatMap((part): readonly JsonObject[] => {
    if (part.kind === 'text') return [{ type: 'markdown', text: part.text }];
    if (part.kind === 'blocks') return part.blocks;
    return isPlan ? [] : [{ type: 'task_card', ...taskCard(part.task) }];
  });
  return [...plan, ...others];
}

function show(
  lab: Lab,
  message: Message,
  stream: Stream,
  answering: Answering,
  extraBlocks: readonly JsonObject[] = [],
): Message {
  const text = stream.parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('');
  const streamed = blocksOf(stream);
  refuseViolations(answering, validateMessage({ text: text || ' stream', blocks: streamed }));
  if (extraBlocks.length > 0) {
    refuseViolations(answering, validateMessage({ text: text || ' stream', blocks: extraBlocks }));
  }
  return changeMessage(lab.state, message, { text, stream, blocks: [...streamed, ...extraBlocks] });
}

/** A message that still streams, or the reason why it does not. */
function streamingMessage(lab: Lab, args: JsonObject): { readonly message: Message; readonly stream: Stream } {
  const channel = writableChannel(lab, required(args, 'channel'));
  const message = ownMessage(lab, channel, required(args, 'ts'), 'message_not_owned_by_app');
  const { stream } = message;
  if (stream?.state === 'stopped_by_user') throw new SlackError('stopped_by_user');
  if (stream?.state !== 'streaming') throw new SlackError('message_not_in_streaming_state');
  if (Date.now() - stream.startedAt >= lab.settings.streamLifetimeMs) {
    changeMessage(lab.state, message, { stream: { ...stream, state: 'expired' } });
    throw new SlackError('message_not_in_streaming_state');
  }
  return { message, stream };
}

export const chatStreamMethods: Readonly<Record<string, Method>> = {
  'chat.startStream': {
    scope: 'chat:write',
    run(lab, args, answering) {
      const channel = writableChannel(lab, required(args, 'channel'));
      if (channel.kind !== 'im') {
        if (args['recipient_user_id'] === undefined) throw new SlackError('missing_recipient_user_id');
        if (args['recipient_team_id'] === undefined) throw new SlackError('missing_recipient_team_id');
      }
      const recipient = stringOf(args['recipient_user_id']);
      if (recipient !== undefined && !lab.state.users.has(recipient)) throw new SlackError('user_not_found');
      const displayMode = stringOf(args['task_display_mode']) ?? 'timeline';
      if (!displayModes.includes(displayMode)) throw new SlackError('invalid_arguments');
      const threadTs = readThread(lab, channel, { thread_ts: required(args, 'thread_ts') }, answering);
      const empty: Stream = {
        state: 'streaming',
        startedAt: Date.now(),
        displayMode,
        recipientUser: recipient,
        planTitle: undefined,
        parts: [],
      };
      const stream = extend(lab, empty, args);
      const message = postAsBot(lab, { channel: channel.id, threadTs, text: '', stream });
      show(lab, message, stream, answering);
      return { channel: channel.id, ts: message.ts };
    },
  },

  'chat.appendStream': {
    scope: 'chat:write',
    run(lab, args, answering) {
      const { message, stream } = streamingMessage(lab, args);
      if (args['markdown_text'] === undefined && args['chunks'] === undefined) throw new SlackError('no_text');
      show(lab, message, extend(lab, stream, args), answering);
      return { channel: message.channel, ts: message.ts };
    },
  },

  'chat.stopStream': {
    scope: 'chat:write',
    run(lab, args, answering) {
      const { message, stream } = streamingMessage(lab, args);
      refuseSwitchedOff(lab, args['blocks'], '/blocks');
      const stopped: Stream = { ...extend(lab, stream, args), state: 'stopped' };
      const after = show(lab, message, stopped, answering, objectsOf(args['blocks']));
      const status = stringOf(args['session_status']);
      if (status !== undefined) setSessionStatus(lab, after.channel, after.threadTs ?? after.ts, status);
      const channel = lab.state.channels.get(after.channel);
      if (channel !== undefined) announceChange(lab, channel, message, after);
      return { channel: after.channel, ts: after.ts, message: messageToWire(lab.state, lab.settings, after) };
    },
  },
};

/** Ends every running stream: by age (`expired`), or in one thread because a person pressed Stop. */
export function endStreams(
  lab: Pick<Lab, 'state'>,
  state: 'expired' | 'stopped_by_user',
  threadTs?: string,
): readonly Message[] {
  return [...lab.state.messages.values()]
    .flatMap((channel) => [...channel.values()])
    .filter((message) => message.stream?.state === 'streaming')
    .filter((message) => threadTs === undefined || message.threadTs === threadTs)
    .map((message) => changeMessage(lab.state, message, { stream: { ...message.stream!, state } }));
}
