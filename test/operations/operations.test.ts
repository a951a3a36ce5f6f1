import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startBotProcess } from '../../lab/bot-process.ts';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { startWorkspace, type Workspace } from '../../lab/slack/workspace.ts';
import { type Bot, startBot } from '../../src/bot.ts';
import { loadConfig, parseConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';

const ending: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

interface Scene {
  readonly workspace: Workspace;
  readonly server: LabServer;
  readonly bot: Bot;
  get(path: string): Promise<{ readonly status: number; readonly text: string }>;
}

async function start(): Promise<Scene> {
  const server = await startServer({ name: 'orders-prod' });
  ending.push(() => server.stop());
  const workspace = await startWorkspace();
  ending.push(() => workspace.close());
  const { botToken, appToken } = workspace.settings;
  const variables = {
    DB_HOST: 'x',
    SLACK_BOT_TOKEN: botToken,
    SLACK_APP_TOKEN: appToken,
    SLACK_API_URL: workspace.apiUrl,
  };
  const gone = { name: 'gone', socket: '/nonexistent/mariadb.sock', user: 'dbcheck' };
  const file = parseConfig(
    JSON.stringify({
      targets: [targetEntry(server), gone],
      store: { path: ':memory:' },
      operations: { port: 0, host: '127.0.0.1' },
      run: { windowSeconds: 0.2 },
    }),
    'test.yml',
    {},
  );
  const bot = await startBot(
    { ...file, path: undefined, environment: loadConfig(undefined, variables).environment },
    silentLog,
  );
  ending.push(() => bot.stop());
  await workspace.waitForConnection(2);
  return {
    workspace,
    server,
    bot,
    async get(path) {
      const response = await fetch(`http://127.0.0.1:${bot.operationsPort}${path}`);
      return { status: response.status, text: await response.text() };
    },
  };
}

describe('the pages for whoever runs the bot', () => {
  it('tell that it lives and is ready, with each target, one that is down included', async () => {
    const { get } = await start();
    expect(await get('/healthz')).toEqual({ status: 200, text: 'ok\n' });
    const { status, text } = await get('/readyz');
    expect(status).toBe(200);
    const { ready, checks } = JSON.parse(text);
    expect(ready).toBe(true);
    expect(checks).toMatchObject({
      slack: { ok: true },
      store: { ok: true },
      'target orders-prod': { ok: true, detail: 'answers' },
      'target gone': { ok: false, detail: expect.stringContaining('gone') },
    });
    expect((await get('/other')).status).toBe(404);
  });

  it('tell that it is not ready while Slack cannot reach it', async () => {
    const { get, workspace } = await start();
    const mend = workspace.trouble.down();
    workspace.trouble.dropSocket('terminate');
    await expect.poll(async () => (await get('/readyz')).status, { timeout: 10_000 }).toBe(503);
    mend();
  });

  it('count turns, agents, probes, Slack calls and the store, and no name of a target or statement', async () => {
    const { get, workspace } = await start();
    const asked = workspace.user('ada').mention('incidents', 'is orders-prod healthy?');
    await workspace.waitForReply(asked, ({ text }) => /· orders-prod/.test(text), { timeoutMs: 15_000 });
    const { text } = await get('/metrics');
    expect(text).toMatch(/dbcheck_turns_total\{kind="run",verdict="\w+"\} [1-9]/);
    expect(text).toMatch(/dbcheck_agent_runs_total\{agent="incident_triage",status="completed"\} [1-9]/);
    expect(text).toMatch(/dbcheck_probes_total\{probe="processlist",outcome="read"\} [1-9]/);
    expect(text).toMatch(/dbcheck_slack_calls_total\{method="chat.postMessage",outcome="ok"\} [1-9]/);
    expect(text).toMatch(/dbcheck_store_seconds_count\{operation="insert"\} [1-9]/);
    expect(text).toMatch(/nodejs_eventloop_lag_p99_seconds [\d.]+/);
    expect(text).not.toMatch(/orders-prod|SELECT/);
    await expect
      .poll(async () => (await get('/metrics')).text.match(/^dbcheck_turns_open.*$/gm))
      .toEqual(['dbcheck_turns_open{state="running"} 0', 'dbcheck_turns_open{state="waiting"} 0']);
  });
});

describe('two connections of Socket Mode', () => {
  it('lose no command while Slack refreshes one of them', async () => {
    const { workspace } = await start();
    expect(workspace.connections).toBe(2);
    expect(workspace.trouble.dropSocket('refresh_requested', 1)).toBe(1);
    const ada = workspace.user('ada');
    const deliveries = await Promise.all(
      Array.from({ length: 6 }, (_, index) => ada.slash('/dbcheck', `help ${index}`, 'incidents')),
    );
    expect(deliveries.map(({ attempts }) => attempts.map(({ outcome }) => outcome))).toEqual(
      deliveries.map(() => ['acknowledged']),
    );
    await workspace.waitForConnection(2, { timeoutMs: 15_000 });
  });
});

describe('a bot that is asked to stop', () => {
  it('finishes the run it works on, leaves what waits for the next start, and says so', async () => {
    const server = await startServer({ name: 'orders-prod' });
    ending.push(() => server.stop());
    const workspace = await startWorkspace();
    ending.push(() => workspace.close());
    const folder = mkdtempSync(join(tmpdir(), 'dbcheck-stop-'));
    ending.push(() => rmSync(folder, { recursive: true, force: true }));
    const config = join(folder, 'dbcheck.yml');
    writeFileSync(
      config,
      JSON.stringify({ targets: [targetEntry(server)], run: { windowSeconds: 1.5 }, slack: { finishSeconds: 20 } }),
    );
    const startProcess = async () => {
      const bot = await startBotProcess({ config, apiUrl: workspace.apiUrl, settings: workspace.settings });
      ending.push(() => bot.kill());
      await workspace.waitForConnection(2);
      return bot;
    };
    const bot = await startProcess();
    const asked = workspace.user('ada').mention('incidents', 'is orders-prod healthy?');
    await workspace.waitForReply(asked, ({ blocks }) => JSON.stringify(blocks).includes('dbcheck:stop'));
    workspace.user('ben').reply(asked, 'help');
    await workspace.waitFor(() =>
      workspace.thread('incidents', asked.ts).some(({ text }) => text.startsWith('One question at a time')),
    );
    expect(await bot.stop()).toBe(0);
    const texts = () => workspace.thread('incidents', asked.ts).map(({ text }) => text);
    expect(texts().filter((text) => /· orders-prod/.test(text))).toHaveLength(1);
    expect(texts()).toContain('dbcheck is being restarted; this question is taken up when it is back.');

    await startProcess();
    await workspace.waitFor(() => texts().some((text) => /^Ask in your own words/.test(text)) && texts(), {
      timeoutMs: 10_000,
    });
    expect(texts().filter((text) => /· orders-prod/.test(text))).toHaveLength(1);
  });
});
