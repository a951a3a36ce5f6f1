import { afterEach, describe, expect, it } from 'vitest';
import { startWorkspace } from '../../lab/slack/workspace.ts';
import { readAudit } from '../../src/actions/audit.ts';
import { charactersOf } from '../../src/slack/posting/blocks.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { answer, finding, report } from '../support/reports.ts';
import { type BenchOptions, type SlackBench, startSlackBench } from '../support/slack-bench.ts';

const benches: SlackBench[] = [];
afterEach(async () => {
  for (const one of benches.splice(0)) await one.close();
});

async function bench(options: Partial<BenchOptions> = {}): Promise<SlackBench> {
  const started = await startSlackBench({ answer: () => report(), ...options });
  benches.push(started);
  return started;
}

const isReport = ({ text }: { readonly text: string }) => text.includes('🔴 Critical');

describe('a report that Slack does not take', () => {
  it.each([
    ['wants no posts, again and again', 'rate_limit'],
    ['answers with errors of its own', 'http'],
  ])(
    'while it %s arrives afterwards, once',
    async (_, kind) => {
      const { workspace, asked } = await bench();
      if (kind === 'http') workspace.trouble.http('chat.postMessage', 503, 7);
      else workspace.trouble.rateLimit('chat.postMessage', 1, 7);
      const question = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
      await workspace.waitForReply(question, isReport, { timeoutMs: 30_000 });
      await workspace.waitFor(() => workspace.session(question)?.status === 'active');
      expect(workspace.thread('incidents', question.ts).filter(isReport)).toHaveLength(1);
      expect(
        workspace
          .thread('incidents', question.ts)
          .map(({ text }) => text)
          .join(),
      ).not.toContain('could not be');
      expect(asked).toHaveLength(1);
    },
    40_000,
  );
});

describe('a report that Slack had not taken when the process ended', () => {
  it('is posted by the next one, without a second run', async () => {
    const workspace = await startWorkspace();
    const store = createSqliteStore({ path: ':memory:' });
    const first = await startSlackBench({ answer: () => report(), joins: workspace, store });
    workspace.trouble.http('chat.postMessage', 503, 1_000);
    const question = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    await workspace.waitFor(() => workspace.calls('chat.postMessage').length >= 6, { timeoutMs: 20_000 });
    await first.close();
    workspace.trouble.clear();
    expect(workspace.thread('incidents', question.ts).filter(isReport)).toEqual([]);

    const next = await startSlackBench({ answer: () => answer('a second run'), joins: workspace, store });
    await workspace.waitForReply(question, isReport);
    expect(next.asked).toEqual([]);
    await next.close();
    await store.close();
    await workspace.close();
  }, 60_000);
});

describe('Slack that wants no updates for a minute', () => {
  it('delays no report', async () => {
    const { workspace } = await bench({
      answer({ onProgress }) {
        onProgress?.({ type: 'planned', plan: report().plan });
        onProgress?.({ type: 'agent_started', agent: 'running_query', target: 'orders-prod' });
        return report();
      },
    });
    for (const method of ['chat.startStream', 'chat.appendStream', 'chat.update', 'agents.sessions.setStatus'])
      workspace.trouble.rateLimit(method, 60, 100);
    const question = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    await workspace.waitForReply(question, isReport, { timeoutMs: 5_000 });
  });
});

describe('a Web API that is down while servers hang', () => {
  it.each(['socket', 'http'] as const)('delays no acknowledgement (%s)', async (transport) => {
    const { workspace, asked } = await bench({ transport, answer: () => new Promise(() => {}) });
    const ada = workspace.user('ada');
    const told = ada.message('dba', 'HighLoad on orders-prod');
    const up = workspace.trouble.down();
    ada.mention('incidents', 'why is orders-prod slow?');
    ada.direct('is it healthy?');
    const used = [ada.slash('/dbcheck', 'is replication healthy?', 'incidents'), ada.shortcut('check_message', told)];
    workspace.runStep('check_database', { question: 'is it healthy?' });
    const delivered = await Promise.all(used);
    await workspace.waitFor(() => asked.length >= 2 && workspace.deliveries.every(({ finished }) => finished));
    expect(delivered.map(({ acknowledged }) => acknowledged !== undefined)).toEqual([true, true]);
    expect(workspace.ackLatencies().length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...workspace.ackLatencies().map(({ afterMs }) => afterMs))).toBeLessThan(500);
    up();
  });
});

describe('a report of sixty findings', () => {
  it('is within what Slack takes, and the whole of it is attached', async () => {
    const summary = 'It has been idle in an open transaction for a long time, and others wait behind it. '.repeat(6);
    const findings = Array.from({ length: 60 }, (_, at) => finding(`f${at}`, { subject: `thread ${at}`, summary }));
    const { workspace } = await bench({ answer: () => report({ findings, rootCauses: findings.map(({ id }) => id) }) });
    const told = await workspace.waitForReply(workspace.user('ada').mention('incidents', 'slow?'), isReport);
    const file = await workspace.waitFor(() =>
      workspace.files().find((one) => one.name === 'report.txt' && one.shared),
    );
    expect(file.content?.toString()).toContain('thread 59');
    const posted = workspace.thread('incidents', String(told.threadTs)).filter(({ blocks }) => blocks.length > 0);
    for (const { blocks } of posted) {
      expect(blocks.length).toBeLessThanOrEqual(50);
      expect(charactersOf(blocks)).toBeLessThanOrEqual(13_000);
    }
  });
});

describe('a channel that closes while a question of it is worked on', () => {
  it.each([
    ['is_archived', 'is archived'],
    ['channel_not_found', 'is gone'],
    ['not_in_channel', 'loses the bot'],
  ])('with %s ends that turn quietly, and others go on', async (error) => {
    const gate = Promise.withResolvers<void>();
    const { workspace, asked, store } = await bench({
      async answer(_, number) {
        if (number === 1) await gate.promise;
        return report();
      },
    });
    workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    await workspace.waitFor(() => asked.length === 1);
    if (error === 'is_archived') workspace.setArchived('incidents', true);
    else if (error === 'not_in_channel') workspace.removeBot('incidents');
    else workspace.trouble.fail('chat.postMessage', error, 1);
    gate.resolve();
    await workspace.waitForCall('chat.postMessage', (call) => call.error === error);
    await workspace.waitForReply(workspace.user('ben').mention('dba', 'is it healthy?'), isReport);
    expect(workspace.calls('chat.postMessage').filter((call) => call.error === error)).toHaveLength(1);
    const failed = [];
    for await (const { value } of readAudit(store, {})) if (value.result === 'failed') failed.push(value);
    expect(failed).toEqual([]);
  });

  it('before it is asked by command tells its person only', async () => {
    const { workspace, asked } = await bench();
    await workspace.user('ada').slash('/dbcheck', 'is orders-prod healthy?', 'old-incidents');
    await workspace.waitForEphemeral('ada');
    expect(asked).toEqual([]);
  });
});

describe('a button of another thread', () => {
  it.each([
    ['Re-check', 'dbcheck:recheck'],
    ['Details', 'dbcheck:details'],
    ['a suggestion', 'dbcheck:ask:0'],
    ['Share to channel', 'dbcheck:share'],
  ])('as %s in a public channel is refused to its person only, and written down', async (_, actionId) => {
    const suggestions = [{ question: 'Slow queries on orders-prod?' }];
    const { workspace, asked, store } = await bench({ answer: () => report({ suggestions }) });
    const secret = workspace.user('ben').mention('dba-private', 'slow?');
    await workspace.waitForReply(secret, isReport);
    const own = await workspace.waitForReply(workspace.user('cleo').mention('incidents', 'slow?'), isReport);
    const block = own.blocks.find((one) => JSON.stringify(one).includes('dbcheck:details'));
    const value = `${workspace.settings.team.id}:${secret.channel}:${secret.ts}#0`;
    const { payload } = (await workspace.user('cleo').click(own, 'Details')) ?? { payload: {} };
    await workspace.waitForReply(own, ({ text }) => text.startsWith('Details'));
    const before = workspace.messages('incidents').length;
    const actions = [{ type: 'button', action_id: actionId, block_id: block?.['block_id'], value, action_ts: '1.5' }];
    await workspace.sendInteraction({ ...payload, actions });
    await workspace.waitForEphemeral('cleo');
    expect(workspace.messages('incidents')).toHaveLength(before);
    expect(asked).toHaveLength(2);
    const refused = [];
    for await (const { value: entry } of readAudit(store, {})) if (entry.result === 'refused') refused.push(entry);
    expect(refused).toMatchObject([{ who: workspace.user('cleo').id }]);
  });

  it('as the menu of targets, with a target that is not there or the name of another thread, asks nothing', async () => {
    const clarify = answer('Which target?', 'clarify');
    const which = { ...clarify, plan: { ...clarify.plan, missing: 'target' as const } };
    const { workspace, asked } = await bench({ answer: () => which });
    const ada = workspace.user('ada');
    const menu = await workspace.waitForReply(ada.mention('incidents', 'who blocks whom?'));
    const { payload } = await ada.choose(menu, 'dbcheck:target', 'nowhere');
    await workspace.waitForEphemeral('ada', ({ text }) => text.includes('no longer known'));
    const [action] = payload['actions'] as readonly object[];
    const selected = { selected_option: { text: { type: 'plain_text', text: 'x' }, value: 'orders-prod' } };
    const ref = `${workspace.settings.team.id}:C0DBA00001:${menu.threadTs}#0`;
    await workspace.sendInteraction({ ...payload, actions: [{ ...action, ...selected, block_id: `pick ${ref}` }] });
    await workspace.waitFor(() => workspace.ephemerals('ada').length === 2);
    expect(asked).toHaveLength(1);
  });
});
