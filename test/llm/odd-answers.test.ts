import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createChatCompletionsModel } from '../../src/llm/chat-completions.ts';
import { type ChatModel, type ChatReply, type ChatRequest, ModelError } from '../../src/llm/chat-model.ts';
import { createResponsesModel } from '../../src/llm/responses.ts';
import { type RawServer, startRawServer } from './raw-server.ts';

const request: ChatRequest = { purpose: 'plan', messages: [{ role: 'user', text: 'why is it slow?' }] };

let raw: RawServer | undefined;
afterEach(async () => {
  await raw?.close();
  raw = undefined;
});

type Create = typeof createChatCompletionsModel;

async function open(create: Create, answer: (response: ServerResponse, asked: IncomingMessage) => void) {
  raw = await startRawServer((asked, response) => answer(response, asked));
  return create({ apiKey: 'k', baseUrl: raw.url, name: 'odd', timeoutMs: 10_000 });
}

async function asked(create: Create, body: object, headers: Readonly<Record<string, string>> = {}, status = 200) {
  const model = await open(create, (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  return settled(model);
}

/** The chunks as a stream of events, written in pieces of a few bytes with the line ends of another world. */
async function streamed(create: Create, events: readonly unknown[], pieces: string[] = []) {
  const text = `: a comment\r\n\r\n${events.map((one) => `data: ${JSON.stringify(one)}\r\n\r\n`).join('')}data: [DONE]\r\n\r\n`;
  const bytes = Buffer.from(text);
  const model = await open(create, async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7));
    response.end();
  });
  return settled(model, { onText: (piece) => pieces.push(piece) });
}

async function settled(model: ChatModel, extra: Partial<ChatRequest> = {}): Promise<ChatReply | ModelError> {
  return model.complete({ ...request, ...extra }).catch((error: unknown) => {
    if (error instanceof ModelError) return error;
    throw error;
  });
}

const usage = { prompt_tokens: 40, completion_tokens: 9 };
const inOut = { input_tokens: 40, output_tokens: 9 };

function choice(message: object, finish = 'stop', extra: object = { usage }) {
  return { choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }], ...extra };
}

function delta(part: object, finish: string | null = null) {
  return { choices: [{ index: 0, delta: part, finish_reason: finish }] };
}

function call(id: unknown, name: string, given: unknown) {
  return { id, type: 'function', function: { name, arguments: given } };
}

describe('a model that answers nothing', () => {
  const cases: [string, Create, object][] = [
    ['a refusal', createChatCompletionsModel, choice({ content: null, refusal: 'I cannot help with that.' })],
    ['a content filter', createChatCompletionsModel, choice({ content: '' }, 'content_filter')],
    ['its limit of tokens', createChatCompletionsModel, choice({ content: '{"sentences":[{"te' }, 'length')],
    [
      'a refusal',
      createResponsesModel,
      {
        status: 'completed',
        output: [{ type: 'message', content: [{ type: 'refusal', refusal: 'no' }] }],
        usage: inOut,
      },
    ],
    [
      'a content filter',
      createResponsesModel,
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' }, output: [], usage: inOut },
    ],
    [
      'its limit of tokens',
      createResponsesModel,
      {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        output: [{ type: 'reasoning', summary: [] }],
        usage: inOut,
      },
    ],
  ];

  it.each(cases)('for %s is not asked again, and what it took is known', async (_, create, body) => {
    expect(await asked(create, body)).toMatchObject({
      kind: 'refused',
      retryable: false,
      usage: { inputTokens: 40, outputTokens: 9 },
    });
  });

  it('for its limit of tokens is not asked again where it streams', async () => {
    const cut = [delta({ content: 'Thr' }), delta({}, 'length'), { choices: [], usage }];
    expect(await streamed(createChatCompletionsModel, cut)).toMatchObject({ kind: 'refused', retryable: false });
    const response = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [] };
    const events = [{ type: 'response.incomplete', response }];
    expect(await streamed(createResponsesModel, events)).toMatchObject({ kind: 'refused', retryable: false });
  });

  it('because it failed may be asked again', async () => {
    const body = { status: 'failed', error: { code: 'server_error', message: 'oops' }, output: [] };
    expect(await asked(createResponsesModel, body)).toMatchObject({ kind: 'unavailable', retryable: true });
  });
});

describe('an answer of another make', () => {
  it('gives each call of a tool an id of its own', async () => {
    const calls = [call('', 'a', '{}'), call('x', 'b', '{}'), call('x', 'c', '{}'), call(undefined, 'd', '{}')];
    const reply = (await asked(createChatCompletionsModel, choice({ tool_calls: calls }, 'tool_calls'))) as ChatReply;
    expect(reply.toolCalls.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    expect(new Set(reply.toolCalls.map(({ id }) => id)).size).toBe(4);
    expect(reply.toolCalls.every(({ id }) => id.length > 0)).toBe(true);
  });

  it('may hold arguments as an object, or none', async () => {
    const calls = [call('1', 'a', { hours: 3 }), { id: '2', function: { name: 'b' } }];
    const reply = await asked(createChatCompletionsModel, choice({ tool_calls: calls }));
    expect(reply).toMatchObject({ toolCalls: [{ arguments: '{"hours":3}' }, { name: 'b', arguments: '' }] });
  });

  it('is read without what the model thought aloud', async () => {
    const content = '<think>\nThe user wants {"sentences":[]}…\n</think>\n\n{"sentences":[]}';
    expect(await asked(createChatCompletionsModel, choice({ content, reasoning_content: 'hm' }))).toMatchObject({
      text: '{"sentences":[]}',
    });
  });

  it.each([
    ['without a number', { usage: {} }],
    ['that is less than nothing', { usage: { prompt_tokens: -5, completion_tokens: -900_000 } }],
    ['in words', { usage: { prompt_tokens: 'many', completion_tokens: null } }],
  ])('with a usage %s counts as one that tells none', async (_, told) => {
    expect(await asked(createChatCompletionsModel, choice({ content: 'x' }, 'stop', told))).toMatchObject({
      usage: { inputTokens: 0, outputTokens: 0 },
    });
    const events = [delta({ content: 'x' }, 'stop'), { choices: [], ...told }];
    expect(await streamed(createChatCompletionsModel, events)).toMatchObject({
      usage: { inputTokens: 0, outputTokens: 0 },
    });
  });

  it('with an error inside says what it is', async () => {
    const busy = { error: { code: 429, message: 'Provider returned error' } };
    expect(await asked(createChatCompletionsModel, busy)).toMatchObject({ kind: 'rate_limited' });
    const broken = { error: { message: 'overloaded' } };
    expect(await asked(createChatCompletionsModel, broken)).toMatchObject({ kind: 'unavailable', retryable: true });
  });
});

describe('a stream of another make', () => {
  it('may begin with a filter alone, split letters, and end with usage alone', async () => {
    const pieces: string[] = [];
    const events = [
      { choices: [], prompt_filter_results: [{ prompt_index: 0 }] },
      delta({ role: 'assistant', content: '' }),
      delta({ content: 'Größe ' }),
      { choices: [{ index: 0, finish_reason: null, content_filter_offsets: { start_offset: 0 } }] },
      delta({ reasoning_content: 'hm' }),
      delta({ content: '完了 🐢' }),
      delta({}, 'stop'),
      { usage },
    ];
    expect(await streamed(createChatCompletionsModel, events, pieces)).toMatchObject({
      text: 'Größe 完了 🐢',
      usage: { inputTokens: 40, outputTokens: 9 },
    });
    expect(pieces).toEqual(['Größe ', '完了 🐢']);
  });

  it('may give every call the same index, or none', async () => {
    const events = [
      delta({ tool_calls: [{ index: 0, ...call('a', 'first', '{"ho') }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: 'urs":3}' } }] }),
      delta({ tool_calls: [call('b', 'second', '{}')] }),
      delta({}, 'tool_calls'),
    ];
    expect(await streamed(createChatCompletionsModel, events)).toMatchObject({
      toolCalls: [
        { id: 'a', name: 'first', arguments: '{"hours":3}' },
        { id: 'b', name: 'second', arguments: '{}' },
      ],
    });
  });
});

describe('how long to wait', () => {
  const date = 'Mon, 23 Nov 2026 03:00:00 GMT';
  it.each<[string, Readonly<Record<string, string>>, number | undefined]>([
    ['as a date, by the clock of the server', { date, 'retry-after': 'Mon, 23 Nov 2026 03:00:07 GMT' }, 7_000],
    ['as a date that has passed', { date, 'retry-after': 'Mon, 23 Nov 2026 02:00:00 GMT' }, 0],
    ['in milliseconds', { 'retry-after-ms': '250', 'retry-after': '1' }, 250],
    ['in seconds', { 'retry-after': '1.5' }, 1_500],
    ['in words', { 'retry-after': 'later' }, undefined],
    ['as nothing', { 'retry-after': '' }, undefined],
    ['as less than nothing', { 'retry-after': '-3' }, undefined],
  ])('is read %s', async (_, headers, retryAfterMs) => {
    const failure = await asked(createChatCompletionsModel, { error: { message: 'slow down' } }, headers, 429);
    expect(failure).toMatchObject({ kind: 'rate_limited', retryAfterMs });
  });
});
