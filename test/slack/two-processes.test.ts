import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LabRedis, startRedis } from '../../lab/redis/server.ts';
import { startWorkspace, type Workspace } from '../../lab/slack/workspace.ts';
import type { Question } from '../../src/orchestrator/question.ts';
import { questionKind } from '../../src/slack/turns/inbox.ts';
import { openRedisStore } from '../../src/store/redis-store.ts';
import { answer, report } from '../support/reports.ts';
import { type BenchOptions, manifest, type SlackBench, startSlackBench } from '../support/slack-bench.ts';

let redis: LabRedis;
const ending: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  redis = await startRedis();
}, 120_000);
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});
afterAll(() => redis?.stop());

/** Two bots on one workspace and one Redis; Slack gives each event to one of their connections. */
async function startTwo(
  answerOf: (bot: number) => BenchOptions['answer'],
  now?: () => number,
): Promise<{ readonly workspace: Workspace; readonly bots: readonly SlackBench[] }> {
  const workspace = await startWorkspace({
    scopes: manifest.oauth_config.scopes.bot,
    events: manifest.settings.event_subscriptions.bot_events,
  });
  ending.push(() => workspace.close());
  const bots: SlackBench[] = [];
  // A test that is tried again begins with an empty store.
  const prefix = `two-${randomUUID()}`;
  for (const number of [0, 1]) {
    const store = await openRedisStore({ url: redis.url, prefix });
    ending.push(() => store.close());
    const bot = await startSlackBench({ joins: workspace, store, answer: answerOf(number), ...(now ? { now } : {}) });
    ending.push(() => bot.close());
    bots.push(bot);
  }
  await workspace.waitForConnection(4);
  return { workspace, bots };
}

describe('two processes on one Redis', () => {
  it('answer every question of a thread once, one after the other, each knowing what was said before', async () => {
    let running = 0;
    let most = 0;
    const turns: (number | undefined)[] = [];
    const { workspace, bots } = await startTwo(() => async ({ text, conversation }: Question) => {
      running += 1;
      most = Math.max(most, running);
      turns.push(conversation?.turns.length);
      await new Promise(setImmediate);
      running -= 1;
      return answer(`heard: ${text}`);
    });
    const root = workspace.user('ada').mention('incidents', 'one');
    await workspace.waitForReply(root, ({ text }) => text === 'heard: one');
    const rest = ['two', 'three', 'four', 'five'];
    for (const text of rest) workspace.user('ben').reply(root, text);
    const heard = () =>
      workspace
        .thread('incidents', root.ts)
        .map(({ text }) => text)
        .filter((text) => text.startsWith('heard'));
    await workspace.waitFor(() => heard().length === 5);
    expect(heard().toSorted()).toEqual(['one', ...rest].map((text) => `heard: ${text}`).toSorted());
    expect(most).toBe(1);
    expect(turns).toEqual([undefined, 1, 2, 3, 4]);
    expect(bots.map(({ asked }) => asked.length).every((count) => count > 0)).toBe(true);
  });

  it('stop a run whichever of them gets the click', async () => {
    const ends: boolean[] = [];
    const { workspace } = await startTwo(() => ({ signal, onProgress }: Question) => {
      onProgress?.({ type: 'planned', plan: report().plan });
      return new Promise((resolve) => {
        signal?.addEventListener('abort', () => {
          ends.push(true);
          resolve(report());
        });
      });
    });
    for (let round = 1; round <= 3; round += 1) {
      const asked = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
      const list = await workspace.waitForReply(asked, ({ blocks }) => JSON.stringify(blocks).includes('dbcheck:stop'));
      await workspace.user('ben').click(list, 'Stop');
      await workspace.waitFor(() => ends.length === round);
    }
  });

  it('make each due check of a schedule once between them', async () => {
    const clock = { ms: Date.parse('2026-11-23T12:00:00Z') };
    const { workspace, bots } = await startTwo(
      () => () => report(),
      () => clock.ms,
    );
    await workspace.user('ada').slash('/dbcheck', 'schedule orders-prod every hour UTC', 'incidents');
    const inChannel = (text: string) =>
      workspace.messages('incidents').filter((message) => message.text.includes(text));
    await workspace.waitFor(() => inChannel('Schedule 1:').length > 0);
    const checks = () => bots.flatMap(({ asked }) => asked).length;
    for (const hour of [13, 14, 15]) {
      clock.ms = Date.parse(`2026-11-23T${hour}:00:01Z`);
      await workspace.waitFor(() => inChannel(`check 1 of Mon 23 Nov ${hour}:00 UTC`).length > 0, {
        timeoutMs: 20_000,
      });
      // It is told before it is over; one that is due meanwhile would be left out.
      const id = `schedule ${workspace.settings.team.id} 1 ${Date.parse(`2026-11-23T${hour}:00:00Z`)}`;
      await expect
        .poll(async () => (await bots[0]?.store.get(questionKind, id))?.state, { timeout: 20_000 })
        .toBe('answered');
    }
    expect(checks()).toBe(3);
    expect(inChannel('Scheduled check 1')).toHaveLength(3);
  });
});
