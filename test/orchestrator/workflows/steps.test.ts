import { describe, expect, it } from 'vitest';
import { agents } from '../../../src/agents/registry.ts';
import { planByRules } from '../../../src/orchestrator/plan-by-rules.ts';
import type { RunCall } from '../../../src/orchestrator/question.ts';
import { chooseWorkflow, workflowNamed } from '../../../src/orchestrator/workflows/choose.ts';
import { concludeIsItTheDatabase } from '../../../src/orchestrator/workflows/is-it-the-database.ts';
import type { Skip } from '../../../src/orchestrator/workflows/step.ts';
import { takeSteps } from '../../../src/orchestrator/workflows/take-steps.ts';
import { type AgentOutcome, assembleReport } from '../../../src/report/assemble.ts';
import type { LocatedFinding } from '../../../src/report/correlate.ts';
import { noUsage, type Plan, type WorkflowName } from '../../../src/report/report.ts';

type Seen = Partial<LocatedFinding> & Pick<LocatedFinding, 'code'>;

function outcome(agent: string, findings: readonly Seen[] = [], target = 'prod', extra: Partial<AgentOutcome> = {}) {
  const made: AgentOutcome = {
    result: { agent, target, status: 'completed', durationMs: 1, headline: `${agent} looked` },
    findings: findings.map((finding) => ({
      severity: 'warning',
      subject: 'x',
      title: finding.code,
      summary: '',
      confidence: 'certain',
      facts: {},
      evidence: [],
      recommendations: [],
      agent,
      target,
      ...finding,
    })),
    coverage: [],
    blind: false,
    evidence: [],
    ...extra,
  };
  return made;
}

function callTo(agent: string, params: RunCall['params'] = {}, target = 'prod'): RunCall {
  const found = agents.find(({ name }) => name === agent);
  if (!found) throw new Error(`no agent ${agent}`);
  return { agent: found, target, params };
}

/** Takes the steps of a workflow; `later` is what further calls bring, by agent. */
async function travel(
  name: WorkflowName,
  first: readonly AgentOutcome[],
  options: {
    readonly later?: Readonly<Record<string, readonly Seen[]>>;
    readonly held?: readonly string[];
    readonly primary?: string;
    readonly mayLook?: (target: string) => boolean;
    readonly firstParams?: RunCall['params'];
  } = {},
) {
  const skipped: Skip[] = [];
  const taken = await takeSteps(
    {
      workflow: workflowNamed(name),
      agents,
      targets: ['prod'],
      primaryOf: (target) => (target === 'prod' ? options.primary : undefined),
      mayLook: options.mayLook ?? (() => true),
      run: async (calls) =>
        calls.map(({ agent, target }) => outcome(agent.name, options.later?.[agent.name] ?? [], target)),
      skip: (skips) => {
        skipped.push(...skips);
        return [];
      },
      isStopped: () => false,
    },
    { calls: first.map(({ result }) => callTo(result.agent, options.firstParams, result.target)), outcomes: first },
    (options.held ?? []).map((agent) => callTo(agent)),
  );
  const calls = taken.calls.map(({ agent, target, params }) => [agent.name, target, params] as const);
  return { calls, skipped: skipped.map(({ call, reason }) => [call.agent.name, reason] as const), taken };
}

const triple = ['incident_triage', 'running_query', 'slow_query'].map((agent) => outcome(agent));

describe('the steps of the workflows', () => {
  it('make only calls that the schemas of the agents accept', async () => {
    const lock = { code: 'lock.row_chain', facts: { table: 'shop.orders' } };
    const { taken } = await travel('why_slow', [outcome('incident_triage', [lock])], {
      later: { slow_query: [{ code: 'query.slow_pattern', subject: 'A'.repeat(32) }] },
    });
    expect(taken.calls.map(({ agent }) => agent.name)).toEqual([
      'running_query',
      'schema_health',
      'slow_query',
      'running_query',
    ]);
    for (const { agent, params } of taken.calls)
      expect(agent.parameters.strict().safeParse(params).error).toBeUndefined();
  });

  it('ask nothing more where nothing hurts', async () => {
    for (const name of ['why_slow', 'is_it_the_database', 'suspicious_pattern', 'domains'] as const)
      expect((await travel(name, triple)).calls).toEqual([]);
  });

  it('ask all three before a "no" is said', async () => {
    const { calls } = await travel('is_it_the_database', [outcome('incident_triage')]);
    expect(calls.map(([agent]) => agent)).toEqual(['running_query', 'slow_query']);
  });

  it('look at the schema and the patterns of the table of the worst lock, in the window of the question', async () => {
    const lock = { code: 'lock.mdl', severity: 'critical', facts: { table: 'shop.orders' } } as const;
    const first = [outcome('incident_triage'), outcome('running_query', [lock]), outcome('slow_query')];
    const { calls } = await travel('why_slow', first, { firstParams: { hours: 3 } });
    expect(calls).toEqual([
      ['schema_health', 'prod', { table: 'shop.orders' }],
      ['slow_query', 'prod', { hours: 3, table: 'shop.orders' }],
    ]);
  });

  it('look up at most two hurting patterns, and by the id of the statement behind a missing index', async () => {
    const [a, b, c] = ['A', 'B', 'C'].map((letter) => letter.repeat(32)) as [string, string, string];
    const { calls } = await travel('suspicious_pattern', [
      outcome('slow_query', [
        { code: 'query.slow_pattern', subject: a, impact: 1 },
        { code: 'query.missing_index', subject: 'shop.t', facts: { fingerprintId: b }, impact: 9 },
        { code: 'query.full_scan', subject: c, impact: 5 },
        { code: 'query.slow_pattern', subject: 'no id', impact: 99 },
      ]),
    ]);
    expect(calls).toEqual([
      ['running_query', 'prod', { pattern: b }],
      ['running_query', 'prod', { pattern: c }],
    ]);
  });

  it('look up the pattern that took most time where none is above a threshold', async () => {
    const id = 'D'.repeat(32);
    const first = [outcome('slow_query', [{ code: 'query.slow_pattern', severity: 'info', subject: id }])];
    expect((await travel('suspicious_pattern', first)).calls).toEqual([['running_query', 'prod', { pattern: id }]]);
  });

  it('skip in a full health check what triage saw to be calm, and say by which facts', async () => {
    const { calls, skipped } = await travel('full_health', [outcome('incident_triage')], {
      held: ['running_query', 'connections'],
    });
    expect(calls).toEqual([]);
    expect(skipped).toEqual([
      ['running_query', 'triage saw nothing in locks, transactions and statements that hurts'],
      ['connections', 'triage saw nothing in connections that hurts'],
    ]);
  });

  it.each([
    ['connections that are nearly used up', [{ code: 'conn.near_limit' }], {}, ['running_query', 'connections']],
    ['a leak', [{ code: 'conn.leak' }], {}, ['connections']],
    ['a blind triage', [], { blind: true }, ['running_query', 'connections']],
    [
      'a missing privilege',
      [],
      { coverage: [{ code: 'coverage.missing_privilege', agent: '', target: '', summary: '', fix: '' }] },
      ['running_query', 'connections'],
    ],
  ])('go deep in a full health check for %s', async (_, findings, extra, expected) => {
    const triage = outcome('incident_triage', findings, 'prod', extra);
    const { calls } = await travel('full_health', [triage], { held: ['running_query', 'connections'] });
    expect(calls.map(([agent]) => agent)).toEqual(expected);
  });

  it('ask the primary of a replica that lags for what runs and what was slow, and for the table in question', async () => {
    const late = { code: 'repl.lag_no_pk', subject: 'shop.big', facts: { table: 'shop.big' } };
    const first = [outcome('replication_health', [late]), outcome('slow_query')];
    const { calls } = await travel('lag_and_slow', first, { primary: 'main', firstParams: { hours: 2 } });
    expect(calls.slice(0, 4)).toEqual([
      ['running_query', 'main', {}],
      ['slow_query', 'main', { hours: 2 }],
      ['schema_health', 'main', { table: 'shop.big' }],
      ['slow_query', 'main', { table: 'shop.big' }],
    ]);
  });

  it('never look at a server that the person may not ask about', async () => {
    const first = [outcome('replication_health'), outcome('slow_query')];
    const options = { primary: 'secret', mayLook: (target: string) => target !== 'secret' };
    expect((await travel('lag_and_slow', first, options)).calls).toEqual([]);
  });

  it('ask nothing of a server that nobody could reach', async () => {
    const down = outcome('incident_triage', [{ code: 'repl.stopped' }]);
    const failed: AgentOutcome = { ...down, result: { ...down.result, status: 'failed' } };
    expect((await travel('why_slow', [failed])).calls).toEqual([]);
  });
});

describe('the workflow of a question', () => {
  const targets = ['orders-prod', 'orders-replica-1'].map((name) => ({ name, tags: [], replicas: [] }));
  const chosen = (text: string, before?: Plan) => chooseWorkflow(text, planByRules({ text, targets, agents }), before);

  it.each([
    ['why is orders-prod slow?', 'why_slow'],
    ['full health check of orders-prod', 'full_health'],
    ['run all nine agents on orders-prod', 'domains'],
    ['app is slow, is it the database?', 'is_it_the_database'],
    ['checkout times out - database or application?', 'is_it_the_database'],
    ['queries on orders-prod time out, is it the database?', 'is_it_the_database'],
    ['is it the database?', 'is_it_the_database'],
    ['the shop crawls, is the db to blame?', 'is_it_the_database'],
    ['orders-replica-1 lags and everything is slow', 'lag_and_slow'],
    ['what was slow in the last 3 hours on orders-prod', 'suspicious_pattern'],
    ['backups of orders-prod', 'domains'],
    ['is the database backup fresh?', 'domains'],
  ])('%s ▸ %s', (text, expected) => {
    expect(chosen(text)).toBe(expected);
  });

  it('stays the same for "again", whose words say nothing', () => {
    const before = planByRules({ text: 'app is slow, is it the database?', targets, agents });
    expect(chooseWorkflow('again', before, { ...before, workflow: 'is_it_the_database' })).toBe('is_it_the_database');
  });

  it('is that of the agents where a model planned them', () => {
    const plan = (...names: string[]): Plan => {
      return { kind: 'run', agents: names.map((agent) => ({ agent, params: {} })), source: 'model', targets: [] };
    };
    expect(chooseWorkflow('なぜ遅い', plan('incident_triage', 'slow_query'), undefined)).toBe('why_slow');
    expect(chooseWorkflow('…', plan(...agents.map(({ name }) => name)), undefined)).toBe('full_health');
    expect(chooseWorkflow('…', plan('replication_health', 'slow_query'), undefined)).toBe('lag_and_slow');
  });
});

describe('"is it the database?"', () => {
  const conclude = (outcomes: readonly AgentOutcome[]) =>
    concludeIsItTheDatabase(
      assembleReport({
        question: '',
        plan: { kind: 'run', agents: [], source: 'rules', targets: ['prod'] },
        takenAtMs: 0,
        durationMs: 0,
        outcomes,
        usage: noUsage,
        notes: [],
      }),
    );

  it('is no only where everything was seen and nothing that slows is above its threshold', () => {
    expect(conclude(triple)).toMatchObject({ answer: 'no', findings: [] });
    const beside = conclude([...triple, outcome('backup', [{ code: 'backup.none', title: 'No backup' }])]);
    expect(beside).toMatchObject({ answer: 'no', findings: ['f1'] });
    expect(beside.text).toContain('No backup');
  });

  it('is yes with the finding that says so', () => {
    const lock = { code: 'lock.row_chain', severity: 'critical', title: '9 wait', subject: 'thread 5' } as const;
    expect(conclude([...triple, outcome('running_query', [lock])])).toEqual({
      answer: 'yes',
      text: 'Is it the database? Yes: 9 wait · thread 5 (1).',
      findings: ['f1'],
    });
  });

  it('is unclear where the server or an agent did not answer, or only a guess speaks for it', () => {
    const [triage, ...others] = triple as [AgentOutcome, ...AgentOutcome[]];
    const late: AgentOutcome = {
      ...triage,
      result: { ...triage.result, status: 'timed_out', reason: 'no answer in 5 s' },
    };
    expect(conclude([late, ...others])).toMatchObject({
      answer: 'unclear',
      text: expect.stringContaining('no answer in 5 s'),
    });
    const guess = { code: 'lock.mdl', confidence: 'possible' } as const;
    expect(conclude([...triple, outcome('running_query', [guess])]).answer).toBe('unclear');
  });
});
