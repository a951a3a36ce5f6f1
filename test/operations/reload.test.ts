import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { startWorkspace } from '../../lab/slack/workspace.ts';
import { startBot } from '../../src/bot.ts';
import { loadConfig } from '../../src/config.ts';
import { watchConfig } from '../../src/config-watch.ts';
import { silentLog } from '../../src/log.ts';

const ending: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

async function start() {
  const server = await startServer({ name: 'orders-prod' });
  ending.push(() => server.stop());
  const workspace = await startWorkspace();
  ending.push(() => workspace.close());
  const folder = mkdtempSync(join(tmpdir(), 'dbcheck-reload-'));
  ending.push(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'dbcheck.yml');
  const entry = targetEntry(server);
  const text = (names: readonly string[], more: object = {}) =>
    JSON.stringify({ targets: names.map((name) => ({ ...entry, name })), run: { windowSeconds: 1 }, ...more });
  const operations = { operations: { port: 0, host: '127.0.0.1' } };
  writeFileSync(path, text(['orders-prod'], operations));
  const { botToken, appToken } = workspace.settings;
  const variables = { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_API_URL: workspace.apiUrl };
  const bot = await startBot(loadConfig(path, variables), silentLog);
  ending.push(() => bot.stop());
  await workspace.waitForConnection(2);
  const configuration = async () => {
    const response = await fetch(`http://127.0.0.1:${bot.operationsPort}/readyz`);
    const { checks } = (await response.json()) as { checks: Record<string, { ok: boolean; detail: string }> };
    return { names: Object.keys(checks).filter((name) => name.startsWith('target')), file: checks['configuration'] };
  };
  return { server, workspace, bot, path, text: (names: readonly string[]) => text(names, operations), configuration };
}

describe('a changed configuration', () => {
  it('is said to need a start where it names another port of alerts or another store, and not where it does not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dbcheck-reload-'));
    ending.push(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'dbcheck.yml');
    const write = (port: number, more: object = {}) =>
      writeFileSync(
        path,
        JSON.stringify({
          targets: [{ name: 'orders-prod', socket: '/nonexistent.sock', user: 'dbcheck' }],
          alerts: { port, secret: 'a secret of a sender', ...more },
        }),
      );
    write(9_095);
    const later: unknown[] = [];
    const log = { ...silentLog, warn: (fields: object) => void later.push(fields) };
    const watch = watchConfig(loadConfig(path, {}), () => {}, log);
    ending.push(() => watch.stop());
    write(9_095, { coolDownMinutes: 5 });
    watch.reload();
    expect(later).toEqual([]);
    write(9_096);
    watch.reload();
    watch.reload();
    expect(later).toEqual([
      { sections: ['alerts.port and alerts.host'] },
      { sections: ['alerts.port and alerts.host'] },
    ]);
  });

  it('is in force without a restart when its file is replaced, and a run that was under way is answered', async () => {
    const { workspace, path, text, configuration } = await start();
    const asked = workspace.user('ada').mention('incidents', 'is orders-prod healthy?');
    await workspace.waitForReply(asked, ({ blocks }) => JSON.stringify(blocks).includes('dbcheck:stop'));
    writeFileSync(`${path}.new`, text(['billing-prod', 'orders-prod']));
    renameSync(`${path}.new`, path);
    await expect
      .poll(async () => (await configuration()).names, { timeout: 10_000 })
      .toEqual(['target billing-prod', 'target orders-prod']);
    await workspace.waitForReply(asked, ({ text: said }) => /· orders-prod/.test(said), { timeoutMs: 15_000 });
    const next = workspace.user('ada').mention('incidents', 'is billing-prod healthy?');
    await workspace.waitForReply(next, ({ text: said }) => /· billing-prod/.test(said), { timeoutMs: 15_000 });
  });

  it('that is not valid is refused with its line, and the old one goes on', async () => {
    const { workspace, bot, path, text, configuration } = await start();
    writeFileSync(path, `${text(['orders-prod']).slice(0, -1)}, "no_such_setting": 1}`);
    bot.reload();
    const { file } = await configuration();
    expect(file?.ok).toBe(false);
    expect(file?.detail).toMatch(/dbcheck\.yml line 1: no_such_setting: is no setting of dbcheck/);
    const asked = workspace.user('ada').mention('incidents', 'is orders-prod healthy?');
    await workspace.waitForReply(asked, ({ text: said }) => /· orders-prod/.test(said), { timeoutMs: 15_000 });
  });

  it('keeps the session to a server whose settings are the same', async () => {
    const { workspace, server, bot, path, text } = await start();
    const ask = async () => {
      const asked = workspace.user('ada').mention('incidents', 'is orders-prod healthy?');
      await workspace.waitForReply(asked, ({ text: said }) => /· orders-prod/.test(said), { timeoutMs: 15_000 });
    };
    const connections = async () => {
      const root = await server.connect();
      try {
        const [row] = await root.query("SHOW GLOBAL STATUS LIKE 'Connections'");
        return Number(row?.['Value']);
      } finally {
        await root.end();
      }
    };
    await ask();
    const before = await connections();
    writeFileSync(path, text(['orders-prod']));
    bot.reload();
    await ask();
    // The one more is this test's own.
    expect((await connections()) - before).toBe(1);
  });
});
