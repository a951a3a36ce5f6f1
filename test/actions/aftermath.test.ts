import { describe, expect, it } from 'vitest';
import { lookAfter } from '../../src/actions/aftermath.ts';
import type { Approval } from '../../src/actions/approval.ts';
import type { Sighting } from '../../src/actions/executor.ts';
import type { Report } from '../../src/report/report.ts';
import { blocker, blockerSeen, lockFinding } from '../support/action-bench.ts';
import { report, result } from '../support/reports.ts';

const approval: Approval = {
  state: 'done',
  target: 'orders-prod',
  kill: blocker,
  finding: { code: 'lock.row_chain', subject: 'thread 8412', title: 'x', waiters: 2, isSure: true },
  team: 'T',
  channel: 'C',
  threadTs: '1.1',
  messages: [],
  expiresAtMs: 0,
};

/** What is said after a kill, on a server that shows the session as given, look by look, and a report as given. */
async function afterwards(
  given: Partial<Approval>,
  sightings: readonly (Sighting | undefined)[],
  found: Partial<Report>,
) {
  const waits: number[] = [];
  let looks = 0;
  const after = await lookAfter(
    { ...approval, ...given },
    {
      executor: { look: async () => sightings[Math.min(looks++, sightings.length - 1)] },
      orchestrator: { check: async () => report({ findings: [], rootCauses: [], ...found }) },
      wait: async (ms) => void waits.push(ms),
    },
  );
  return { words: after.words, waits: waits.length, hasReport: after.report !== undefined };
}

describe('after a kill', () => {
  it('waits until the session is gone, and says that those who waited are through', async () => {
    const { words, waits } = await afterwards({}, [blockerSeen, blockerSeen, undefined], {});
    expect(words).toBe('It helped: the 2 sessions that waited are through, and nobody waits for a lock any more.');
    expect(waits).toBe(2);
  });

  it('says that a rollback goes on, and gives up waiting for it', async () => {
    const { words, waits } = await afterwards({}, [{ ...blockerSeen, command: 'Killed' }], {});
    expect(words).toBe('Thread 8412 is still ending; what it changed is being rolled back.');
    expect(waits).toBeLessThan(20);
  });

  it('takes a query that has ended for gone, though its connection stays', async () => {
    const kill = { ...blocker, kind: 'query' } as const;
    const { words } = await afterwards({ kill }, [blockerSeen], {});
    expect(words).toContain('It helped');
  });

  it.each([
    ['the same trouble', {}],
    ['who waits behind somebody else now', { subject: 'thread 9' }],
  ])('says that it is not over and names %s', async (_, given) => {
    const finding = lockFinding(given);
    const { words, hasReport } = await afterwards({}, [undefined], { findings: [finding] });
    expect(words).toBe(`It is not over: 2 sessions wait behind one idle transaction · ${finding.subject}.`);
    expect(hasReport).toBe(true);
  });

  it('claims nothing where the server could not be looked at', async () => {
    const results = [result('running_query', { status: 'timed_out', reason: 'no answer' })];
    const { words, hasReport } = await afterwards({}, [undefined], { results });
    expect(words).toBe('Whether it helped could not be seen.');
    expect(hasReport).toBe(false);
  });

  it('speaks of no waiters where nobody waited', async () => {
    const finding = { ...approval.finding, code: 'tx.idle_in_transaction', waiters: 0 };
    expect((await afterwards({ finding }, [undefined], {})).words).toBe('It helped: nothing of it is left.');
  });
});
