import { afterEach, describe, expect, it } from 'vitest';
import type { World } from '../../lab/faults/fault.ts';
import { faults } from '../../lab/faults/registry.ts';
import { startWorld } from '../../lab/faults/world.ts';
import { startWorkspace, type Workspace } from '../../lab/slack/workspace.ts';
import { type Bot, startBot } from '../../src/bot.ts';
import { loadConfig, parseConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';

let workspace: Workspace | undefined;
let world: World | undefined;
let bot: Bot | undefined;

afterEach(async () => {
  await bot?.stop();
  workspace?.assertNoViolations();
  await workspace?.close();
  await world?.stop();
  [workspace, world, bot] = [undefined, undefined, undefined];
});

async function start(faultId: string, windowSeconds = 0.3): Promise<{ workspace: Workspace; world: World }> {
  const fault = faults.find(({ id }) => id === faultId);
  if (!fault) throw new Error(`no fault ${faultId}`);
  world = await startWorld(fault);
  const injection = await fault.inject(world);
  await injection.gate();
  await world.quiet();
  workspace = await startWorkspace();
  const variables = {
    DB_HOST: 'unused',
    SLACK_BOT_TOKEN: workspace.settings.botToken,
    SLACK_APP_TOKEN: workspace.settings.appToken,
    SLACK_API_URL: workspace.apiUrl,
  };
  const file = parseConfig(
    JSON.stringify({ targets: world.targets, run: { windowSeconds }, store: { path: ':memory:' } }),
    'test.yml',
    {},
  );
  bot = await startBot(
    { ...file, path: undefined, environment: loadConfig(undefined, variables).environment },
    silentLog,
  );
  await workspace.waitForConnection();
  return { workspace, world };
}

describe('the bot in an incident channel', () => {
  it('answers a mention with a checklist and then a report that names the blocker, and a follow-up from what it found', async () => {
    const { workspace } = await start('row-lock-chain');

    const asked = workspace.user('ada').mention('incidents', 'who blocks whom on orders-prod?');
    const report = await workspace.waitForReply(asked, ({ text }) => text.includes('sessions wait behind'), {
      timeoutMs: 20_000,
    });
    expect(report.text).toMatch(
      /^🟠 Degraded · orders-prod · 2 sessions wait behind one idle transaction · thread \d+ — Do first: End thread/,
    );
    const more = workspace.user('ben').reply(asked, 'tell me more about the first one');
    const answer = await workspace.waitForReply(more, ({ text }) => text.includes('Measured: waiters 2'), {
      timeoutMs: 20_000,
    });
    expect(answer.text).toContain('shop.orders');
  });

  it('stops a run on a real server within two seconds of the click and says how far it came', async () => {
    const { workspace } = await start('row-lock-chain', 30);
    const asked = workspace.user('ada').mention('incidents', 'is orders-prod healthy?');
    const list = await workspace.waitForReply(asked, ({ blocks }) => JSON.stringify(blocks).includes('dbcheck:stop'));
    const pressedAt = performance.now();
    await workspace.user('ben').click(list, 'Stop');
    const said = await workspace.waitForReply(list, ({ ts, text }) => ts !== list.ts && text !== '');
    expect(performance.now() - pressedAt).toBeLessThan(2_000);
    expect(workspace.render([said])).toMatch(/[Ss]topped/);
    await workspace.waitFor(() => workspace.message(list)?.text.startsWith('Stopped'));
  });

  it.each(['its button', 'the native Stop'])(
    'ends a statement that runs on a real server within two seconds of %s',
    async (way) => {
      const { workspace, world } = await start('row-lock-chain');
      // Five seconds are what one statement of ours may take; nothing else would end it before.
      const endless =
        'SELECT COUNT(*) FROM information_schema.COLUMNS a, information_schema.COLUMNS b, information_schema.COLUMNS c';
      const asked = workspace.user('ada').mention('incidents', `run on orders-prod: ${endless}`);
      const running = async () => {
        const [row] = await world.primary.query(
          "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = 'dbcheck' AND INFO LIKE '%COLUMNS c%'",
        );
        return Number(row?.['n']);
      };
      const list = await workspace.waitForReply(asked, ({ blocks }) => JSON.stringify(blocks).includes('dbcheck:stop'));
      await expect.poll(running, { timeout: 5_000 }).toBe(1);
      const pressedAt = performance.now();
      if (way === 'its button') await workspace.user('ben').click(list, 'Stop');
      else await workspace.user('ben').stopSession(asked);
      await expect.poll(running, { interval: 20, timeout: 5_000 }).toBe(0);
      expect(performance.now() - pressedAt).toBeLessThan(2_000);
      await workspace.waitForReply(list, ({ ts, text }) => ts !== list.ts && /[Ss]topped/.test(text));
    },
  );
});
