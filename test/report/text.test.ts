import { describe, expect, it } from 'vitest';
import { renderText } from '../../src/report/text.ts';
import { reportMessages } from '../../src/slack/report/report-blocks.ts';
import { answer, finding, report, result } from '../support/reports.ts';

const incident = report({
  findings: [
    finding('f1', {
      title: '14 sessions wait behind one idle transaction',
      recommendations: [
        { action: 'End thread 8412', sql: 'KILL 8412;', risk: 'disruptive', rollback: 'none: 1 row is rolled back' },
        {
          action: 'Let the server end idle transactions',
          sql: 'SET GLOBAL idle_transaction_timeout = 60;',
          risk: 'safe',
          rollback: 'SET GLOBAL idle_transaction_timeout = 0;',
        },
      ],
      picture: [
        '8412  app@10.2.3.4   idle 312 s, 1 row changed',
        '└ 8420  UPDATE shop.orders SET status=? WHERE id=?   waits 290 s',
      ],
    }),
    finding('f2', {
      code: 'conn.near_limit',
      severity: 'warning',
      subject: 'orders-prod',
      title: 'Connections near their limit',
      summary: '143 of 150 connections are in use (95 %).',
      causedBy: ['f1'],
      recommendations: [],
    }),
    finding('f3', {
      code: 'config.durability_relaxed',
      severity: 'info',
      subject: 'sync_binlog',
      title: 'A crash can lose committed transactions',
      summary: 'sync_binlog = 0 with the binary log on.',
      recommendations: [],
    }),
  ],
  results: [
    result('incident_triage', { durationMs: 600 }),
    result('replication_health', { status: 'not_applicable', reason: 'no replica' }),
    result('slow_query', { status: 'timed_out', reason: 'no answer within 20 s', instead: 'running_query' }),
  ],
  coverage: [
    {
      code: 'coverage.instrument_off',
      agent: 'running_query',
      target: 'orders-prod',
      summary: 'metadata locks (instrument off)',
      fix: "UPDATE performance_schema.setup_instruments SET ENABLED = 'YES' WHERE NAME = 'wait/lock/metadata/sql/mdl'",
    },
  ],
});

const healthy = report({
  verdict: 'healthy',
  target: 'billing-prod',
  findings: [],
  rootCauses: [],
  results: [
    result('incident_triage', {
      target: 'billing-prod',
      headline: '212 queries/s, 41 of 400 connections, no lock waits',
      ageSeconds: 40,
    }),
  ],
});

const unreachable = report({
  target: 'crm-prod',
  findings: [
    finding('f1', {
      code: 'incident.unreachable',
      target: 'crm-prod',
      subject: 'crm-prod',
      title: 'cannot be reached: connection refused on 10.1.4.7:3306 (3 tries)',
      summary: 'crm-prod (10.1.4.7:3306) cannot be reached: connection refused (3 tries).',
      recommendations: [{ action: 'Check the mariadbd process and its error log on the host', risk: 'safe' }],
    }),
  ],
  results: [result('incident_triage', { target: 'crm-prod', status: 'failed', reason: 'connection refused' })],
});

const reports = {
  incident,
  healthy,
  unreachable,
  'follow-up': answer('Connections on orders-prod, 03:12:41 UTC\n app@10.2.3.4   61 sessions, 14 of them waiting'),
};

describe.each(Object.entries(reports))('a report: %s', (name, one) => {
  it('reads in a terminal as it did', async () => {
    await expect(`${renderText(one)}\n`).toMatchFileSnapshot(`golden/${name}.golden.txt`);
  });

  it('has the same words in Slack, in the same order', async () => {
    const { messages } = reportMessages(one, 'T1:C1:1.1#0');
    await expect(`${JSON.stringify(messages, null, 2)}\n`).toMatchFileSnapshot(`golden/${name}.golden.json`);
    expect(one.text.split('\n')[0]).toContain(messages[0]?.text.split(/ — |\n/)[0]);
  });
});

describe('an action', () => {
  const start = { action: 'Find out why it was stopped, then start it', sql: 'START SLAVE;', risk: 'safe' } as const;
  const onReplica = (id: string, target: string) =>
    finding(id, { code: 'repl.stopped', target, subject: target, recommendations: [start] });

  it('says on which server, where that is not the one that was asked about', () => {
    const { text } = report({ findings: [onReplica('f1', 'orders-replica-1')] });
    expect(text).toContain('Do first: On orders-replica-1: Find out why it was stopped, then start it. START SLAVE;');
    expect(text).toContain(' a  On orders-replica-1: Find out why it was stopped');
    expect(report({ findings: [onReplica('f1', 'orders-prod')] }).text).not.toContain('On orders-prod:');
    const inCode = { action: 'In the application: commit', risk: 'safe' } as const;
    const elsewhere = { ...onReplica('f1', 'orders-replica-1'), recommendations: [inCode] };
    expect(report({ findings: [elsewhere] }).text).toContain('Do first: In the application: commit.');
  });

  it('of one server does not stand for the same statement on another', () => {
    const findings = [onReplica('f1', 'orders-replica-1'), onReplica('f2', 'orders-replica-2')];
    const { text } = report({ findings, rootCauses: ['f1', 'f2'] });
    expect(text).toContain(' b  On orders-replica-2: Find out why it was stopped');
  });

  it('comes from the symptom where its cause is only background', () => {
    const background = finding('f1', { severity: 'info', subject: 'shop.bulk', recommendations: [] });
    const findings = [background, { ...onReplica('f2', 'orders-replica-1'), causedBy: ['f1'] }];
    expect(report({ findings }).text).toContain('Do first: On orders-replica-1: Find out why it was stopped');
  });

  it('that mends two findings of one server stands once', () => {
    const findings = [onReplica('f1', 'orders-prod'), finding('f2', { recommendations: [start] })];
    expect(report({ findings, rootCauses: ['f1', 'f2'] }).text).not.toContain('\n b  ');
  });
});

describe('the foot of a report', () => {
  const use = {
    purpose: 'plan',
    model: 'gpt-5-mini',
    calls: 2,
    inputTokens: 5_100,
    outputTokens: 212,
    costUsd: 0.0017,
  } as const;
  const { purpose: _, model: __, calls, ...sums } = use;
  const bill = { statements: 31, connections: 1, llmCalls: calls, ...sums, models: [use] };

  it('tells statements, calls, tokens and cost of a model', () => {
    expect(renderText(report({ usage: bill }))).toMatch(
      /Used: 31 statements; model gpt-5-mini: 2 calls, 5,312 tokens \(5,100 in, 212 out\), \$0\.00170$/,
    );
  });

  it('tells what the thread has cost so far', () => {
    const usage = { ...bill, thread: { tokens: 20_000, costUsd: 0.05 } };
    expect(renderText(report({ usage }))).toMatch(/; the thread so far: 20,000 tokens, \$0\.05$/);
  });

  it('is there under an answer in words too, where a model was asked', () => {
    const plan = { kind: 'clarify', agents: [], source: 'model', targets: [], answer: 'Which server?' } as const;
    expect(renderText(report({ plan, notes: [], usage: bill }))).toMatch(
      /^Which server\?\nUsed: model gpt-5-mini: 2 calls/,
    );
    expect(renderText(report({ plan, notes: [] }))).toBe('Which server?');
  });
});
