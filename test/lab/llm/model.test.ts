import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Model, startModel } from '../../../lab/llm/model.ts';

let model: Model;
let openai: OpenAI;
beforeAll(async () => {
  model = await startModel();
  openai = new OpenAI({ apiKey: model.apiKey, baseURL: model.baseUrl, maxRetries: 0 });
});
beforeEach(() => model.reset());
afterAll(() => model.close());

const ask = (content: string, extra: object = {}) =>
  openai.chat.completions.create({
    model: 'any',
    messages: [
      { role: 'system', content: 'You plan.' },
      { role: 'user', content },
    ],
    ...extra,
  });

const tool = {
  type: 'function' as const,
  function: { name: 'analyze_slow_queries', parameters: { type: 'object', properties: {} } },
};

describe('the scripted model', () => {
  it('answers in order, with text, JSON and tool calls, and counts tokens as told', async () => {
    model.reply(
      { text: 'hello', usage: { inputTokens: 11, outputTokens: 3 } },
      { json: { verdict: 'degraded' } },
      { calls: [{ name: 'analyze_slow_queries', arguments: { hours: 3 } }] },
    );
    const first = await ask('one');
    expect(first.choices[0]?.message.content).toBe('hello');
    expect(first.usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 });
    expect(JSON.parse((await ask('two')).choices[0]!.message.content!)).toEqual({ verdict: 'degraded' });
    const [call] = (await ask('three', { tools: [tool] })).choices[0]!.message.tool_calls!;
    expect(call).toMatchObject({ function: { name: 'analyze_slow_queries', arguments: '{"hours":3}' } });
    expect(model.requests().map(({ user, system, tools }) => [user, system, tools])).toEqual([
      ['one', 'You plan.', []],
      ['two', 'You plan.', []],
      ['three', 'You plan.', ['analyze_slow_queries']],
    ]);
  });

  it('gives each of many simultaneous requests its own answer', async () => {
    model.respond((request) => ({ text: `echo ${request.user}` }));
    const questions = Array.from({ length: 20 }, (_, index) => `q${index}`);
    const answers = await Promise.all(questions.map((question) => ask(question)));
    expect(answers.map((answer) => answer.choices[0]?.message.content)).toEqual(questions.map((q) => `echo ${q}`));
  });

  it('speaks the Responses API too, with tool calls and usage', async () => {
    model.reply(
      { text: 'hi', usage: { inputTokens: 5, outputTokens: 2 } },
      { calls: [{ name: 'analyze_slow_queries', arguments: '{broken' }] },
    );
    const first = await openai.responses.create({ model: 'any', input: 'hello', store: false });
    expect(first.output_text).toBe('hi');
    expect(first.usage).toMatchObject({ input_tokens: 5, output_tokens: 2 });
    const second = await openai.responses.create({ model: 'any', input: 'tools', store: false });
    expect(second.output).toMatchObject([
      { type: 'function_call', name: 'analyze_slow_queries', arguments: '{broken' },
    ]);
    expect(model.requests().map((request) => request.path)).toEqual(['/v1/responses', '/v1/responses']);
  });

  it('streams', async () => {
    model.reply({ text: 'one two three four five six' });
    const stream = await openai.chat.completions.create({
      model: 'any',
      stream: true,
      messages: [{ role: 'user', content: 'x' }],
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('one two three four five six');
    expect(model.requests()[0]?.isStream).toBe(true);
  });

  it('fails as told: rate limits, server errors, broken bodies, cut connections and cut streams', async () => {
    model.reply({ status: 429, retryAfterSeconds: 9 }, { status: 500 }, { fault: 'malformed' }, { fault: 'cut' });
    const limited = await ask('a').catch((error: unknown) => error);
    expect(limited).toBeInstanceOf(OpenAI.RateLimitError);
    expect((limited as InstanceType<typeof OpenAI.RateLimitError>).headers?.get('retry-after')).toBe('9');
    await expect(ask('b')).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    await expect(ask('c')).rejects.toThrow();
    await expect(ask('d')).rejects.toThrow();

    model.reply({ fault: 'cut_stream' });
    const stream = await openai.chat.completions.create({
      model: 'any',
      stream: true,
      messages: [{ role: 'user', content: 'x' }],
    });
    const drain = async () => {
      for await (const _chunk of stream) {
        // only the end matters
      }
    };
    await expect(drain()).rejects.toThrow();
  });

  it('is slow as told', async () => {
    model.reply({ text: 'late', latencyMs: 400 });
    const client = openai.withOptions({ timeout: 50 });
    const asking = client.chat.completions.create({ model: 'any', messages: [{ role: 'user', content: 'x' }] });
    await expect(asking).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
  });

  it('answers nothing that was not scripted', async () => {
    await expect(ask('unexpected')).rejects.toMatchObject({ status: 503 });
    expect(model.requests()).toMatchObject([{ user: 'unexpected', status: 503 }]);
  });
});
