import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Model, startModel } from '../../lab/llm/model.ts';
import { createChatCompletionsModel } from '../../src/llm/chat-completions.ts';
import type { ChatModel, ChatRequest } from '../../src/llm/chat-model.ts';
import { defaultResilience, type ResilienceSettings, withResilience } from '../../src/llm/resilience.ts';

const request: ChatRequest = { purpose: 'plan', messages: [{ role: 'user', text: 'why?' }] };

let server: Model;
beforeAll(async () => {
  server = await startModel();
});
beforeEach(() => server.reset());
afterEach(() => vi.useRealTimers());
afterAll(() => server.close());

function open(given: Partial<ResilienceSettings> = {}): ChatModel {
  const settings = { apiKey: server.apiKey, baseUrl: server.baseUrl, name: 'scripted', timeoutMs: 10_000 };
  return withResilience(createChatCompletionsModel(settings), { ...defaultResilience, baseMs: 1, ...given });
}

function ask(model: ChatModel): Promise<string> {
  return model.complete(request).then(({ text }) => text);
}

describe('a model with retries', () => {
  it('waits as long as the model wishes and succeeds', async () => {
    server.reply({ status: 429, retryAfterSeconds: 1 }, { text: 'now' });
    const startedAtMs = performance.now();
    expect(await ask(open())).toBe('now');
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(990);
    expect(server.requests().map(({ status }) => status)).toEqual([429, 200]);
  });

  it('does not wait longer than it may', async () => {
    server.reply({ status: 429, retryAfterSeconds: 60 }, { text: 'too late' });
    await expect(ask(open())).rejects.toMatchObject({ kind: 'rate_limited', retryAfterMs: 60_000 });
    expect(server.requests()).toHaveLength(1);
  });

  it('gives up after its retries', async () => {
    server.respond(() => ({ status: 500 }));
    await expect(ask(open({ retries: 2 }))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(server.requests()).toHaveLength(3);
  });

  it.each([401, 400, 404])('does not repeat what HTTP %i refuses', async (status) => {
    server.reply({ status }, { text: 'never asked' });
    await expect(ask(open())).rejects.toMatchObject({ retryable: false });
    expect(server.requests()).toHaveLength(1);
  });

  it('repeats a broken answer and a cut connection', async () => {
    server.reply({ fault: 'malformed' }, { fault: 'cut' }, { text: 'third time lucky' });
    expect(await ask(open())).toBe('third time lucky');
  });

  it('stops at once on request, even while it waits', async () => {
    server.reply({ status: 429, retryAfterSeconds: 4 });
    const controller = new AbortController();
    const answer = open().complete({ ...request, signal: controller.signal });
    const refused = expect(answer).rejects.toMatchObject({ kind: 'stopped' });
    await vi.waitFor(() => expect(server.requests()).toHaveLength(1));
    const startedAtMs = performance.now();
    controller.abort();
    await refused;
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });
});

describe('the circuit breaker of a model', () => {
  it('leaves a failing model alone, tries once after the rest, and closes on success', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
    const model = open({ retries: 0, breakAfter: 2, restMs: 30_000 });
    server.respond(() => ({ status: 500 }));
    for (const kind of ['unavailable', 'unavailable', 'not_asked', 'not_asked']) {
      await expect(ask(model)).rejects.toMatchObject({ kind });
    }
    expect(server.requests()).toHaveLength(2);

    vi.setSystemTime(1_031_000);
    await expect(ask(model)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(ask(model)).rejects.toMatchObject({ kind: 'not_asked' });
    expect(server.requests()).toHaveLength(3);

    vi.setSystemTime(1_062_000);
    server.respond(() => ({ text: 'back' }));
    expect(await ask(model)).toBe('back');
    server.respond(() => ({ status: 500 }));
    await expect(ask(model)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('ends the retries of a call when it opens', async () => {
    server.respond(() => ({ status: 500 }));
    await expect(ask(open({ retries: 5, breakAfter: 2 }))).rejects.toMatchObject({ kind: 'not_asked' });
    expect(server.requests()).toHaveLength(2);
  });
});
