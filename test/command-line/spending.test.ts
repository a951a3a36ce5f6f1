import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
});
