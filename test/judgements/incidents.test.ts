import { describe, expect, it } from 'vitest';
import type { LogPattern } from '../../src/error-log/pattern.ts';
import type { Deadlock } from '../../src/innodb-status/deadlock.ts';
import { judgeDeadlocks, wantsSecondLook } from '../../src/judgements/deadlocks.ts';
import { judgeErrorLog } from '../../src/judgements/error-log.ts';
import { judgeSemaphores } from '../../src/judgements/semaphores.ts';
import { judgePackets } from '../../src/judgements/statement-settings.ts';
import type { ErrorLog } from '../../src/probes/error-log.ts';
import { countersWith, factsWith, settingsWith, thresholds } from '../support/judge.ts';

const now = Date.UTC(2026, 10, 23, 3, 12, 41);

function logWith(
  patterns: readonly Partial<LogPattern>[],
  deadlocks: ErrorLog['deadlocks'] = { count: 0, tables: [] },
): ErrorLog {
  const whole = patterns.map((pattern) => ({
    pattern: 'x',
    severity: 'error' as const,
    kind: 'other' as const,
    count: 1,
    firstAtMs: now - 60_000,
    lastAtMs: now - 30_000,
    sample: 'x',
    ...pattern,
  }));
  return {
    path: '/var/log/mysql/error.log',
    serverNowMs: now,
    fromMs: now - 3_600_000,
    readBackToMs: now - 7_200_000,
    windowCut: false,
    patterns: whole,
    restarts: [],
    refusedLogins: [],
    deadlocks,
  };
}

describe('deadlocks', () => {
  const latest = (ageSeconds: number) => ({ transactions: '1 2', ageSeconds, sides: [], tables: ['shop.orders'] });
  const judge = (
    inWindow: number,
    sinceStart: number,
    more: { ageSeconds?: number; log?: ErrorLog; uptimeSeconds?: number; later?: Deadlock } = {},
  ) =>
    judgeDeadlocks(
      {
        target: 'orders-prod',
        counters: countersWith(
          { Innodb_deadlocks: inWindow },
          { Innodb_deadlocks: sinceStart - inWindow },
          { uptimeSeconds: more.uptimeSeconds ?? 864_000 },
        ),
        latest: more.ageSeconds === undefined ? undefined : latest(more.ageSeconds),
        later: more.later,
        log: more.log,
        hours: 1,
        evidence: ['e1'],
      },
      factsWith({ innodb_print_all_deadlocks: 'OFF' }),
      thresholds,
    );

  it('warn when several fall into the window, on the table that InnoDB names', () => {
    expect(judge(10, 10, { ageSeconds: 0 })).toMatchObject([
      {
        severity: 'warning',
        subject: 'shop.orders',
        facts: { deadlocksInWindow: 10, deadlocksSinceStart: 10, windowSeconds: 2 },
      },
    ]);
  });

  it('are information when there was a single one lately', () => {
    expect(judge(1, 40, { ageSeconds: 1 })).toMatchObject([{ severity: 'info' }]);
    expect(judge(0, 1, { ageSeconds: 300 })).toMatchObject([{ severity: 'info' }]);
  });

  it('are nothing when the last one is older than the question asks', () => {
    expect(judge(0, 400, { ageSeconds: 9_000 })).toEqual([]);
    expect(judge(0, 400)).toEqual([]);
  });

  it('warn as a stream when they keep coming since start, though none fell into the window', () => {
    expect(judge(0, 20, { ageSeconds: 30, uptimeSeconds: 600 })).toMatchObject([
      { severity: 'warning', facts: { deadlocksPerHour: 120 } },
    ]);
  });

  it('put the table first that the error log counts most', () => {
    const log = logWith([], {
      count: 90,
      tables: [
        ['shop.carts', 88],
        ['shop.orders', 2],
      ],
    });
    expect(judge(0, 5_000, { ageSeconds: 60, log })).toMatchObject([{ severity: 'warning', subject: 'shop.carts' }]);
  });

  it('are seen by two looks where the series does not count them', () => {
    const later = { ...latest(0), transactions: '3 4' };
    expect(judge(0, 0, { ageSeconds: 1, later })).toMatchObject([
      { severity: 'warning', summary: expect.stringMatching(/^At least 2 deadlocks in 2 s/) },
    ]);
    expect(judge(0, 0, { ageSeconds: 1, later: latest(3) })).toMatchObject([{ severity: 'info' }]);
    expect(wantsSecondLook(latest(1), countersWith({}, { Innodb_deadlocks: 0 }))).toBe(true);
    expect(wantsSecondLook(latest(1), countersWith({}, { Innodb_deadlocks: 4 }))).toBe(false);
    expect(wantsSecondLook(latest(60), countersWith({}, { Innodb_deadlocks: 0 }))).toBe(false);
  });

  it('say nothing of a table that nobody could see', () => {
    expect(judge(5, 5)).toMatchObject([{ subject: 'orders-prod', severity: 'warning' }]);
  });
});

describe('the error log', () => {
  const judge = (patterns: readonly Partial<LogPattern>[], maxPatterns = 20) =>
    judgeErrorLog({ target: 'orders-prod', log: logWith(patterns), maxPatterns, evidence: ['e1'] }).map(
      ({ code, severity, subject, facts }) => ({ code, severity, subject, facts }),
    );

  it.each([
    ['corruption', 'incident.corruption'],
    ['disk', 'incident.disk_error'],
    ['memory', 'incident.out_of_memory'],
  ] as const)('makes one critical finding of everything about %s', (kind, code) => {
    expect(
      judge([
        { kind, pattern: 'a', count: 2 },
        { kind, pattern: 'b' },
      ]),
    ).toMatchObject([{ code, severity: 'critical', subject: 'orders-prod', facts: { count: 3 } }]);
  });

  it.each([
    ["InnoDB: Database page corruption on disk or a failed read of file './shop/orders.ibd' page", 'shop.orders'],
    ["mariadbd: Table './shop/notes' is marked as crashed", 'shop.notes'],
    ["mariadbd: Table 'archive' is marked as crashed", 'archive'],
    ['InnoDB: Table `shop`.`orders` is corrupted', 'shop.orders'],
  ])('names the damaged table of %s', (sample, table) => {
    expect(judge([{ kind: 'corruption', sample }])[0]?.facts).toMatchObject({ table });
  });

  it('warns of other errors by pattern, the most frequent first, no more than asked for', () => {
    const errors = [
      { pattern: 'Plugin x failed', count: 9 },
      { pattern: 'Event y failed', count: 2 },
    ];
    expect(judge(errors).map(({ subject }) => subject)).toEqual(['Plugin x failed', 'Event y failed']);
    expect(judge(errors, 1)).toMatchObject([{ code: 'incident.error_log', severity: 'warning', facts: { count: 9 } }]);
  });

  it('sums warnings up as one piece of information', () => {
    const warnings = [
      { severity: 'warning', kind: 'aborted_connection', pattern: 'Aborted', count: 7 },
      { severity: 'warning', kind: 'refused_login', pattern: 'Access denied', count: 3 },
    ] as const;
    expect(judge(warnings)).toMatchObject([
      { code: 'incident.error_log', severity: 'info', subject: 'warnings', facts: { count: 10, patterns: 2 } },
    ]);
  });

  it.each(['deadlock', 'semaphore', 'end_of_session', 'replication', 'crash', 'open_files'] as const)(
    'leaves errors about %s to those who know more',
    (kind) => {
      expect(judge([{ kind }])).toEqual([]);
    },
  );

  it('has nothing to say of notes', () => {
    expect(judge([{ severity: 'note', count: 900 }])).toEqual([]);
  });
});

describe('waits inside InnoDB', () => {
  const judge = (waits: readonly number[], logged: readonly Partial<LogPattern>[] = []) =>
    judgeSemaphores(
      {
        target: 'orders-prod',
        status: {
          latestDeadlock: undefined,
          historyListLength: 0,
          semaphoreWaits: waits.map((seconds) => ({ place: 'btr0sea.cc', seconds })),
          pendingReads: 0,
          pendingWrites: 0,
          pendingFlushes: 0,
        },
        log: logWith(logged),
        evidence: ['e1'],
      },
      thresholds,
    );

  it('are nothing while they are short', () => {
    expect(judge([0.2, 3])).toEqual([]);
  });

  it('are a warning from seconds on and critical when InnoDB begins to write about them', () => {
    expect(judge([12])).toMatchObject([{ severity: 'warning', facts: { waitingThreads: 1, longestSeconds: 12 } }]);
    expect(judge([12, 241])).toMatchObject([{ severity: 'critical', facts: { longestSeconds: 241 } }]);
  });

  it('are critical while the log tells of them, a warning afterwards', () => {
    const wait = { kind: 'semaphore', severity: 'warning', count: 3 } as const;
    expect(judge([], [wait])).toMatchObject([{ severity: 'critical', facts: { loggedCount: 3, lastAgoSeconds: 30 } }]);
    expect(judge([], [{ ...wait, lastAtMs: now - 1_800_000 }])).toMatchObject([{ severity: 'warning' }]);
  });
});

describe('packets that are too large', () => {
  const view = settingsWith({ max_allowed_packet: '1048576' });
  const cut = {
    kind: 'aborted_connection',
    severity: 'warning',
    count: 4,
    sample:
      "Aborted connection 9 to db: 'shop' user: 'app' host: 'h' (Got a packet bigger than 'max_allowed_packet' bytes)",
  } as const;

  it('are reported with evidence only', () => {
    expect(judgePackets(view, logWith([cut]), ['e2'])).toMatchObject([
      {
        code: 'config.max_allowed_packet',
        facts: { refused: 4, limitBytes: 1_048_576 },
        evidence: ['e1', 'e2'],
        recommendations: [{ sql: 'SET GLOBAL max_allowed_packet = 67108864;' }],
      },
    ]);
    expect(judgePackets(view, logWith([]), [])).toEqual([]);
    expect(judgePackets(view, undefined, [])).toEqual([]);
  });

  it('are not believed from the name of a user', () => {
    const sample = "Aborted connection 9 to db: 'x' user: '(Got a packet bigger than y)' host: 'h' (KILLED)";
    expect(judgePackets(view, logWith([{ ...cut, sample }]), [])).toEqual([]);
  });
});
