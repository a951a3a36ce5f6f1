import { describe, expect, it } from 'vitest';
import { thresholdsFor } from '../../src/agents/thresholds.ts';
import type { Restart } from '../../src/error-log/life.ts';
import { judgeRestarts, type RestartView, uptimeInWords } from '../../src/judgements/restarts.ts';
import type { ErrorLog } from '../../src/probes/error-log.ts';

const thresholds = thresholdsFor({});
const now = Date.UTC(2026, 10, 23, 3, 12, 41);
const hour = 3_600_000;

function log(restarts: readonly Partial<Restart>[]): ErrorLog {
  const whole = restarts.map((restart) => ({
    startedAtMs: now,
    version: '10.11.19',
    readyAtMs: undefined,
    previousEnd: undefined,
    endedAtMs: undefined,
    signal: undefined,
    recovered: false,
    crashedStatement: undefined,
    ...restart,
  }));
  return {
    path: '/var/log/mysql/error.log',
    serverNowMs: now,
    fromMs: now - hour,
    readBackToMs: now - 100 * hour,
    windowCut: false,
    patterns: [],
    restarts: whole,
    refusedLogins: [],
    deadlocks: { count: 0, tables: [] },
  };
}
function judge(view: Partial<RestartView>) {
  const whole = { target: 'orders', uptimeSeconds: 600, nowMs: now, log: undefined, hours: 1, evidence: ['e1'] };
  return judgeRestarts({ ...whole, ...view }, thresholds);
}
const upSince = (ms: number) => (now - ms) / 1_000;

describe('restarts and crashes', () => {
  it('reports a crash with its signal, its time and the uptime', () => {
    const startedAtMs = now - 600_000;
    const crash = {
      startedAtMs,
      endedAtMs: startedAtMs - 4_000,
      previousEnd: 'crash',
      signal: 11,
      recovered: true,
    } as const;
    expect(judge({ log: log([crash]) })).toMatchObject([
      {
        code: 'incident.crash_restart',
        severity: 'critical',
        summary: 'It crashed with signal 11 at 03:02:37 UTC and has been up for 10 min, after crash recovery.',
        facts: { uptimeSeconds: 600, signal: 11, crashes: 1, endedAt: '2026-11-23T03:02:37.000Z' },
      },
    ]);
  });

  it('calls a crash of hours ago a warning, and three of them critical', () => {
    const at = (ms: number) => ({ startedAtMs: ms, endedAtMs: ms, previousEnd: 'killed' }) as const;
    const uptimeSeconds = upSince(now - 5 * hour);
    expect(judge({ uptimeSeconds, log: log([at(now - 5 * hour)]) })).toMatchObject([{ severity: 'warning' }]);
    const three = [at(now - 9 * hour), at(now - 7 * hour), at(now - 5 * hour)];
    expect(judge({ uptimeSeconds, log: log(three) })).toMatchObject([{ severity: 'critical', facts: { crashes: 3 } }]);
  });

  it('still tells of a crash after an orderly restart, and forgets it after the look-back', () => {
    const restarts = [
      { startedAtMs: now - 9 * hour, endedAtMs: now - 9 * hour, previousEnd: 'crash', signal: 6 } as const,
      { startedAtMs: now - 2 * hour, endedAtMs: now - 2 * hour, previousEnd: 'shutdown' } as const,
    ];
    const uptimeSeconds = upSince(now - 2 * hour);
    expect(judge({ uptimeSeconds, log: log(restarts) })).toMatchObject([{ code: 'incident.crash_restart' }]);
    const old = [{ startedAtMs: now - 40 * hour, previousEnd: 'crash' } as const];
    expect(judge({ uptimeSeconds: upSince(now - 40 * hour), log: log(old) })).toEqual([]);
    expect(judge({ uptimeSeconds: upSince(now - 40 * hour), log: log(old), hours: 48 })).toHaveLength(1);
  });

  it('calls an orderly restart information', () => {
    const startedAtMs = now - 600_000;
    const view = { log: log([{ startedAtMs, endedAtMs: startedAtMs - 3_000, previousEnd: 'shutdown' }]) };
    expect(judge(view)).toMatchObject([
      { code: 'incident.recent_restart', severity: 'info', facts: { previousEnd: 'shutdown', uptimeSeconds: 600 } },
    ]);
  });

  it('tells a restart from the uptime alone where there is no log, and says that the reason is unknown', () => {
    expect(judge({ uptimeSeconds: 600 })).toMatchObject([
      { code: 'incident.recent_restart', summary: expect.stringMatching(/unknown without its error log/) },
    ]);
    expect(judge({ uptimeSeconds: 86_400 * 12 })).toEqual([]);
  });

  it('believes no crash that is later than the server’s own start', () => {
    const forged = { startedAtMs: now - 60_000, endedAtMs: now - 70_000, previousEnd: 'crash', signal: 11 } as const;
    expect(judge({ uptimeSeconds: 86_400 * 12, log: log([forged]) })).toEqual([]);
  });

  it('words the uptime for a headline', () => {
    const view = { target: 'o', uptimeSeconds: 86_400 * 12, nowMs: now, log: undefined, hours: 1, evidence: [] };
    expect(uptimeInWords(view, thresholds)).toBe('up 12 d');
    const startedAtMs = now - 240_000;
    const crash = log([{ startedAtMs, endedAtMs: startedAtMs, previousEnd: 'killed' }]);
    expect(uptimeInWords({ ...view, uptimeSeconds: 240, log: crash }, thresholds)).toBe('up 4 min after a crash');
  });
});
