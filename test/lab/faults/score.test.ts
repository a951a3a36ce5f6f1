import { describe, expect, it } from 'vitest';
import { evidenceShare } from '../../../lab/faults/evidence-share.ts';
import type { Expectation } from '../../../lab/faults/fault.ts';
import { scoreReport, totals } from '../../../lab/faults/score.ts';
import type { Finding } from '../../../src/report/finding.ts';
import { noUsage, type Report } from '../../../src/report/report.ts';

const chain = finding('lock.row_chain', 'thread 7', { facts: { waiters: 2 }, summary: '2 sessions wait for 312 s' });
const full = finding('conn.near_limit', 'orders-prod', { causedBy: [chain.id] });

describe('score of a report', () => {
  const expectation: Expectation = {
    required: [{ code: 'lock.row_chain', subject: 'thread 7', facts: { waiters: 2 } }],
    rootCause: { codes: ['lock.row_chain'], subject: 'thread 7' },
  };

  it('is 1 with the right root cause when exactly the required findings are there', () => {
    const score = scoreReport(expectation, report([chain]));
    expect(score).toMatchObject({ strict: 1, rootAtOne: true, missing: [], extra: [] });
  });

  it('falls with each further warning, but not with information or what is allowed', () => {
    const information = finding('repl.delayed', 'orders-replica-1', { severity: 'info' });
    expect(scoreReport(expectation, report([chain, full, information]))).toMatchObject({
      strict: 0.5,
      extra: ['conn.near_limit orders-prod'],
    });
    expect(scoreReport({ ...expectation, allowed: ['conn.near_limit'] }, report([chain, full])).strict).toBe(1);
  });

  it.each([
    ['code', finding('lock.mdl', 'thread 7', { facts: { waiters: 2 } })],
    ['subject', finding('lock.row_chain', 'thread 8', { facts: { waiters: 2 } })],
    ['fact', finding('lock.row_chain', 'thread 7', { facts: { waiters: 3 } })],
  ])('is 0 when a finding differs in its %s', (_, other) => {
    const score = scoreReport(expectation, report([other]));
    expect(score.strict).toBe(0);
    expect(score.missing).toEqual(['lock.row_chain thread 7 {"waiters":2}']);
  });

  it('takes a fact of at least the expected value', () => {
    const required = [{ code: 'lock.row_chain', facts: { waiters: { atLeast: 2 } } }];
    expect(scoreReport({ required }, report([chain])).strict).toBe(1);
    expect(
      scoreReport({ required: [{ code: 'lock.row_chain', facts: { waiters: { atLeast: 3 } } }] }, report([chain]))
        .strict,
    ).toBe(0);
  });

  it('sees a wrong first root cause, and a missing one', () => {
    expect(scoreReport(expectation, report([full, chain])).rootAtOne).toBe(false);
    expect(scoreReport(expectation, { ...report([chain]), rootCauses: [] }).rootAtOne).toBe(false);
    expect(scoreReport({ required: [] }, report([chain])).rootAtOne).toBeUndefined();
  });

  it('asks an effect to name its cause', () => {
    const withEffect = { ...expectation, allowed: ['conn.near_limit'], effects: ['conn.near_limit'] };
    expect(scoreReport(withEffect, report([chain, full])).strict).toBe(1);
    expect(scoreReport(withEffect, report([chain, { ...full, causedBy: [] }])).strict).toBe(0);
  });

  it('asks for a root cause to stand among them', () => {
    const apart: Expectation = { required: [{ code: 'conn.near_limit', root: true }], allowed: ['lock.row_chain'] };
    expect(scoreReport(apart, report([chain, full])).strict).toBe(1);
    expect(scoreReport(apart, { ...report([chain, full]), rootCauses: [chain.id] }).strict).toBe(0);
  });

  it('asks a coverage gap for its fix', () => {
    const blind: Expectation = { required: [], coverage: [{ code: 'coverage.missing_privilege', fix: 'PROCESS' }] };
    const gap = {
      code: 'coverage.missing_privilege',
      agent: 'a',
      target: 't',
      summary: '',
      fix: 'GRANT PROCESS ON *.*',
    };
    expect(scoreReport(blind, { ...report([]), coverage: [gap] }).strict).toBe(1);
    expect(scoreReport(blind, { ...report([]), coverage: [{ ...gap, fix: 'GRANT SELECT' }] }).strict).toBe(0);
  });

  it('is 0 for a verdict that is wrong', () => {
    const blind: Expectation = { required: [], verdict: ['unknown'] };
    expect(scoreReport(blind, report([])).missing).toEqual(['verdict unknown instead of healthy']);
  });

  it('is spoilt by one false alarm on a healthy control', () => {
    expect(scoreReport({ required: [] }, report([])).strict).toBe(1);
    expect(scoreReport({ required: [] }, report([full])).strict).toBe(0);
  });
});

describe('evidence share', () => {
  const share = (summary: string, facts: Finding['facts'], rows: Report['evidence'][number]['rows'] = []) =>
    evidenceShare(report([finding('x.y', 'thread 7', { summary, facts })], rows));

  it('finds stated numbers in facts, also in another unit or rounded', () => {
    const facts = { waitedSeconds: 312.4, sizeBytes: 5_368_709_120, usedShare: 0.953 };
    expect(share('thread 7 waited 5 min 12 s (312 s); 5.0 GiB; 95.3 % used', facts).unsourced).toEqual([]);
  });

  it('finds stated numbers in the rows of the evidence', () => {
    expect(share('max_connections = 151', {}, [{ Variable_name: 'max_connections', Value: '151' }]).unsourced).toEqual(
      [],
    );
  });

  it('names numbers that nothing measured, and leaves names and times alone', () => {
    const found = share('utf8mb4 at 03:12:41 on 2026-11-22: 17 sessions', { sessions: 16 });
    expect(found).toMatchObject({ numbers: 1, sourced: 0, unsourced: [expect.stringContaining('17 in')] });
  });
});

describe('totals', () => {
  it('count an error as a miss and false alarms on controls only', () => {
    const right = scoreReport(
      { required: [{ code: 'lock.row_chain' }], rootCause: { codes: ['lock.row_chain'] } },
      report([chain]),
    );
    const alarmed = scoreReport({ required: [] }, report([full]));
    const result = totals([
      { id: 'a', healthy: false, score: right },
      { id: 'b', healthy: false, score: undefined },
      { id: 'c', healthy: true, score: alarmed },
    ]);
    expect(result).toMatchObject({ scenarios: 3, errors: 1, strict: 0.5, rootAtOne: 0.5, falseAlarms: 1 });
  });
});

function finding(code: string, subject: string, more: Partial<Finding> = {}): Finding {
  return {
    id: `f-${code}-${subject}`,
    code,
    subject,
    severity: 'warning',
    agent: 'incident_triage',
    target: 'orders-prod',
    title: '',
    summary: '',
    confidence: 'certain',
    facts: {},
    causedBy: [],
    evidence: [],
    recommendations: [],
    ...more,
  };
}

function report(findings: readonly Finding[], rows: Report['evidence'][number]['rows'] = []): Report {
  return {
    question: '',
    target: 'orders-prod',
    takenAt: '2026-11-22T03:12:41Z',
    durationMs: 10,
    windowSeconds: 0,
    plan: { kind: 'run', agents: [], source: 'rules', targets: ['orders-prod'] },
    verdict: findings.length > 0 ? 'critical' : 'healthy',
    results: [],
    findings,
    rootCauses: findings.map(({ id }) => id),
    coverage: [],
    evidence: [
      {
        id: 'e1',
        probe: 'p',
        target: 'orders-prod',
        sql: 'SELECT 1',
        takenAt: '2026-11-22T03:12:41Z',
        durationMs: 1,
        windowSeconds: 0,
        truncated: false,
        rows,
      },
    ],
    usage: noUsage,
    notes: [],
    text: '',
  };
}
