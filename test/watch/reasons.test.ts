import { describe, expect, it } from 'vitest';
import { judgeLook, type WatchState } from '../../src/watch/reasons.ts';
import { finding, report } from '../support/reports.ts';

const start = Date.parse('2026-11-23T03:00:00Z');
const hourMs = 3_600_000;
const fresh: WatchState = { nextAtMs: 0, look: 'a', told: {} };
const healthy = report({ verdict: 'healthy', findings: [], rootCauses: [] });
const ill = report({ verdict: 'degraded', findings: [finding('f1', { severity: 'warning' })] });
const root = ill.findings[0];
const disk = finding('f2', {
  code: 'capacity.disk_full_forecast',
  severity: 'warning',
  subject: '/data',
  title: 'The disk is full in 9 days',
});

/** Looks one after the other, ten minutes apart; gives what is said at each. */
function looks(reports: readonly (typeof ill)[], times: readonly number[] = []): string[][] {
  let state = fresh;
  return reports.map((one, index) => {
    const judged = judgeLook(
      state,
      one,
      one.findings.find(({ severity }) => severity !== 'info'),
      times,
      start + index * 600_000,
    );
    state = judged.state;
    return judged.reasons.map(({ sentence }) => sentence);
  });
}

describe('what a watched target gives reason to say', () => {
  it('is nothing while it is healthy', () => {
    expect(looks([healthy, healthy, healthy]).flat()).toEqual([]);
  });

  it('is that it turned ill, when two looks saw it, once', () => {
    expect(looks([healthy, ill, ill, ill])).toEqual([
      [],
      [],
      [
        'orders-prod turned degraded (healthy in every look of the watch since 2026-11-23 03:00 UTC): Idle transaction holds row locks',
      ],
      [],
    ]);
  });

  it('is nothing where one look saw something and the next did not', () => {
    expect(looks([healthy, ill, healthy, healthy, ill, healthy]).flat()).toEqual([]);
  });

  it('is nothing where it was ill when it was first seen, or could not be looked at', () => {
    const blind = report({ verdict: 'unknown', findings: [], rootCauses: [] });
    expect(looks([ill, ill, ill]).flat()).toEqual([]);
    expect(looks([healthy, blind, blind]).flat()).toEqual([]);
  });

  it('is what occurred for the third time within a week, and then not for a week', () => {
    const times = [start - 48 * hourMs, start - 24 * hourMs, start];
    const said = judgeLook({ ...fresh, verdict: 'degraded', atMs: start }, ill, root, times, start);
    expect(said.reasons.map(({ sentence }) => sentence)).toEqual([
      '3 times within a week on orders-prod: Idle transaction holds row locks',
    ]);
    expect(judgeLook(said.state, ill, root, times, start + 24 * hourMs).reasons).toEqual([]);
    expect(judgeLook(said.state, ill, root, times, start + 8 * 24 * hourMs).reasons).toHaveLength(1);
    expect(judgeLook(fresh, ill, root, times.slice(1), start).reasons).toEqual([]);
  });

  it('is a forecast that crossed its line, and again when it got worse', () => {
    const ahead = report({ verdict: 'degraded', findings: [disk], rootCauses: [] });
    const before = { ...fresh, verdict: 'degraded' as const, atMs: start };
    const said = judgeLook(before, ahead, disk, [], start);
    expect(said.reasons.map(({ sentence }) => sentence)).toEqual(['Ahead on orders-prod: The disk is full in 9 days']);
    expect(judgeLook(said.state, ahead, disk, [], start + hourMs).reasons).toEqual([]);
    const worse = report({ verdict: 'critical', findings: [{ ...disk, severity: 'critical' }], rootCauses: [] });
    expect(judgeLook(said.state, worse, disk, [], start + hourMs).reasons).toHaveLength(1);
  });
});
