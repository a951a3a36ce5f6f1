import type { Thresholds } from '../agents/thresholds.ts';
import type { InnodbStatus } from '../innodb-status/status.ts';
import type { ErrorLog } from '../probes/error-log.ts';
import type { FindingDraft } from '../report/finding.ts';
import { counted, durationInWords } from '../report/units.ts';

export interface SemaphoreView {
  readonly target: string;
  /** undefined where the monitor could not be read. */
  readonly status: InnodbStatus | undefined;
  readonly log: ErrorLog | undefined;
  readonly evidence: readonly string[];
}

/** From then on InnoDB writes to the error log about a wait. */
const loggedFromSeconds = 240;

/** Threads inside InnoDB that wait for a latch: by the monitor where the series lists them, and by the error log. */
export function judgeSemaphores(view: SemaphoreView, thresholds: Thresholds): FindingDraft[] {
  const waits = (view.status?.semaphoreWaits ?? []).filter(({ seconds }) => seconds >= thresholds.semaphoreWaitSeconds);
  const logged = (view.log?.patterns ?? []).filter(({ kind }) => kind === 'semaphore');
  if (waits.length === 0 && logged.length === 0) return [];
  const longestSeconds = Math.max(0, ...waits.map(({ seconds }) => seconds));
  const times = logged.reduce((sum, { count }) => sum + count, 0);
  const lastAtMs = Math.max(...logged.map(({ lastAtMs }) => lastAtMs ?? view.log?.fromMs ?? 0));
  const agoSeconds = view.log && times > 0 ? Math.max(0, (view.log.serverNowMs - lastAtMs) / 1_000) : undefined;
  const isNow = waits.length > 0 || (agoSeconds ?? Number.POSITIVE_INFINITY) <= thresholds.semaphoreRecentSeconds;
  const isLong = longestSeconds >= loggedFromSeconds || times > 0;
  const sentences = [
    ...(waits.length > 0
      ? [
          `${counted(waits.length, 'thread')} ${waits.length === 1 ? 'waits' : 'wait'} for an internal latch, the longest for ${durationInWords(longestSeconds)}.`,
        ]
      : []),
    ...(agoSeconds === undefined
      ? []
      : [`The error log tells of long waits ${times} times, last ${durationInWords(agoSeconds)} ago.`]),
    'The server ends itself when one lasts too long.',
  ];
  return [
    {
      code: 'incident.semaphore_waits',
      severity: isNow && isLong ? 'critical' : 'warning',
      subject: view.target,
      title: isNow ? 'Threads inside InnoDB wait for each other' : 'Threads inside InnoDB waited for each other',
      summary: sentences.join(' '),
      confidence: 'certain',
      facts: {
        waitingThreads: waits.length,
        longestSeconds: Math.round(longestSeconds),
        ...(waits[0] ? { place: waits[0].place } : {}),
        loggedCount: times,
        ...(agoSeconds === undefined ? {} : { lastAgoSeconds: Math.round(agoSeconds) }),
      },
      evidence: view.evidence,
      impact: 70,
      thresholds: ['semaphoreWaitSeconds', 'semaphoreRecentSeconds'],
      recommendations: [
        {
          action:
            'Look at the disk first (a write that hangs holds the latch), then keep the output of SHOW ENGINE INNODB STATUS and the stack that the log has for a bug report',
          sql: 'SHOW ENGINE INNODB STATUS;',
          risk: 'safe',
          rollback: 'it only reads',
        },
      ],
    },
  ];
}
