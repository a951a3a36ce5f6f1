import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BotProcess, startBotProcess } from '../../lab/bot-process.ts';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { type LabRedis, startRedis } from '../../lab/redis/server.ts';
import { startWorkspace, type Workspace } from '../../lab/slack/workspace.ts';

let redis: LabRedis;
let server: LabServer;
let workspace: Workspace;
const processes: BotProcess[] = [];
const folder = mkdtempSync(join(tmpdir(), 'dbcheck-roles-'));
const config = join(folder, 'dbcheck.yml');

async function start(role: string): Promise<BotProcess> {
  const { apiUrl, settings } = workspace;
  const variables = { REDIS_URL: redis.url, DBCHECK_ROLE: role };
  const started = await startBotProcess({ config, apiUrl, settings, variables });
  processes.push(started);
  return started;
}

beforeAll(async () => {
  [redis, server, workspace] = await Promise.all([startRedis(), startServer({ name: 'orders' }), startWorkspace()]);
  const run = { windowSeconds: 0.3, cacheSeconds: 0 };
  writeFileSync(config, JSON.stringify({ targets: [targetEntry(server)], history: { enabled: false }, run }));
}, 120_000);
afterAll(async () => {
  for (const one of processes) await one.kill();
  await workspace?.close();
  await redis?.stop();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Asks, and gives the whole answer as it stands in the thread. */
async function ask(): Promise<string> {
  const question = workspace.user('ada').mention('incidents', 'is orders healthy?');
  const answered = ({ metadata }: { readonly metadata?: unknown }) => JSON.stringify(metadata ?? {}).includes('/0');
  await workspace.waitForReply(question, answered, { timeoutMs: 30_000 });
  return JSON.stringify(workspace.thread('incidents', question.ts));
}

describe('roles', () => {
  it('a process for Slack answers what a worker looked at, goes on alone when the worker dies, and with the next one', async () => {
    const worker = await start('worker');
    await start('slack');
    await workspace.waitForConnection();
    const byWorker = await ask();
    expect(byWorker).toContain('orders');
    expect(byWorker).not.toContain('in the process that answers');
    await worker.kill();
    expect(await ask()).toContain('no worker is running: the checks ran in the process that answers');
    const next = await start('worker');
    expect(await ask()).not.toContain('in the process that answers');
    expect(await next.stop()).toBe(0);
  }, 120_000);

  it.each([
    [['--role', 'worker'], {}, 'the role worker needs REDIS_URL'],
    [['--role', 'king'], {}, 'expected one of all, slack, worker, not "king"'],
    [[], { DBCHECK_ROLE: 'slack' }, 'the role slack needs REDIS_URL'],
    [['--rolle'], {}, 'the bot takes --role all, slack or worker'],
  ])('%j %j cannot start, and says why', (args, variables, words) => {
    const env = { PATH: process.env['PATH'], DBCHECK_CONFIG: config, ...variables };
    const ended = spawnSync(process.execPath, ['src/main.ts', ...args], { env, encoding: 'utf8' });
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain(words);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });
});
