import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startModel } from '../../lab/llm/model.ts';
import { spending } from '../../src/command-line/spending.ts';
import { createStoredLedger } from '../../src/llm/ledger.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dbcheck-spending-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function show(...flags: readonly string[]): Promise<string> {
  let out = '';
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    err: () => {},
    input: process.stdin,
    interactive: false,
    signal: new AbortController().signal,
  };
  expect(await spending(['--config', join(directory, 'dbcheck.yml'), ...flags], terminal)).toBe(0);
  return out;
}

describe('dbcheck spending', () => {
  it('tells the days by purpose and model, beside the bot that has the store open', async () => {
    const path = join(directory, 'dbcheck.db');
    const targets = [{ name: 'a', host: 'h', user: 'u' }];
    await writeFile(join(directory, 'dbcheck.yml'), JSON.stringify({ targets, store: { path } }));
    const store = createSqliteStore({ path });
    const ledger = createStoredLedger(store);
    const use = { model: 'gpt-5-mini', calls: 1, inputTokens: 900, outputTokens: 40, costUsd: 0.0003 };
    await ledger.add('2026-11-22', { ...use, purpose: 'plan' });
    await ledger.add('2026-11-23', { ...use, purpose: 'plan' });
    await ledger.add('2026-11-23', { ...use, purpose: 'plan' });
    await ledger.add('2026-11-23', { ...use, purpose: 'narrate' });

    expect((await show()).split('\n')).toEqual([
      '2026-11-23  plan     gpt-5-mini  2 calls  1800 tokens in, 80 out  $0.0006',
      '2026-11-23  narrate  gpt-5-mini  1 call  900 tokens in, 40 out  $0.0003',
      '2026-11-22  plan     gpt-5-mini  1 call  900 tokens in, 40 out  $0.0003',
      '',
    ]);
    expect(JSON.parse(await show('--json', '--days', '1'))).toMatchObject([{ date: '2026-11-23' }]);
    await store.close();
  });

  it('counts what calls of the command line cost too, and their caps of a day', async () => {
    const model = await startModel();
    const targets = [{ name: 'a', host: '127.0.0.1', port: 1, user: 'u' }];
    const settings = {
      targets,
      store: { path: join(directory, 'dbcheck.db') },
      model: { caps: { day: { tokens: 9_000 } } },
    };
    await writeFile(join(directory, 'dbcheck.yml'), JSON.stringify(settings));
    const ask = async () => {
      const { PATH = '' } = process.env;
      const env = { PATH, OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: model.apiKey, OPENAI_MODEL: 'scripted' };
      const args = ['src/dbcheck.js', 'thank you so much', '--json', '--config', join(directory, 'dbcheck.yml')];
      const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
      return JSON.parse(await text(child.stdout));
    };
    try {
      model.reply({ text: 'You are welcome.', usage: { inputTokens: 8_000, outputTokens: 10 } });
      await ask();
      const asked = model.requests().length;
      expect(asked).toBeGreaterThan(0);
      expect(await show()).toMatch(/ plan {5}scripted {2}1 call {2}8000 tokens in, 10 out/);
      const second = await ask();
      expect(model.requests()).toHaveLength(asked);
      expect(JSON.stringify(second)).toContain('the budget of the model for today is used up');
    } finally {
      await model.close();
    }
  });
});
