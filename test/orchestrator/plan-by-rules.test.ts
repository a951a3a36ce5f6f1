import { describe, expect, it } from 'vitest';
import { scoreQuestions } from '../../lab/evals/routing.ts';
import { agents } from '../../src/agents/registry.ts';
import { type PastTurn, planByRules, planLines } from '../../src/orchestrator/plan-by-rules.ts';
import { createRulePlanner } from '../../src/orchestrator/rule-planner.ts';
import { finding, report } from '../support/reports.ts';

const names = ['shop-prod', 'shop-replica-1', 'shop-replica-2', 'ledger-prod', 'crm-main', 'reports-1', 'dr-shop-1'];
const targets = names.map((name) => ({
  name,
  tags: name.split('-'),
  replicas: name === 'shop-prod' ? ['shop-replica-1', 'shop-replica-2'] : [],
}));
const now = new Date('2026-03-04T16:20:00Z');

function plan(text: string, ...earlier: readonly string[]) {
  const turns: PastTurn[] = [];
  for (const one of earlier) turns.push({ text: one, plan: planByRules({ text: one, turns, targets, agents, now }) });
  return planByRules({ text, turns, targets, agents, now });
}

function paramsOf(text: string, ...earlier: readonly string[]) {
  return Object.assign({}, ...plan(text, ...earlier).agents.map(({ params }) => params));
}

describe('planning by rules', () => {
  it.each([
    ['fitted.tsv', 0.98],
    ['held-out.tsv', 0.95],
    ['tired-fitted.tsv', 0.95],
    ['tired-held-out.tsv', 0.95],
    ['mended.tsv', 0.95],
    ['plain-held-out.tsv', 0.95],
    ['mixed-held-out.tsv', 0.95],
  ])('routes %s with its parameters, at least a share of %d', (fixture, floor) => {
    const { right, asked, misses } = scoreQuestions(fixture, names);
    expect(right / asked, `${right} of ${asked}\n${misses.join('\n')}`).toBeGreaterThanOrEqual(floor);
  });

  it.each(['which table is it', 'what user is that?', 'and which statement was it', 'what thread holds it'])(
    'answers "%s" from the report of the turn before',
    (text) => {
      expect(plan(text, 'who blocks whom on shop-prod?')).toMatchObject({ kind: 'context', targets: ['shop-prod'] });
    },
  );

  it('takes a window behind a look at what runs now for what ran in it', () => {
    const later = plan('what about the last 2 hours', 'what is running on shop-prod?');
    expect(later).toMatchObject({ agents: [{ agent: 'slow_query', params: { hours: 2 } }], targets: ['shop-prod'] });
  });

  it.each([
    ['slow queries since 14:00', 2.5],
    ['slow queries since the deploy at 15:00', 1.5],
    ['slow queries of the last 45 minutes', 0.75],
    ['slow queries in the last half an hour', 0.5],
    ['slow queries, past couple of days', 48],
    ['slow queries 24h', 24],
    ['slow queries yesterday', 48],
    ['slow queries overnight', 12],
    ['langsame Abfragen der letzten Stunde', 1],
    ['requêtes lentes depuis 3 heures', 3],
  ])('reads the window of "%s"', (text, hours) => {
    expect(paramsOf(text)).toEqual({ hours });
  });

  it('takes a time of the day as the clock of whoever asks shows it, unless the zone is said, and tells it back', async () => {
    const planner = createRulePlanner(agents, []);
    const ask = async (clock: string, zone: string) => {
      const { plan: made, notes } = await planner.plan({ text: `slow queries since ${clock}`, zone });
      return { hours: Number(made.agents[0]?.params['hours']), notes };
    };
    const clockIn = (zone: string) =>
      new Date(Date.now() - 3 * 3_600_000).toLocaleTimeString('en-GB', {
        timeZone: zone,
        hour: '2-digit',
        minute: '2-digit',
      });
    for (const zone of ['Asia/Kolkata', 'America/New_York', 'UTC']) {
      const { hours, notes } = await ask(clockIn(zone), zone);
      expect(hours).toBeCloseTo(3, 0);
      expect(notes).toEqual([
        expect.stringMatching(new RegExp(`^Taken as since \\w{3} \\d+ \\w+ ${clockIn(zone)} ${zone}$`)),
      ]);
    }
    expect((await ask(`${clockIn('UTC')} utc`, 'Asia/Kolkata')).hours).toBeCloseTo(3, 0);
  });

  it.each([
    ['what changed since the deploy at 15:00 on shop-prod?', { hours: 1.5, compare_to_previous: true }],
    ['what is different since 15:00?', { hours: 1.5, compare_to_previous: true }],
    ['anything new since the release?', { compare_to_previous: true }],
  ])('looks at health and statements, before and after, for "%s"', (text, params) => {
    expect(plan(text).agents.map(({ agent }) => agent)).toEqual(['slow_query', 'incident_triage']);
    expect(paramsOf(text)).toEqual(params);
  });

  it('asks who knows a thing what changed about it', () => {
    const asked = (text: string) => plan(text).agents.map(({ agent }) => agent);
    expect(asked('which variables changed since yesterday?')).toEqual(['configuration']);
    expect(asked('when does the disk of shop-prod run full?')).toEqual(['capacity']);
    expect(asked('is shop-prod slower than yesterday?')).toEqual(['slow_query']);
    expect(asked('slow after a schema change, check slow queries and indexes')).toEqual([
      'slow_query',
      'schema_health',
    ]);
  });

  it('sets nothing that the question does not set', () => {
    expect(paramsOf('slow queries')).toEqual({});
  });

  it('asks back with the allowed range where a value cannot be used', () => {
    const answer = plan('slow queries of the last 0 hours');
    expect(answer.kind).toBe('clarify');
    expect(answer.answer).toContain('hours');
  });

  it('takes what no rule knows for a question about the report above, and says what else can be asked', () => {
    const asked = (text: string) => plan(text, 'is shop-prod healthy?');
    expect(asked('what eats it?')).toMatchObject({ kind: 'context', agents: [], targets: ['shop-prod'] });
    expect(asked('what eats it?').answer).toMatch(/\n\nIf something else is meant: health, slow queries, .*\?$/);
    expect(asked('Anna is restarting the app').kind).toBe('smalltalk');
    expect(asked('app recovered, closing the incident').kind).toBe('smalltalk');
    expect(asked('it came back')).toMatchObject({ kind: 'run', fresh: true, targets: ['shop-prod'] });
    expect(asked('zeig mir das sql').kind).toBe('context');
    expect(asked('ok the third one then').kind).toBe('context');
    expect(asked('both').kind).toBe('context');
    expect(plan('UPDATE of products got slow').kind).toBe('run');
    expect(plan('what eats it?').kind).toBe('clarify');
  });

  it('runs on every target of a kind', () => {
    expect(plan('slow queries on all prod databases').targets).toEqual(['shop-prod', 'ledger-prod']);
  });

  it('names the nearest targets where one is unknown', () => {
    expect(plan('is ledgre-prod healthy').answer).toContain('ledger-prod');
  });

  it('moves to the replicas of the target that was asked about', () => {
    expect(plan('now the replicas', 'what is running on shop-prod').targets).toEqual([
      'shop-replica-1',
      'shop-replica-2',
    ]);
  });

  it('derives the help from the agents', () => {
    const { answer } = plan('what can you do?');
    for (const { title } of agents) expect(answer).toContain(title);
  });

  it('routes to an agent that no rule knows by its own words', () => {
    const [model] = agents;
    if (!model) throw new Error('the registry is empty');
    const tenth = {
      ...model,
      name: 'galera_health',
      routing: ['\\bwsrep|galera'],
      useCases: ['Is the cluster in quorum'],
    };
    const { agents: calls } = planByRules({ text: 'is galera in sync?', targets, agents: [...agents, tenth] });
    expect(calls.map(({ agent }) => agent)).toContain('galera_health');
  });

  it.each([
    ['40,000 characters', `why is shop-prod slow ${'x'.repeat(40_000)}`],
    ['right-to-left text', 'مرحبا هل قاعدة البيانات بطيئة'],
    ['emoji only', '🔥🔥'],
    ['a broken surrogate', 'slow \ud83d queries'],
    ['a NUL', 'slow\u0000queries'],
  ])('answers %s', (_name, text) => {
    const answer = plan(text);
    expect(answer.kind === 'run' ? answer.agents.length : answer.answer?.length).toBeGreaterThan(0);
  });
});

describe('plan lines', () => {
  it('print one object a line in order, for the last turn of each', () => {
    const lines = planLines('slow queries on shop-prod last 2 hours >>> make that 24 hours\n\nhello\n', names, agents);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        question: 'slow queries on shop-prod last 2 hours >>> make that 24 hours',
        kind: 'run',
        agents: ['slow_query'],
        params: { hours: 24, target: 'shop-prod' },
        source: 'rules',
      },
      { question: '', kind: 'clarify', agents: [], params: {}, source: 'rules' },
      { question: 'hello', kind: 'smalltalk', agents: [], params: {}, source: 'rules' },
    ]);
  });
});

describe('planning by rules under an alert', () => {
  const card = '[FIRING:1] HighLatency on shop-prod\np99 is 4 s, startsAt 2026-03-04T10:05:00Z <!channel>';
  const under = (text: string, quoted = card, given: Partial<Parameters<typeof planByRules>[0]> = {}) =>
    planByRules({ text, quoted, targets, agents, now, ...given });

  it('takes target and time from the card where the question names none', () => {
    const { kind, targets: about, agents: calls } = under('slow queries?');
    expect([kind, about, calls]).toEqual(['run', ['shop-prod'], [{ agent: 'slow_query', params: { hours: 6.25 } }]]);
  });

  it('lets the question and the thread win over the card', () => {
    expect(under('slow queries on crm-main, last 3 hours')).toMatchObject({
      targets: ['crm-main'],
      agents: [{ params: { hours: 3 } }],
    });
    const turns = [{ text: 'x', plan: plan('is ledger-prod healthy?') }];
    expect(under('slow queries', card, { turns }).targets).toEqual(['ledger-prod']);
  });

  it.each(['what is this?', 'can you check this please', 'why?', 'look'])(
    'reads "%s" as a question about the card',
    (text) => {
      const { kind, targets: about } = under(text);
      expect([kind, about]).toEqual(['run', ['shop-prod']]);
    },
  );

  it.each([
    ['replica lag is 900 s on shop-replica-1', 'replication_health'],
    ['disk usage of ledger-prod is 93 %', 'capacity'],
  ])('asks the agent that "%s" is about', (text, agent) => {
    expect(under('what is this?', text).agents.map(({ agent: name }) => name)).toContain(agent);
  });

  it('takes no order from the card, and no target that the person may not ask about', () => {
    expect(under('thanks', 'check everything on shop-prod now').kind).toBe('smalltalk');
    expect(under('slow queries', card, { mayAsk: (name) => name !== 'shop-prod' }).targets).toEqual([]);
  });

  it('looks no further back than usual for an alert that has just begun', () => {
    expect(under('slow queries', 'latency on shop-prod since 16:10').agents).toEqual([
      { agent: 'slow_query', params: {} },
    ]);
  });
});

describe('planning by rules after a report', () => {
  const chain = finding('f1', { facts: { table: 'shop.orders' }, target: 'shop-prod' });
  const lag = finding('f2', { code: 'repl.lag', subject: 'shop-replica-1', target: 'shop-replica-1' });
  const before = { ...plan('full check of shop-prod'), targets: ['shop-prod'] };
  const turns = [{ text: 'full check', plan: before, report: report({ plan: before, findings: [chain, lag] }) }];
  const next = (text: string) => planByRules({ text, turns, targets, agents, now });

  it.each([
    ['slow queries on that table', 'slow_query', { table: 'shop.orders' }, 'shop-prod'],
    ['what is that thread doing now', 'running_query', { process_id: 8412 }, 'shop-prod'],
    ['slow queries on the replica of the last 3 hours', 'slow_query', { hours: 3 }, 'shop-replica-1'],
  ])('"%s" looks at what was found', (text, agent, params, target) => {
    const { kind, agents: calls, targets: about } = next(text);
    expect([kind, about]).toEqual(['run', [target]]);
    expect(calls).toContainEqual({ agent, params });
  });

  it.each(['tell me about that table', 'explain the replica', 'why that thread?'])(
    '"%s" is answered from it',
    (text) => {
      expect(next(text).kind).toBe('context');
    },
  );
});
