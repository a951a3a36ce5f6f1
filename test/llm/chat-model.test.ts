import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Model, type ScriptedReply, startModel } from '../../lab/llm/model.ts';
import { createChatCompletionsModel } from '../../src/llm/chat-completions.ts';
import { type ChatModel, type ChatRequest, ModelError, type ModelErrorKind } from '../../src/llm/chat-model.ts';
import type { ModelSettings } from '../../src/llm/openai-client.ts';
import { createResponsesModel } from '../../src/llm/responses.ts';
import { type RawServer, startRawServer } from './raw-server.ts';

const secret = 'sk-very-secret';
const tool = {
  name: 'analyze_slow_queries',
  description: 'What was slow.',
  parameters: { type: 'object', properties: { hours: { type: 'number' } } },
};
const schema = { type: 'object', properties: { verdict: { type: 'string' } }, additionalProperties: false };

function asked(extra: Partial<ChatRequest> = {}): ChatRequest {
  const messages = [
    { role: 'system', text: 'You plan.' },
    { role: 'user', text: 'why is it slow?' },
  ] as const;
  return { purpose: 'plan', messages, ...extra };
}

async function failureOf(call: Promise<unknown>): Promise<ModelError> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ModelError)) throw error;
  expect(`${error.message} ${error.stack}`).not.toContain(secret);
  return error;
}

const failures: [name: string, reply: ScriptedReply, kind: ModelErrorKind, retryable: boolean][] = [
  ['a server error', { status: 500 }, 'unavailable', true],
  ['an overloaded server', { status: 503 }, 'unavailable', true],
  ['a wrong key', { status: 401 }, 'unauthorized', false],
  ['a forbidden model', { status: 403 }, 'unauthorized', false],
  ['a request it does not take', { status: 400 }, 'rejected', false],
  ['an unknown model', { status: 404 }, 'rejected', false],
  ['a body that is no JSON', { fault: 'malformed' }, 'malformed', true],
  ['a connection that is cut', { fault: 'cut' }, 'unavailable', true],
  ['a text of 200 kB', { text: 'x'.repeat(200_000) }, 'malformed', true],
  ['tool arguments of 200 kB', { calls: [{ name: 'a', arguments: { text: 'x'.repeat(200_000) } }] }, 'malformed', true],
];

describe.each([
  ['Chat Completions', createChatCompletionsModel, '/v1/chat/completions'],
  ['Responses', createResponsesModel, '/v1/responses'],
])('the %s adapter', (_, create, path) => {
  let server: Model;
  let raw: RawServer | undefined;
  beforeAll(async () => {
    server = await startModel();
  });
  beforeEach(() => server.reset());
  afterEach(async () => {
    await raw?.close();
    raw = undefined;
  });
  afterAll(() => server.close());

  function open(given: Partial<ModelSettings> = {}): ChatModel {
    return create({ apiKey: secret, baseUrl: server.baseUrl, name: 'scripted', timeoutMs: 10_000, ...given });
  }

  it('answers with text and usage', async () => {
    server.reply({ text: 'hello', usage: { inputTokens: 11, outputTokens: 3 } });
    const reply = await open().complete(asked());
    expect(reply).toEqual({ text: 'hello', toolCalls: [], usage: { inputTokens: 11, outputTokens: 3 } });
    expect(server.requests()).toMatchObject([{ path, model: 'scripted', system: 'You plan.', isStream: false }]);
  });

  it('passes on several tool calls with their arguments as they were written', async () => {
    const calls = [
      { name: 'analyze_slow_queries', arguments: { hours: 3 } },
      { name: 'invented', arguments: '{broken' },
    ];
    server.reply({ calls });
    const { toolCalls } = await open().complete(asked({ tools: [tool] }));
    expect(toolCalls.map(({ name, arguments: json }) => [name, json])).toEqual([
      ['analyze_slow_queries', '{"hours":3}'],
      ['invented', '{broken'],
    ]);
    expect(new Set(toolCalls.map(({ id }) => id)).size).toBe(2);
    expect(server.requests()[0]?.tools).toEqual(['analyze_slow_queries']);
  });

  it('sends the results of tools back with the calls that they belong to', async () => {
    server.reply({ calls: [{ name: 'analyze_slow_queries', arguments: {} }] }, { text: 'done' });
    const model = open();
    const first = await model.complete(asked({ tools: [tool] }));
    const [call] = first.toolCalls;
    const messages = [
      ...asked().messages,
      { role: 'assistant', text: '', toolCalls: first.toolCalls },
      { role: 'tool', callId: call!.id, text: 'there is no such target' },
    ] as const;
    expect(await model.complete(asked({ messages, tools: [tool] }))).toMatchObject({ text: 'done' });
    expect(server.requests()[1]?.toolResults).toEqual(['there is no such target']);
  });

  it('asks for structured output', async () => {
    server.reply({ json: { verdict: 'degraded' } });
    const { text } = await open().complete(asked({ answerSchema: { name: 'answer', schema } }));
    expect(JSON.parse(text)).toEqual({ verdict: 'degraded' });
  });

  it('streams text in pieces, with the whole text and the usage at the end', async () => {
    const text = 'a sentence that is long enough to need several pieces '.repeat(4);
    server.reply({ text, usage: { inputTokens: 7, outputTokens: 40 } });
    const pieces: string[] = [];
    const reply = await open().complete(asked({ onText: (piece) => pieces.push(piece) }));
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe(text);
    expect(reply).toMatchObject({ text, usage: { inputTokens: 7, outputTokens: 40 } });
  });

  it('streams tool calls', async () => {
    server.reply({ calls: [{ name: 'analyze_slow_queries', arguments: { hours: 12 } }] });
    const { toolCalls } = await open().complete(asked({ tools: [tool], onText: () => {} }));
    expect(toolCalls).toMatchObject([{ name: 'analyze_slow_queries', arguments: '{"hours":12}' }]);
  });

  it.each(failures)('names %s', async (_, reply, kind, retryable) => {
    server.reply(reply);
    expect(await failureOf(open().complete(asked()))).toMatchObject({ kind, retryable });
  });

  it('tells how long the model wants to be left alone', async () => {
    server.reply({ status: 429, retryAfterSeconds: 9 });
    const expected = { kind: 'rate_limited', retryAfterMs: 9_000 };
    expect(await failureOf(open().complete(asked()))).toMatchObject(expected);
  });

  it('tells a used-up quota from a busy minute', async () => {
    raw = await startRawServer((_, response) => {
      response.writeHead(429, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"no money","type":"insufficient_quota","code":"insufficient_quota"}}');
    });
    const expected = { kind: 'quota', retryable: false };
    expect(await failureOf(open({ baseUrl: raw.url }).complete(asked()))).toMatchObject(expected);
  });

  it('fails whole where a stream is cut', async () => {
    server.reply({ fault: 'cut_stream' });
    const failure = await failureOf(open().complete(asked({ onText: () => {} })));
    expect(failure).toMatchObject({ kind: 'unavailable', retryable: true });
  });

  it('ends a stream that grows too large', async () => {
    server.reply({ text: 'x'.repeat(200_000) });
    let seen = 0;
    const failure = await failureOf(open().complete(asked({ onText: (piece) => (seen += piece.length) })));
    expect(failure.kind).toBe('malformed');
    expect(seen).toBeLessThanOrEqual(64_000);
  });

  it('ends a call that takes too long before the first byte', async () => {
    server.reply({ text: 'late', latencyMs: 5_000 });
    expect((await failureOf(open({ timeoutMs: 80 }).complete(asked()))).kind).toBe('timed_out');
  });

  it.each([
    ['an answer', undefined],
    ['a stream', () => {}],
  ])('ends %s that stops in the middle without closing', async (_, onText) => {
    raw = await startRawServer((_, response) => {
      response.writeHead(200, { 'content-type': onText ? 'text/event-stream' : 'application/json' });
      response.write(onText ? ': hold on\n\n' : '{"choices":');
    });
    const model = open({ baseUrl: raw.url, timeoutMs: 150 });
    expect((await failureOf(model.complete(asked(onText ? { onText } : {})))).kind).toBe('timed_out');
  });

  it.each([
    ['an answer', undefined],
    ['a stream', () => {}],
  ])('stops %s on request', async (_, onText) => {
    const controller = new AbortController();
    raw = await startRawServer((_, response) => {
      response.writeHead(200, { 'content-type': onText ? 'text/event-stream' : 'application/json' });
      response.write(onText ? ': hold on\n\n' : '{');
      controller.abort();
    });
    const request = asked({ signal: controller.signal, ...(onText ? { onText } : {}) });
    expect((await failureOf(open({ baseUrl: raw.url }).complete(request))).kind).toBe('stopped');
  });

  it.each<[string, string, string]>([
    ['a web page', 'text/html', '<html><body>It works!</body></html>'],
    ['some other API', 'application/json', '{"status":"ok"}'],
    ['null', 'application/json', 'null'],
    ['an empty body', 'application/json', ''],
    ['an empty choice', 'application/json', '{"choices":[{}],"output":null}'],
    ['choices that are none', 'application/json', '{"choices":"yes","output":"yes"}'],
    ['odd parts', 'application/json', '{"choices":[{"message":{"content":7,"tool_calls":[null]}}],"output":[null]}'],
  ])('calls %s no answer of a model', async (_, type, body) => {
    raw = await startRawServer((_, response) => void response.writeHead(200, { 'content-type': type }).end(body));
    expect((await failureOf(open({ baseUrl: raw.url }).complete(asked()))).kind).toBe('malformed');
  });

  it.each<[string, string, string, boolean]>([
    ['a web page', 'text/html', '<html><body>Please log in</body></html>', true],
    ['some other API', 'application/json', '{"status":"ok"}', true],
    ['a model that used tokens', 'application/json', '{"choices":[],"usage":{"prompt_tokens":5}}', false],
  ])('says where to look when %s answers, and what of it is free', async (_, type, body, isFree) => {
    raw = await startRawServer((_, response) => void response.writeHead(200, { 'content-type': type }).end(body));
    const failure = await failureOf(open({ baseUrl: raw.url }).complete(asked()));
    expect(failure.message).toBe('what answers at the address of the model is no model; check OPENAI_BASE_URL');
    expect(failure.isFree).toBe(isFree);
  });

  it('calls an error of the server free, and one that gave up waiting not', async () => {
    server.reply({ status: 500 }, { status: 504 }, { status: 404 });
    expect((await failureOf(open().complete(asked()))).isFree).toBe(true);
    expect((await failureOf(open().complete(asked()))).isFree).toBe(false);
    expect(await failureOf(open().complete(asked()))).toMatchObject({
      isFree: true,
      message: 'the model rejects the request (HTTP 404); check OPENAI_BASE_URL and OPENAI_MODEL',
    });
  });

  it('says that nobody listens at the address', async () => {
    const gone = await startRawServer(() => {});
    await gone.close();
    expect((await failureOf(open({ baseUrl: gone.url }).complete(asked()))).kind).toBe('unavailable');
  });
});
