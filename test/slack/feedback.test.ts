import { afterEach, describe, expect, it } from 'vitest';
import { readAudit } from '../../src/actions/audit.ts';
import { finding, report } from '../support/reports.ts';
import { type SlackBench, startSlackBench } from '../support/slack-bench.ts';

let bench: SlackBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function asked() {
  bench = await startSlackBench({ answer: () => report({ findings: [finding('f1')] }) });
  const { workspace, store } = bench;
  const told = await workspace.waitForReply(workspace.user('ada').mention('incidents', 'slow?'), ({ text }) =>
    text.includes('🔴 Critical'),
  );
  const given = async () => {
    const entries = [];
    for await (const { value } of readAudit(store, {})) {
      if (value.did.endsWith('useful') || value.did === 'feedback') entries.push(value);
    }
    return entries;
  };
  /** The person is told after it was written down. */
  const first = async () => {
    await workspace.waitForCall('chat.postEphemeral');
    return (await given())[0];
  };
  return { workspace, told, given, first };
}

describe('feedback under a report', () => {
  it('is written down with the turn that it is about', async () => {
    const { workspace, told, first } = await asked();
    await workspace.user('ben').click(told, 'Useful');
    expect(await first()).toMatchObject({
      who: workspace.user('ben').id,
      did: 'useful',
      target: 'orders-prod',
      thread: told.threadTs,
      about: { turn: 0 },
    });
  });

  it('asks why a report was not useful and keeps the reason', async () => {
    const { workspace, told, given, first } = await asked();
    await workspace.user('ben').click(told, 'Not useful');
    const view = await workspace.waitForModal('ben');
    expect(await given()).toEqual([]);
    await workspace.user('ben').submit(view, { reason: 'missed' });
    expect(await first()).toMatchObject({ did: 'not_useful', about: { turn: 0, reason: 'It missed the problem' } });
  });

  it('with a forged value is refused and written down', async () => {
    const { workspace, told, first } = await asked();
    await workspace.user('ben').click(told, 'Useful', { value: 'useful T1:C1:1.2#0' });
    expect(await first()).toMatchObject({ did: 'feedback', result: 'refused' });
  });
});
