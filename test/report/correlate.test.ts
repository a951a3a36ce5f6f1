import { describe, expect, it } from 'vitest';
import { correlate, type LocatedFinding } from '../../src/report/correlate.ts';

function found(code: string, subject: string, overrides: Partial<LocatedFinding> = {}): LocatedFinding {
  return {
    code,
    subject,
    severity: 'warning',
    title: code,
    summary: '',
    confidence: 'certain',
    facts: {},
    evidence: ['x1'],
    recommendations: [],
    agent: 'running_query',
    target: 'orders-prod',
    ...overrides,
  };
}

const chain = found('lock.row_chain', 'thread 7', {
  severity: 'critical',
  facts: { waiters: 12, table: 'shop.orders' },
});
const nearLimit = found('conn.near_limit', 'orders-prod', { agent: 'connections' });

describe('correlation', () => {
  it('names the blocker as the root of full connections, which are caused by it', () => {
    const { findings, rootCauses } = correlate([nearLimit, chain]);
    expect(findings.map(({ id, code, causedBy }) => [id, code, causedBy])).toEqual([
      ['f1', 'lock.row_chain', []],
      ['f2', 'conn.near_limit', ['f1']],
    ]);
    expect(rootCauses).toEqual(['f1']);
  });

  it('keeps unrelated faults apart', () => {
    const { rootCauses } = correlate([chain, found('schema.no_primary_key', 'shop.audit')]);
    expect(rootCauses).toEqual(['f1', 'f2']);
  });

  it('takes a session that holds rows and a table for one root cause', () => {
    const table = found('lock.mdl', 'thread 7', { severity: 'critical', facts: { waiters: 3, thread: 7 } });
    const { findings, rootCauses } = correlate([table, chain, found('lock.mdl', 'thread 9')]);
    expect(rootCauses.map((id) => findings.find((one) => one.id === id)?.subject)).toEqual(['thread 7', 'thread 9']);
  });

  it('takes a running ALTER for the cause of the queue behind it', () => {
    const alter = found('ddl.long_alter', 'shop.events', { facts: { thread: 7 } });
    const queue = found('lock.mdl', 'thread 7', { severity: 'critical', facts: { waiters: 3, thread: 7 } });
    const { findings } = correlate([queue, alter, found('ddl.long_alter', 'shop.other', { facts: { thread: 8 } })]);
    expect(findings.find(({ code }) => code === 'lock.mdl')?.causedBy).toEqual(['f1']);
    expect(findings[0]?.subject).toBe('shop.events');
  });

  it('takes the words of the applier in the error log for the same error, and warnings for no effect of anything', () => {
    const stopped = found('repl.sql_error', 'orders-prod', { severity: 'critical', facts: { errno: 1032 } });
    const logged = found('incident.error_log', "mariadbd: Can't find record in '?'", { facts: { severity: 'ERROR' } });
    const other = found('incident.error_log', 'Event Scheduler: it failed', { facts: { severity: 'ERROR' } });
    const warnings = found('incident.error_log', 'warnings', { severity: 'info', facts: { severity: 'Warning' } });
    const memory = found('incident.out_of_memory', 'orders-prod', { severity: 'critical' });
    const { findings } = correlate([stopped, logged, other, warnings]);
    expect(findings.filter(({ causedBy }) => causedBy.length > 0).map(({ subject }) => subject)).toEqual([
      logged.subject,
    ]);
    expect(correlate([memory, warnings]).findings[1]?.causedBy).toEqual([]);
  });

  it('names the lag by a table without a key before the missing key, which stays as information', () => {
    const key = found('schema.no_primary_key', 'shop.clicks');
    const lag = found('repl.lag_no_pk', 'shop.clicks', { severity: 'critical', facts: { table: 'shop.clicks' } });
    const { findings, rootCauses } = correlate([key, lag]);
    expect(findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      'critical repl.lag_no_pk',
      'info schema.no_primary_key',
    ]);
    expect(rootCauses).toEqual(['f1']);
  });

  it('does not blame a blocker with two victims for full connections', () => {
    const small = { ...chain, facts: { waiters: 2, table: 'shop.orders' } };
    expect(correlate([small, nearLimit]).rootCauses).toEqual(['f1', 'f2']);
  });

  it('does not tie findings of different servers', () => {
    const { rootCauses } = correlate([chain, { ...nearLimit, target: 'billing-prod' }]);
    expect(rootCauses).toHaveLength(2);
  });

  it('ties a primary that is down to the replica that lost it', () => {
    const down = found('incident.unreachable', 'crm-prod', { target: 'crm-prod', severity: 'critical' });
    const lost = found('repl.io_error', 'crm-replica-1', { target: 'crm-replica-1', severity: 'critical' });
    const { findings } = correlate([lost, down], (name) => (name === 'crm-prod' ? ['crm-replica-1'] : []));
    expect(findings.map(({ code, causedBy }) => [code, causedBy])).toEqual([
      ['incident.unreachable', []],
      ['repl.io_error', ['f1']],
    ]);
  });

  it('merges equal code, target and subject, keeping the worst severity and all evidence', () => {
    const again = { ...nearLimit, agent: 'incident_triage', severity: 'critical', evidence: ['x2'] } as const;
    const { findings } = correlate([nearLimit, again]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ severity: 'critical', evidence: ['x1', 'x2'], agent: 'connections' });
  });

  it('softens what only repeats another finding about the same session', () => {
    const { findings } = correlate([found('tx.idle_in_transaction', 'thread 7'), chain]);
    expect(findings.find(({ code }) => code === 'tx.idle_in_transaction')?.severity).toBe('info');
  });

  it('puts a cause before its effect even when the effect is worse', () => {
    const leak = found('conn.leak', 'leaky@10.0.0.1');
    const full = found('conn.exhausted', 'orders-prod', { severity: 'critical' });
    expect(correlate([full, leak]).findings.map(({ code }) => code)).toEqual(['conn.leak', 'conn.exhausted']);
  });

  it('leaves information that explains nothing out of the root causes', () => {
    expect(correlate([found('config.slow_log_off', 'slow_query_log', { severity: 'info' })]).rootCauses).toEqual([]);
  });
});
