import { afterEach, describe, expect, it } from 'vitest';
import { startWorkspace } from '../../lab/slack/workspace.ts';
import { readAudit } from '../../src/actions/audit.ts';
import { questionKind } from '../../src/slack/turns/inbox.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { answer, finding, report } from '../support/reports.ts';
import { type BenchOptions, manifest, type SlackBench, startSlackBench } from '../support/slack-bench.ts';

const benches: SlackBench[] = [];
afterEach(async () => {
  for (const one of benches.splice(0)) await one.close();
});

const critical = () => report({ findings: [finding('f1', { title: 'Rows are locked <!channel>' })] });

async function open(options: Partial<BenchOptions> = {}) {
  const bench = await startSlackBench({ answer: critical, ...options });
  benches.push(bench);
  const { workspace, store } = bench;
  const run = (inputs: Readonly<Record<string, unknown>>) => workspace.runStep('check_database', inputs);
  const ended = ({ executionId }: { readonly executionId: string }) =>
    workspace.waitFor(() => {
      const now = workspace.functionRun(executionId);
      return now?.outcome !== 'running' && now;
    });
  const audited = async () => {
    const entries = [];
    for await (const { value } of readAudit(store, {})) entries.push(value);
    return entries;
  };
  const tellings = () => workspace.calls().filter(({ method }) => method.startsWith('functions.complete'));
  return { ...bench, run, ended, audited, tellings };
}

describe.each(['socket', 'http'] as const)('the step "Check a database" over %s', (transport) => {
  it('posts the report in the channel that it names, and gives verdict, summary, number of findings and link', async () => {
    const { workspace, run, ended, audited, asked } = await open({ transport });
    const channel = workspace.channel('dba').id;
    const { outcome, outputs } = await ended(run({ question: 'is it healthy?', target: 'orders-prod', channel }));
    expect(outcome).toBe('completed');
    expect(outputs).toMatchObject({ verdict: 'critical', findings: 1 });
    expect(outputs['summary']).toContain('Critical · orders-prod · Rows are locked &lt;!channel&gt;');

    const [root, told] = workspace.messages('dba');
    expect(root?.text).toBe('A workflow asks: is it healthy?');
    expect(outputs['permalink']).toContain(String(root?.ts.replace('.', '')));
    expect(told?.threadTs).toBe(root?.ts);
    expect(asked[0]).toMatchObject({ text: 'is it healthy?', defaultTarget: 'orders-prod' });
    expect(await audited()).toMatchObject([{ who: 'workflow', did: 'ask', result: 'done', channel }]);

    const follow = workspace.user('ben').reply(root as never, 'and now?');
    await workspace.waitForReply(follow, ({ ts }) => ts > follow.ts);
    expect(asked[1]?.conversation?.turns).toHaveLength(1);
  });

  it('without a channel gives the same and posts nothing', async () => {
    const { workspace, run, ended } = await open({ transport });
    const { outputs } = await ended(run({ question: 'is orders-prod healthy?' }));
    expect(outputs).toMatchObject({ verdict: 'critical', findings: 1, permalink: '' });
    expect(workspace.calls('chat.postMessage')).toEqual([]);
  });

  it('ends once, however often Slack delivers it', async () => {
    const { workspace, run, ended, asked, tellings } = await open({ transport });
    workspace.trouble.duplicateDelivery(2);
    await ended(run({ question: 'is orders-prod healthy?' }));
    await workspace.waitFor(() => workspace.deliveries.every(({ finished }) => finished));
    expect(asked).toHaveLength(1);
    expect(tellings()).toHaveLength(1);
  });
});

describe('a step that cannot be done fails with a sentence', () => {
  it.each([
    ['a target that is not there', { question: 'is it healthy?', target: 'nowhere' }, 'There is no target "nowhere".'],
    ['no question', { question: '  ' }, 'The step needs a question.'],
    ['a channel that the bot is not in', { question: 'is it healthy?', channel: 'C0NOBOT001' }, 'cannot post in that'],
    ['a channel that is archived', { question: 'is it healthy?', channel: 'C0ARCHIVED' }, 'cannot post in that'],
    ['a channel of strangers', { question: 'is it healthy?', channel: 'C0PARTNER1' }, 'other organisations'],
  ])('where it has %s', async (_, inputs, sentence) => {
    const { run, ended, asked, tellings } = await open();
    const { outcome, error } = await ended(run(inputs));
    expect(outcome).toBe('failed');
    expect(error).toContain(sentence);
    expect(asked).toEqual([]);
    expect(tellings()).toHaveLength(1);
  });

  it('where its words are no question about a server', async () => {
    const { run, ended } = await open({ answer: () => answer('Which target?', 'clarify') });
    expect(await ended(run({ question: 'is it healthy?' }))).toMatchObject({
      outcome: 'failed',
      error: 'Which target?',
    });
  });

  it('where the run breaks, without what broke it', async () => {
    const { run, ended } = await open({
      answer: () => {
        throw new Error('mysql://dbcheck:hunter2@10.0.0.1 is gone');
      },
    });
    const { error } = await ended(run({ question: 'is it healthy?' }));
    expect(error).not.toContain('hunter2');
  });
});

describe('the rights of a step', () => {
  const everybody = [{ users: ['*'], may: ['ask'] }];
  it.each([
    ['rules of channels only', { channels: [{ channels: ['*'], may: ['ask'] }] }, false],
    ['a rule for everybody', { people: everybody }, false],
    ['a rule that names it', { people: [{ users: ['workflow'], may: ['ask'] }] }, true],
    ['no rules at all', {}, true],
  ])('with %s', async (_, access, isAllowed) => {
    const { run, ended, asked } = await open({ access });
    await ended(run({ question: 'is orders-prod healthy?' }));
    expect(asked[0]?.mayAsk?.('orders-prod')).toBe(isAllowed);
  });

  it('that it has not are a refusal in the audit, and the workflow reads why', async () => {
    const plan = { kind: 'context', agents: [], source: 'rules', targets: [] } as const;
    const refusing = report({ plan: { ...plan, refused: { right: 'ask', targets: ['orders-prod'] } } });
    const { run, ended, audited } = await open({ access: { people: everybody }, answer: () => refusing });
    const { error } = await ended(run({ question: 'is orders-prod healthy?' }));
    expect(error).toContain('A workflow may not ask about orders-prod');
    expect(error).toContain('no rule for workflows');
    expect(await audited()).toMatchObject([{ who: 'workflow', did: 'ask', result: 'refused', target: 'orders-prod' }]);
  });

  it('on its target are asked for before anything is said in its channel, those on others before its end', async () => {
    const plan = { kind: 'context', agents: [], source: 'rules', targets: [] } as const;
    const refusing = report({ plan: { ...plan, refused: { right: 'ask', targets: ['orders-prod'] } } });
    const { workspace, run, ended, asked } = await open({ access: { people: everybody }, answer: () => refusing });
    const channel = workspace.channel('dba').id;
    await ended(run({ question: 'is it healthy?', target: 'orders-prod', channel }));
    expect(asked).toEqual([]);
    expect(workspace.messages('dba')).toEqual([]);
    await ended(run({ question: 'is orders-prod healthy?', channel }));
    const [root, told] = workspace.messages('dba');
    expect(told?.threadTs).toBe(root?.ts);
    expect(told?.text).toContain('Not answered: A workflow may not ask about orders-prod');
  });
});

describe('a step whose process was killed', () => {
  it('is done by the next one, with one report and one end', async () => {
    const workspace = await startWorkspace({ functions: manifest.functions });
    const store = createSqliteStore({ path: ':memory:' });
    const first = await startSlackBench({ answer: () => new Promise(() => {}), joins: workspace, store });
    const { executionId } = workspace.runStep('check_database', {
      question: 'is orders-prod healthy?',
      channel: workspace.channel('dba').id,
    });
    await workspace.waitFor(() => workspace.messages('dba').length === 1);
    await expect.poll(async () => (await store.get(questionKind, `step ${executionId}`))?.threadTs).toBeDefined();
    await first.close();
    await store.update(questionKind, `step ${executionId}`, (now) => now && { ...now, owner: 'nobody any more' });

    const next = await startSlackBench({ answer: critical, joins: workspace, store });
    await workspace.waitFor(() => workspace.functionRun(executionId)?.outcome === 'completed');
    expect(workspace.messages('dba').map(({ text }) => text)).toEqual([
      'A workflow asks: is orders-prod healthy?',
      expect.stringContaining('🔴 Critical'),
    ]);
    await next.close();
    await store.close();
    await workspace.close();
  });
});
