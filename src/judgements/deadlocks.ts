import type { Thresholds } from '../agents/thresholds.ts';
import type { Deadlock } from '../innodb-status/deadlock.ts';
import { type Counters, deltaOf } from '../probes/counters.ts';
import type { ErrorLog } from '../probes/error-log.ts';
import type { FindingDraft, Recommendation } from '../report/finding.ts';
import { durationInWords, shortNumber } from '../report/units.ts';
import { isOn, type ServerFacts } from '../targets/server-facts.ts';
import { shortStatement } from './statement.ts';

export interface DeadlockView {
  readonly target: string;
  readonly counters: Counters;
  /** The one that InnoDB remembers; undefined where there was none since start or it could not be read. */
  readonly latest: Deadlock | undefined;
  /** The one of a second look, where the server was asked twice because it does not count. */
  readonly later: Deadlock | undefined;
  readonly log: ErrorLog | undefined;
  readonly hours: number;
  readonly evidence: readonly string[];
}

/**
 * A deadlock now and then is how InnoDB works and applications retry it; a warning needs several in the window, or a
 * steady stream of them since start. Recent single ones are information.
 */
export function judgeDeadlocks(view: DeadlockView, facts: ServerFacts, thresholds: Thresholds): FindingDraft[] {
  const { counters, latest, later, log, hours } = view;
  const uncounted = later !== undefined && later.transactions !== latest?.transactions;
  const inWindow = Math.max(deltaOf(counters, 'Innodb_deadlocks') ?? 0, uncounted ? 2 : 0);
  const sinceStart = Math.max(counters.last['Innodb_deadlocks'] ?? 0, inWindow);
  const perHour = recentPerHour(view, sinceStart);
  const isRecent = (latest?.ageSeconds ?? Number.POSITIVE_INFINITY) <= hours * 3_600;
  if (inWindow === 0 && !isRecent && (log?.deadlocks.count ?? 0) === 0) return [];
  const isStream = perHour >= thresholds.deadlocksPerHour && sinceStart >= thresholds.deadlocksForRate;
  const warns = inWindow >= thresholds.deadlocksInWindow || (isRecent && isStream);
  const tables = tablesOf(view);
  const windowSeconds = Math.round(counters.windowSeconds * 10) / 10;
  return [
    {
      code: 'lock.deadlocks',
      severity: warns ? 'warning' : 'info',
      subject: tables[0] ?? view.target,
      title: inWindow > 0 ? 'Transactions deadlock right now' : 'Transactions deadlocked recently',
      summary:
        (uncounted
          ? `At least ${inWindow} deadlocks in ${windowSeconds} s (this series does not count them)`
          : `${inWindow} deadlocks in ${windowSeconds} s, ${sinceStart} since start`) +
        `${latest?.ageSeconds === undefined ? '' : `, the last one ${durationInWords(latest.ageSeconds)} ago`}` +
        `${tables.length > 0 ? `, on ${tables.join(' and ')}` : ''}; each one rolled a transaction back.`,
      confidence: 'certain',
      facts: {
        deadlocksInWindow: inWindow,
        windowSeconds,
        deadlocksSinceStart: sinceStart,
        deadlocksPerHour: Number(shortNumber(perHour)),
        ...(latest?.ageSeconds === undefined ? {} : { latestAgeSeconds: latest.ageSeconds }),
        ...(tables[0] === undefined ? {} : { table: tables[0], tables: tables.join(', ') }),
      },
      evidence: view.evidence,
      impact: inWindow,
      thresholds: ['deadlocksInWindow', 'deadlocksPerHour', 'deadlocksForRate'],
      recommendations: actions(facts),
      ...(latest && latest.sides.length > 0 ? { picture: picture(latest) } : {}),
    },
  ];
}

/**
 * Whether a second look is worth it: InnoDB has just had a deadlock and counts none. Innodb_deadlocks and the metric
 * lock_deadlocks stay at 0 on 10.5.
 */
export function wantsSecondLook(latest: Deadlock | undefined, counters: Counters | undefined): boolean {
  return (latest?.ageSeconds ?? Number.POSITIVE_INFINITY) <= 5 && (counters?.last['Innodb_deadlocks'] ?? 0) === 0;
}

/** From the log where it prints all of them, else the average since start, over at least a minute. */
function recentPerHour({ counters, log, hours }: DeadlockView, sinceStart: number): number {
  const upHours = Math.max(counters.uptimeSeconds, 60) / 3_600;
  const average = sinceStart / upHours;
  return log ? Math.max(average, log.deadlocks.count / Math.min(hours, upHours)) : average;
}

/** Those that deadlock most often first, where the log tells of more than one. */
function tablesOf({ latest, log }: DeadlockView): readonly string[] {
  const logged = log?.deadlocks.tables.map(([table]) => table) ?? [];
  return [...new Set([...logged, ...(latest?.tables ?? [])])].slice(0, 4);
}

function picture(deadlock: Deadlock): string[] {
  return deadlock.sides.flatMap(({ thread, table, index, lockMode, undoEntries, rolledBack, statement }) => [
    `thread ${thread ?? '?'} waited for ${lockMode ?? 'a lock'} on ${table ?? 'a table'}${index ? ` (${index})` : ''}, ` +
      `${undoEntries} undo records${rolledBack ? ', rolled back' : ''}`,
    ...(statement === '' ? [] : [`  ${shortStatement(statement, 120)}`]),
  ]);
}

function actions(facts: ServerFacts): Recommendation[] {
  const printing = isOn(facts, 'innodb_print_all_deadlocks');
  return [
    {
      action:
        'In the application: take rows in one order everywhere (for example by primary key), keep transactions short, and repeat a transaction that got error 1213',
      risk: 'needs_staging',
      rollback: 'deploy the former version',
    },
    ...(printing
      ? []
      : [
          {
            action: 'Have every deadlock written to the error log; InnoDB remembers only the last',
            sql: 'SET GLOBAL innodb_print_all_deadlocks = ON;',
            risk: 'safe',
            rollback: 'SET GLOBAL innodb_print_all_deadlocks = OFF;',
          } as const,
        ]),
  ];
}
