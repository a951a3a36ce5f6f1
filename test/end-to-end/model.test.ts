import { afterEach, describe, expect, it } from 'vitest';
import { faults } from '../../lab/faults/registry.ts';
import { type Show, startShow } from '../../lab/show.ts';

let show: Show | undefined;
afterEach(async () => {
  show?.workspace.assertNoViolations();
  await show?.close();
  show = undefined;
});

async function start(faultId: string): Promise<Show> {
  const fault = faults.find(({ id }) => id === faultId);
  if (!fault) throw new Error(`no fault ${faultId}`);
  show = await startShow(fault, true);
  return show;
}

const patience = { timeoutMs: 20_000 };

describe('the bot with a model', () => {
  it('plans, looks deeper once, drops what is invented, tells its cost, and answers a follow-up for nothing', async () => {
    const { workspace, bot } = await start('row-lock-chain');
    const ada = workspace.user('ada');
    const asked = ada.mention('incidents', 'checkout hangs on orders-prod, who is blocking whom?');
    const told = await workspace.waitForReply(asked, ({ text }) => text.includes('sessions wait behind'), patience);

    const key = `${workspace.settings.team.id}:${workspace.channel('incidents').id}:${asked.ts}`;
    const [turn] = (await bot.conversations.load(key))?.turns ?? [];
    expect(turn?.report.plan.source).toBe('model');
    expect(turn?.report.results.map(({ agent }) => agent)).toContain('connections');
    expect(turn?.report.usage.models.map(({ purpose, calls }) => [purpose, calls])).toEqual([
      ['plan', 1],
      ['replan', 1],
      ['narrate', 1],
    ]);
    const shown = workspace.render([told]);
    expect(shown).toContain('1 sentence of the model left out');
    expect(shown).not.toContain('network between the servers');
    expect(shown).toMatch(
      /Used: \d+ statements; model gpt-5-mini: 3 calls, [\d,]+ tokens \([\d,]+ in, \d+ out\), \$0\.00\d+/,
    );

    const more = ada.reply(asked, 'tell me more about the first one');
    await workspace.waitForReply(more, ({ text }) => text.includes('Severity'), patience);
    const last = (await bot.conversations.load(key))?.turns.at(-1);
    expect([last?.report.plan.kind, last?.report.usage.llmCalls]).toEqual(['context', 0]);
  });

  it('remembers a target, suggests what to ask next, and answers the click in the thread', async () => {
    const { workspace } = await start('row-lock-chain');
    const ada = workspace.user('ada');
    const wish = ada.mention('incidents', 'use orders-prod by default');
    await workspace.waitForReply(wish, ({ text }) => text.includes('target orders-prod'), patience);

    const asked = ada.mention('incidents', 'who is blocking whom?');
    const told = await workspace.waitForReply(asked, ({ text }) => text.includes('sessions wait behind'), patience);
    await workspace.user('ben').click(told, 'dbcheck:ask:0');
    await workspace.waitForReply(asked, ({ text }) => text.startsWith('Asked: Slow queries'), patience);
    const done = () =>
      workspace.thread('incidents', asked.ts).filter(({ text }) => text.startsWith('Done')).length >= 2 || undefined;
    await workspace.waitFor(done, patience);
  });
});
