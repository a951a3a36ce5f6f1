import { afterEach, expect, it } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { watchKind } from '../../src/watch/reasons.ts';
import { finding, report } from '../support/reports.ts';
import { startSlackBench } from '../support/slack-bench.ts';

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

const healthy = () => report({ verdict: 'healthy', findings: [], rootCauses: [] });

async function open(answer: () => Report, access: object = {}) {
  const clock = { ms: Date.parse('2026-11-23T03:00:00Z') };
  const bench = await startSlackBench({
    answer,
    access,
    now: () => clock.ms,
    watch: { everyMinutes: 10 },
    targets: [
      { name: 'orders-prod', tags: [], channel: 'C0DBA00001' },
      { name: 'billing-prod', tags: [] },
    ],
  });
  ending.push(() => bench.close());
  const verdict = async () => (await bench.store.get(watchKind, 'orders-prod'))?.verdict;
  const isSuspected = async () => (await bench.store.get(watchKind, 'orders-prod'))?.suspectedAtMs !== undefined;
  const looks = (count: number) => expect.poll(() => bench.asked.length, { timeout: 20_000 }).toBe(count);
  return { ...bench, clock, verdict, isSuspected, looks };
}

it('a healthy target that turns ill is told in the channel that owns it, with the report and next questions below', async () => {
  let now = healthy;
  const { workspace, clock, asked, verdict, isSuspected, looks } = await open(() => now());
  await expect.poll(verdict, { timeout: 10_000 }).toBe('healthy');
  now = () =>
    report({
      verdict: 'degraded',
      findings: [finding('f1', { severity: 'warning' })],
      suggestions: [{ question: 'who blocks whom?' }],
    });
  clock.ms += 10 * 60_000;
  await looks(2);
  await expect.poll(isSuspected, { timeout: 10_000 }).toBe(true);
  expect(workspace.messages('dba')).toEqual([]);
  // It is looked at again after a minute, not after ten.
  clock.ms += 61_000;
  const told = await workspace.waitFor(
    () => workspace.messages('dba').find(({ text }) => text.includes('turned degraded')),
    { timeoutMs: 15_000 },
  );
  expect(told.text).toBe(
    '🟠 orders-prod turned degraded (healthy in every look of the watch since 2026-11-23 03:00 UTC): Idle transaction holds row locks\nAsk next: who blocks whom?',
  );
  const below = await workspace.waitForReply(told, ({ text }) => text.includes('🟠 Degraded'));
  await workspace.user('ada').click(below, 'who blocks whom?');
  await looks(4);
  expect(asked.slice(0, 3).every(({ isLight }) => isLight)).toBe(true);
  expect(asked[3]?.text).toBe('who blocks whom?');
  expect(workspace.messages('incidents')).toEqual([]);
});

it('a target whose channel may not ask about it is not looked at', async () => {
  const { store, asked } = await open(healthy, { channels: [{ channels: ['C0INCIDENT'], may: ['ask'] }] });
  await expect.poll(async () => (await store.get(watchKind, 'orders-prod'))?.look, { timeout: 10_000 }).toBeDefined();
  expect(asked).toEqual([]);
});
