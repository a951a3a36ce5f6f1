import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Model, startModel } from '../../lab/llm/model.ts';
import { agents } from '../../src/agents/registry.ts';
import { createModel } from '../../src/bot.ts';
import { loadConfig, parseConfig } from '../../src/config.ts';
import { ConfigError } from '../../src/errors.ts';
import { withBudget } from '../../src/llm/budget.ts';
import { modelSettings } from '../../src/llm/budget-settings.ts';
import { createChatCompletionsModel } from '../../src/llm/chat-completions.ts';
import type { ChatModel, ChatRequest } from '../../src/llm/chat-model.ts';
import { createModelPlanner } from '../../src/orchestrator/model-planner.ts';
import { createRulePlanner } from '../../src/orchestrator/rule-planner.ts';
import { targetsNamed } from '../support/model-bench.ts';
import { report } from '../support/reports.ts';

let server: Model;
beforeAll(async () => {
  server = await startModel();
});
beforeEach(() => {
  server.reset();
  server.respond(() => ({ text: 'yes', usage: { inputTokens: 600, outputTokens: 400 } }));
});
afterAll(() => server.close());

function open(settings: object, now?: () => number): ChatModel {
  const client = { apiKey: server.apiKey, baseUrl: server.baseUrl, name: 'scripted', timeoutMs: 10_000 };
  return withBudget(createChatCompletionsModel(client), modelSettings.parse(settings), undefined, now);
}

function asked(extra: Partial<ChatRequest> = {}): ChatRequest {
  return { purpose: 'plan', messages: [{ role: 'user', text: 'why?' }], maxOutputTokens: 400, ...extra };
}

function turn(threadTokens = 0, threadCostUsd = 0): ChatRequest['turn'] & object {
  return { key: {}, threadTokens, threadCostUsd };
}

const prices = { scripted: { input: 2, output: 10 } };

describe('the budget of a model', () => {
  it('fills in what a call cost by the price table', async () => {
    const { usage } = await open({ prices }).complete(asked());
    expect(usage).toEqual({ inputTokens: 600, outputTokens: 400, costUsd: (600 * 2 + 400 * 10) / 1_000_000 });
  });

  it('tells no cost where no price is known', async () => {
    const { usage } = await open({ prices: { other: { input: 1, output: 1 } } }).complete(asked());
    expect(usage).toEqual({ inputTokens: 600, outputTokens: 400 });
  });

  it('ends a turn at its cap, and no other turn', async () => {
    const model = open({ caps: { turn: { tokens: 2_100 } } });
    const first = turn();
    await model.complete(asked({ turn: first }));
    await model.complete(asked({ turn: turn() }));
    await model.complete(asked({ turn: first }));
    await expect(model.complete(asked({ turn: first }))).rejects.toMatchObject({
      kind: 'not_asked',
      message: 'the budget of the model for this turn is used up (2100 tokens)',
    });
    expect(server.requests()).toHaveLength(3);
  });

  it('ends a thread at its cap, by what its reports say was spent', async () => {
    const model = open({ prices, caps: { thread: { tokens: 5_000, usd: 0.02 } } });
    await model.complete(asked({ turn: turn(1_000, 0.001) }));
    await expect(model.complete(asked({ turn: turn(4_900) }))).rejects.toThrow(/for this thread is used up \(5000/);
    await expect(model.complete(asked({ turn: turn(0, 0.019) }))).rejects.toThrow(
      /for this thread is used up \(\$0.02/,
    );
  });

  it('ends a day at its cap and starts anew at midnight UTC', async () => {
    let nowMs = Date.parse('2026-11-23T23:59:00Z');
    const model = open({ prices, caps: { day: { usd: 0.008 } } }, () => nowMs);
    await model.complete(asked());
    await expect(model.complete(asked())).rejects.toThrow(/for today is used up \(\$0.008\)/);
    nowMs = Date.parse('2026-11-24T00:00:00Z');
    expect((await model.complete(asked())).text).toBe('yes');
  });

  it('holds for calls side by side', async () => {
    const model = open({ caps: { day: { tokens: 3_200 } } });
    const calls = await Promise.allSettled(Array.from({ length: 10 }, () => model.complete(asked())));
    const answered = calls.filter(({ status }) => status === 'fulfilled').length;
    expect(answered).toBeGreaterThan(0);
    expect(server.requests()).toHaveLength(answered);
    // Each may cost 400 tokens of answer and its prompt; ten of them never fit.
    expect(answered).toBeLessThan(10);
  });

  it('does not charge for what was refused, and does for what was worked on', async () => {
    const model = open({ caps: { day: { tokens: 900 } } });
    server.reply({ status: 429 }, { status: 401 }, { fault: 'malformed' });
    await expect(model.complete(asked())).rejects.toMatchObject({ kind: 'rate_limited' });
    await expect(model.complete(asked())).rejects.toMatchObject({ kind: 'unauthorized' });
    await expect(model.complete(asked())).rejects.toMatchObject({ kind: 'malformed' });
    await expect(model.complete(asked({ maxOutputTokens: 500 }))).rejects.toMatchObject({ kind: 'not_asked' });
  });

  it('estimates where the server tells no usage', async () => {
    server.reply({ text: 'x'.repeat(300), usage: { inputTokens: 0, outputTokens: 0 } });
    const { usage } = await open({ prices }).complete(asked());
    expect(usage.outputTokens).toBe(100);
    expect(usage.costUsd).toBeGreaterThan(0.001);
  });
});

describe('the budget in the configuration', () => {
  const targets = 'targets: [{name: orders-prod, host: h, user: u}]\n';

  it('names line and key of what is wrong', () => {
    const text = `${targets}model:\n  caps:\n    day: { tokens: -1 }\n`;
    expect(() => parseConfig(text, 'dbcheck.yml', {})).toThrow(/line 4: model\.caps\.day\.tokens/);
  });

  it('refuses a cap of money for a model without a price', () => {
    expect(() => open({ caps: { day: { usd: 5 } } })).toThrow(ConfigError);
  });

  it('reaches the bot: at the cap the rules plan and say so', async () => {
    const variables = { DB_HOST: 'h', OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: 'k', OPENAI_MODEL: 'scripted' };
    const config = { ...loadConfig(undefined, variables), model: modelSettings.parse({ prices }) };
    const orders = targetsNamed('orders-prod');
    const planner = createModelPlanner(createModel(config)!, agents, orders, createRulePlanner(agents, orders));
    const call = { name: 'analyze_slow_queries', arguments: { hours: 2 } };
    server.reply({ calls: [call], usage: { inputTokens: 1_000, outputTokens: 50 } });
    const first = await planner.plan({ text: 'slow queries of the last 2 hours' });
    expect(first).toMatchObject({ plan: { source: 'model' }, costUsd: (1_000 * 2 + 50 * 10) / 1_000_000 });

    const usage = { ...report().usage, inputTokens: 600_000 };
    const spent = { question: 'before', askedAt: '2026-11-23T03:12:41.000Z', report: report({ usage }) };
    const last = await planner.plan({
      text: 'slow queries of the last 2 hours',
      conversation: { key: 'T1:C1:1', turns: [spent] },
    });
    expect(last).toMatchObject({ plan: { kind: 'run', source: 'rules' }, llmCalls: 0, costUsd: 0 });
    expect(last.notes).toEqual([
      'the budget of the model for this thread is used up (600000 tokens); the rules planned',
    ]);
    expect(server.requests()).toHaveLength(1);
  });
});
