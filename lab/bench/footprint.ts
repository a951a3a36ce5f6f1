import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStoredConversations } from '../../src/conversation/stored-conversations.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { type Figure, median, secondsOf } from './figure.ts';
import { reportWith } from './samples.ts';
import { startSite } from './site.ts';

const starts = 5;
const manyThreads = 10_000;
const fewThreads = 1_000;

/** From the start of the process to ready, beside Node itself and Node with Slack's library. */
export async function benchStart(): Promise<readonly Figure[]> {
  const ours: number[] = [];
  const bolt: number[] = [];
  for (let round = 0; round < starts; round++) {
    const site = await startSite();
    ours.push(site.startMs / 1_000);
    await site.close();
    bolt.push(await secondsOf(() => ended(['--input-type=module', '-e', "import '@slack/bolt'; import 'mariadb';"])));
  }
  return [
    {
      name: 'start: process to ready',
      unit: 's',
      value: median(ours),
      better: 'lower',
      beside: { name: 'to load Bolt and the connector', value: median(bolt) },
      promise: { of: 'value', limit: 1.5 },
    },
  ];
}

/** Memory at rest, with and without many stored threads, and how long a follow-up takes among them. */
export async function benchMemory(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dbcheck-memory-'));
  try {
    const few = await atRest(join(folder, 'few.db'), fewThreads);
    const many = await atRest(join(folder, 'many.db'), manyThreads);
    return [
      {
        name: `memory: at rest, ${manyThreads.toLocaleString('en-US')} stored threads`,
        unit: 'MB',
        value: many.megabytes,
        better: 'lower',
        beside: { name: `with ${fewThreads.toLocaleString('en-US')}`, value: few.megabytes },
        promise: { of: 'ratio', limit: 1.2 },
      },
      {
        name: 'growth: follow-up among ten times the threads',
        unit: 'ms',
        value: many.followUpMs,
        better: 'lower',
        beside: { name: 'for a tenth', value: few.followUpMs },
        promise: { of: 'ratio', limit: 3 },
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function atRest(storePath: string, threads: number): Promise<{ megabytes: number; followUpMs: number }> {
  const store = createSqliteStore({ path: storePath });
  const conversations = createStoredConversations(store);
  const report = reportWith(6);
  for (let thread = 0; thread < threads; thread++) {
    const turn = { question: 'is it healthy?', askedAt: report.takenAt, report };
    await conversations.append(`T0LAB0001:C0INCIDENT:1700000000.${String(thread).padStart(6, '0')}`, turn);
  }
  await store.close();
  const { workspace, bot, close } = await startSite({ storePath });
  try {
    const root = workspace.user('ada').mention('incidents', 'help');
    await workspace.waitForReply(root);
    const times: number[] = [];
    for (let round = 0; round < 7; round++) {
      const asked = workspace.user('ada').reply(root, 'help');
      const reply = await workspace.waitForReply(asked);
      times.push(reply.postedAt - asked.postedAt);
    }
    const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${bot.pid}/status`, 'utf8')) ?? [];
    return { megabytes: Number(kilobytes) / 1_024, followUpMs: median(times) };
  } finally {
    await close();
  }
}

async function ended(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: join(import.meta.dirname, '../..'), stdio: 'ignore' });
  await once(child, 'exit');
}
