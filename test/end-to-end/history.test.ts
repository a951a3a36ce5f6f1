import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { writePast } from '../../lab/history/past.ts';
import { startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { startWorkspace } from '../../lab/slack/workspace.ts';
import { startBot } from '../../src/bot.ts';
import { loadConfig, parseConfig } from '../../src/config.ts';
import { counterNames } from '../../src/history/counter-names.ts';
import { createHistories } from '../../src/history/history.ts';
import { silentLog } from '../../src/log.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';

const ending: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

const dayMs = 86_400_000;

async function start() {
  const server = await startServer({ name: 'orders-prod' });
  ending.push(() => server.stop());
  const folder = mkdtempSync(join(tmpdir(), 'dbcheck-history-'));
  ending.push(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'dbcheck.db');
  const { bsize, blocks, bavail } = statfsSync(server.dataDirectory);
  const [size, free] = [blocks * bsize, bavail * bsize];
  const nowMs = Date.now();
  const store = createSqliteStore({ path });
  await writePast(store, 'orders-prod', {
    fromMs: nowMs - 6 * dayMs,
    untilMs: nowMs,
    at: (ms) => ({
      volumes: { [server.dataDirectory]: [Math.round(size - free - (free / 2) * ((nowMs - ms) / (6 * dayMs))), size] },
    }),
  });
  await store.close();
  const workspace = await startWorkspace();
  ending.push(() => workspace.close());
  const { botToken, appToken } = workspace.settings;
  const variables = {
    DB_HOST: 'unused',
    SLACK_BOT_TOKEN: botToken,
    SLACK_APP_TOKEN: appToken,
    SLACK_API_URL: workspace.apiUrl,
  };
  const file = parseConfig(
    JSON.stringify({
      targets: [targetEntry(server)],
      run: { windowSeconds: 0.3 },
      history: { everySeconds: 10 },
      store: { path },
    }),
    'test.yml',
    {},
  );
  const bot = await startBot(
    { ...file, path: undefined, environment: loadConfig(undefined, variables).environment },
    silentLog,
  );
  ending.push(() => bot.stop());
  await workspace.waitForConnection();
  /** The invented past knows no counter; what the bot samples does. */
  const sampled = async () => {
    const look = createSqliteStore({ path, use: 'read' });
    const newest = await createHistories(look)('orders-prod').newest(Date.now() + 1, 60_000);
    await look.close();
    return (newest?.counters[counterNames.indexOf('Questions')] ?? 0) > 0;
  };
  return { workspace, path, sampled };
}

describe('the bot with a history', () => {
  it('says in Slack when the disk is full, with a chart and its words', async () => {
    const { workspace } = await start();
    const asked = workspace.user('ada').mention('incidents', 'when does the disk of orders-prod run full?');
    const report = await workspace.waitForReply(asked, ({ text }) => /Full in 1\d days at this pace/.test(text), {
      timeoutMs: 30_000,
    });
    const blocks = JSON.stringify(report.blocks);
    expect(blocks).toContain('data_visualization');
    expect(blocks).toMatch(/with 95 % confidence/);
    workspace.assertNoViolations();
  });

  it('samples by itself, and the command line reads that beside it', async () => {
    const { path, sampled } = await start();
    await expect.poll(sampled, { timeout: 30_000 }).toBe(true);
    const beside = createSqliteStore({ path, use: 'read' });
    const nowMs = Date.now() + 1;
    expect(await createHistories(beside)('orders-prod').newest(nowMs, 60_000)).toMatchObject({
      gauges: [expect.any(Number), expect.any(Number)],
    });
    await beside.close();
  });
});
