import type { Thresholds } from '../agents/thresholds.ts';
import type { Restart } from '../error-log/life.ts';
import type { ErrorLog } from '../probes/error-log.ts';
import type { FindingDraft } from '../report/finding.ts';
import { durationInWords, momentInWords } from '../report/units.ts';
import { shortStatement } from './statement.ts';

export interface RestartView {
  readonly target: string;
  readonly uptimeSeconds: number;
  /** The server's clock, ms since 1970. */
  readonly nowMs: number;
  /** Undefined where the error log could not be read. */
  readonly log: ErrorLog | undefined;
  /** How far back the question looks. */
  readonly hours: number;
  readonly evidence: readonly string[];
}

/** Clocks of log lines and of the uptime counter may differ by this much. */
const toleranceMs = 120_000;

/**
 * Crashes, kills and restarts, from the uptime and the error log together. A start that the log claims after the
 * server's own start is no start of this server: another server's log, or a forged line.
 */
export function judgeRestarts(view: RestartView, thresholds: Thresholds): FindingDraft[] {
  const startedAtMs = view.nowMs - view.uptimeSeconds * 1_000;
  const lookBackMs = Math.max(view.hours, thresholds.recentRestartHours) * 3_600_000;
  const restarts = (view.log?.restarts ?? []).filter(
    (restart) => restart.startedAtMs >= view.nowMs - lookBackMs && restart.startedAtMs <= startedAtMs + toleranceMs,
  );
  const crashes = restarts.filter(isCrash);
  const last = crashes.at(-1);
  if (last) return [crashFinding(last, crashes.length, view, thresholds)];
  if (view.uptimeSeconds * 1_000 >= lookBackMs) return [];
  return [restartFinding(restarts.at(-1), startedAtMs, view)];
}

/** How the server came to be up, for a headline: "up 12 d", "up 4 min after a crash". */
export function uptimeInWords(view: RestartView, thresholds: Thresholds): string {
  const [finding] = judgeRestarts(view, thresholds);
  const up = `up ${durationInWords(view.uptimeSeconds)}`;
  if (finding?.code === 'incident.crash_restart') return `${up} after a crash`;
  return finding?.facts['previousEnd'] === 'shutdown' ? `${up} after an orderly restart` : up;
}

function isCrash(restart: Restart): boolean {
  return restart.recovered || restart.previousEnd === 'crash' || restart.previousEnd === 'killed';
}

function crashFinding(restart: Restart, count: number, view: RestartView, thresholds: Thresholds): FindingDraft {
  const { uptimeSeconds, nowMs } = view;
  const endedAtMs = restart.endedAtMs ?? restart.startedAtMs;
  const signal = restart.signal;
  const crashed = restart.previousEnd === 'crash';
  const how = crashed
    ? `crashed${signal === undefined ? '' : ` with signal ${signal}`}`
    : 'ended without a shutdown (killed, out of memory or power lost)';
  const downSeconds =
    restart.readyAtMs === undefined ? undefined : Math.max(0, (restart.readyAtMs - endedAtMs) / 1_000);
  const critical = uptimeSeconds < thresholds.crashCriticalSeconds || count >= thresholds.crashLoopCount;
  const again = count > 1 ? ` It happened ${count} times in the part of the log that was read.` : '';
  return {
    code: 'incident.crash_restart',
    severity: critical ? 'critical' : 'warning',
    subject: view.target,
    title: crashed ? 'The server crashed and came back' : 'The server was killed and came back',
    summary:
      `It ${how} at ${momentInWords(endedAtMs, nowMs)} and has been up for ${durationInWords(uptimeSeconds)}` +
      `${restart.recovered ? ', after crash recovery' : ''}.${again}`,
    confidence: 'certain',
    facts: {
      endedAt: new Date(endedAtMs).toISOString(),
      startedAt: new Date(restart.startedAtMs).toISOString(),
      uptimeSeconds,
      crashes: count,
      signal: signal ?? null,
      recovered: restart.recovered,
      previousEnd: restart.previousEnd ?? 'killed',
      ...(restart.crashedStatement ? { statement: shortStatement(restart.crashedStatement, 300) } : {}),
      ...(downSeconds === undefined ? {} : { downSeconds }),
    },
    evidence: view.evidence,
    impact: critical ? 90 : 40,
    thresholds: ['recentRestartHours', 'crashCriticalSeconds', 'crashLoopCount'],
    recommendations: crashed ? crashActions(view) : killActions(),
  };
}

function crashActions({ log }: RestartView): FindingDraft['recommendations'] {
  return [
    {
      action: `Keep the lines of ${log?.path ?? 'the error log'} from the signal on: they name the statement and the stack. Search them at jira.mariadb.org for a fixed release and upgrade to it`,
      risk: 'safe',
      rollback: 'nothing changes',
    },
    {
      action: 'Check the tables that were written at the time of the crash',
      sql: "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE ENGINE IN ('MyISAM','Aria') AND TABLE_SCHEMA NOT IN ('mysql','sys','information_schema','performance_schema');",
      risk: 'safe',
      rollback: 'it only reads; CHECK TABLE the ones it lists',
    },
  ];
}

function killActions(): FindingDraft['recommendations'] {
  return [
    {
      action:
        'Ask the host who ended it: journalctl -k --grep "Out of memory|oom-kill" and last -x shutdown reboot tell of the OOM killer and of lost power',
      risk: 'safe',
      rollback: 'nothing changes',
    },
  ];
}

function restartFinding(restart: Restart | undefined, startedAtMs: number, view: RestartView): FindingDraft {
  const orderly = restart?.previousEnd === 'shutdown';
  const why = orderly
    ? 'after an orderly shutdown'
    : view.log
      ? 'the error log does not tell how it ended before'
      : 'why is unknown without its error log';
  return {
    code: 'incident.recent_restart',
    severity: 'info',
    subject: view.target,
    title: `Up for ${durationInWords(view.uptimeSeconds)} only`,
    summary: `It started at ${momentInWords(startedAtMs, view.nowMs)}, ${why}. Caches are cold and counters are young.`,
    confidence: 'certain',
    facts: {
      startedAt: new Date(startedAtMs).toISOString(),
      uptimeSeconds: view.uptimeSeconds,
      previousEnd: restart?.previousEnd ?? 'unknown',
    },
    evidence: view.evidence,
    thresholds: ['recentRestartHours'],
    recommendations: [],
  };
}
