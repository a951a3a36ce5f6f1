import { describe, expect, it } from 'vitest';
import { offersFrom } from '../../src/actions/offers.ts';
import type { Kill } from '../../src/report/finding.ts';
import { checkFault } from '../support/check-fault.ts';
import { finding, report } from '../support/reports.ts';

/** What is offered for a fault of the lab on a real server, and the session that the fault is made of. */
async function offersFor(fault: string) {
  const { report: found, score } = await checkFault(fault, ['running_query']);
  expect(score.strict).toBeGreaterThan(0);
  const [required] = found.rootCauses.map((id) => found.findings.find((one) => one.id === id));
  return {
    offers: offersFrom({ ...found, text: '' }).map(({ kill }) => `${kill.kind} ${kill.thread}`),
    root: Number(/thread (\d+)/.exec(required?.subject ?? '')?.[1]),
  };
}

describe('what is offered', () => {
  it.each(['row-lock-chain', 'table-lock', 'user-lock'])(
    'for %s is to end the idle connection, once, for nothing less helps',
    async (fault) => {
      const { offers, root } = await offersFor(fault);
      expect(offers[0]).toBe(`connection ${root}`);
      expect(offers.filter((offer) => offer.endsWith(` ${root}`))).toHaveLength(1);
    },
  );

  it('for a prepared XA transaction is nothing: no session is there to be ended', async () => {
    expect((await offersFor('xa-prepared')).offers).toEqual([]);
  });

  const kill: Kill = { kind: 'query', thread: 7, queryId: 1, user: 'app', host: 'h', seconds: 60 };
  const withKill = (id: string, thread: number, given: object = {}) =>
    finding(id, {
      code: 'query.long_running',
      subject: `thread ${thread}`,
      recommendations: [{ action: 'Stop it', risk: 'disruptive', kill: { ...kill, thread } }],
      ...given,
    });

  it('is at most three, the most pressing first, each session once', () => {
    const findings = [
      withKill('f1', 1),
      withKill('f2', 1, { code: 'tx.long_running' }),
      withKill('f3', 2),
      withKill('f4', 3),
      withKill('f5', 4),
    ];
    expect(offersFrom(report({ findings })).map((one) => one.kill.thread)).toEqual([1, 2, 3]);
  });

  it('is nothing for a finding that is not sure, and for one without a session to end', () => {
    const findings = [
      withKill('f1', 1, { confidence: 'possible' }),
      withKill('f2', 2, { confidence: 'likely', facts: { couldAlsoBe: 'thread 9' } }),
      withKill('f3', 3, { severity: 'info' }),
      withKill('f4', 4, { code: 'query.running' }),
      finding('f5'),
    ];
    expect(offersFrom(report({ findings }))).toEqual([]);
  });
});
