import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withBudget } from '../../src/llm/budget.ts';
import { modelSettings } from '../../src/llm/budget-settings.ts';
import { type ChatModel, ModelError } from '../../src/llm/chat-model.ts';
import { createMemoryLedger, createStoredLedger } from '../../src/llm/ledger.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';

const silent: ChatModel = {
  name: 'scripted',
  complete: async () => ({ text: 'yes', toolCalls: [], usage: { inputTokens: 600, outputTokens: 400 } }),
};
const now = () => Date.parse('2026-11-23T10:00:00Z');
const ask = { purpose: 'plan', messages: [{ role: 'user', text: 'why?' }], maxOutputTokens: 400 } as const;
const prices = { scripted: { input: 2, output: 10 } };

describe('what a day cost', () => {
  it('survives a restart: the cap of the day holds in the next process', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'dbcheck-ledger-'));
    const settings = modelSettings.parse({ prices, caps: { day: { tokens: 1_400 } } });
    const path = join(directory, 'dbcheck.db');
    try {
      const before = createSqliteStore({ path });
      await withBudget(silent, settings, createStoredLedger(before), now).complete(ask);
      await before.close();

      const after = createSqliteStore({ path });
      const ledger = createStoredLedger(after);
      await expect(withBudget(silent, settings, ledger, now).complete(ask)).rejects.toThrow(/for today is used up/);
      expect(await ledger.spent('2026-11-23')).toEqual([
        { purpose: 'plan', model: 'scripted', calls: 1, inputTokens: 600, outputTokens: 400, costUsd: 0.0052 },
      ]);
      await after.close();
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('is kept apart by purpose and model, and by day', async () => {
    const ledger = createMemoryLedger();
    const settings = modelSettings.parse({});
    await withBudget(silent, settings, ledger, now).complete(ask);
    await withBudget(silent, settings, ledger, now).complete({ ...ask, purpose: 'narrate' });
    await withBudget({ ...silent, name: 'other' }, settings, ledger, now).complete(ask);
    await withBudget(silent, settings, ledger, () => now() + 86_400_000).complete(ask);
    const uses = await ledger.spent('2026-11-23');
    expect(uses.map(({ purpose, model, calls }) => [purpose, model, calls])).toEqual([
      ['plan', 'scripted', 1],
      ['narrate', 'scripted', 1],
      ['plan', 'other', 1],
    ]);
  });

  it('goes on by what this process counted where the store is closed', async () => {
    const store = createSqliteStore({ path: ':memory:' });
    await store.close();
    const settings = modelSettings.parse({ caps: { day: { tokens: 1_400 } } });
    const model = withBudget(silent, settings, createStoredLedger(store), now);
    expect((await model.complete(ask)).text).toBe('yes');
    await expect(model.complete(ask)).rejects.toThrow(/for today is used up/);
  });
});

describe('the walls around a call', () => {
  it('lets three requests of a turn through, retries counted, and refuses the fourth', async () => {
    let requests = 0;
    const failing: ChatModel = {
      name: 'scripted',
      complete: async () => {
        requests++;
        throw new ModelError('unavailable', 'out of order');
      },
    };
    const model = withBudget(failing, modelSettings.parse({}));
    const turn = { key: {}, threadTokens: 0, threadCostUsd: 0 };
    for (const message of [/out of order/, /out of order/, /out of order/, /has failed 3 times in this turn/])
      await expect(model.complete({ ...ask, turn })).rejects.toThrow(message);
    expect(requests).toBe(3);
  });

  it.each([
    ['plan', 4_000],
    ['narrate', 12_000],
  ] as const)('sends no prompt of a %s that is longer than %d tokens', async (purpose, tokens) => {
    const model = withBudget(silent, modelSettings.parse({}));
    const request = (characters: number) => ({
      ...ask,
      purpose,
      messages: [{ role: 'user', text: 'x'.repeat(characters) } as const],
    });
    expect((await model.complete(request(tokens * 3.4))).text).toBe('yes');
    await expect(model.complete(request(tokens * 3.6))).rejects.toThrow(new RegExp(`beyond the limit of ${tokens}`));
  });
});
