import { deltaOf, gauge, perSecond, round } from '../probes/counters.ts';
import type { FindingDraft, Recommendation } from '../report/finding.ts';
import { judgeAborted } from './aborted-connections.ts';
import { judgeAccountLimits } from './account-limits.ts';
import type { ConnectionView } from './connection-view.ts';
import { judgeRefusals } from './refused-logins.ts';
import { inWords } from './statement.ts';

/** Everything about connections that one look and one window can tell. */
export function judgeConnections(view: ConnectionView): FindingDraft[] {
  return [
    ...judgeUse(view),
    ...judgeAccountLimits(view),
    ...judgeLeaks(view),
    ...judgeStorm(view),
    ...judgeRefusals(view),
    ...judgeAborted(view),
  ];
}

/** How near max_connections is, and whether anybody has been refused in the window. */
function judgeUse(view: ConnectionView): FindingDraft[] {
  const { counters, maxConnections, thresholds } = view;
  const used = gauge(counters, 'Threads_connected');
  if (used === undefined || maxConnections <= 0) return [];
  const usedPercent = round((100 * used) / maxConnections);
  const refusedNow = deltaOf(counters, 'Connection_errors_max_connections') ?? 0;
  const refusedEver = gauge(counters, 'Connection_errors_max_connections') ?? 0;
  const full = usedPercent >= thresholds.connectionsCriticalPercent;
  const facts = {
    usedConnections: used,
    maxConnections,
    usedPercent,
    refusedInWindow: refusedNow,
    refusedSinceStart: refusedEver,
    errno: 1040,
    windowSeconds: round(counters.windowSeconds),
    peakConnections: gauge(counters, 'Max_used_connections') ?? null,
  };
  const common = {
    subject: view.target,
    confidence: 'certain',
    facts,
    evidence: view.evidence,
    impact: usedPercent / 10,
  } as const;
  if (refusedNow > 0 || (full && refusedEver > 0)) {
    const when =
      refusedNow > 0
        ? `${refusedNow} were refused in ${facts.windowSeconds} s`
        : `${refusedEver} were refused since the server started`;
    return [
      {
        ...common,
        code: 'conn.exhausted',
        severity: 'critical',
        title: 'Connections exhausted: logins are refused',
        summary: `${used} of ${maxConnections} connections are in use (${usedPercent} %); ${when} with error 1040.`,
        thresholds: ['connectionsCriticalPercent'],
        recommendations: roomActions(view),
      },
    ];
  }
  if (usedPercent < thresholds.connectionsNearLimitPercent) return [];
  return [
    {
      ...common,
      code: 'conn.near_limit',
      severity: full ? 'critical' : 'warning',
      title: `Connections near their limit: ${used} of ${maxConnections}`,
      summary: `${used} of ${maxConnections} connections are in use (${usedPercent} %); ${maxConnections - used} are left.`,
      thresholds: ['connectionsNearLimitPercent', 'connectionsCriticalPercent'],
      table: tableOfUse(view),
      recommendations: roomActions(view),
    },
  ];
}

function roomActions({ accounts, maxConnections }: ConnectionView): Recommendation[] {
  const [top] = accounts;
  const who = top ? `${top.user}@${top.client} holds ${top.sessions}, ${top.sleeping} of them asleep. ` : '';
  return [
    {
      action: `${who}Reduce the pool of the application that holds most, or let idle sessions end sooner, for new connections`,
      sql: 'SET GLOBAL wait_timeout = 300;',
      risk: 'needs_staging',
      rollback: 'SET GLOBAL wait_timeout to its old value (28800 by default)',
    },
    {
      action: 'Make room for a moment; every connection needs memory for its buffers',
      sql: `SET GLOBAL max_connections = ${Math.ceil(maxConnections * 1.25)};`,
      risk: 'needs_staging',
      rollback: `SET GLOBAL max_connections = ${maxConnections};`,
    },
  ];
}

/** Use by account and client, most first. */
function tableOfUse({ accounts, target }: ConnectionView): NonNullable<FindingDraft['table']> {
  return {
    caption: `Sessions on ${target} by account and client`,
    columns: ['account', 'sessions', 'asleep', 'longest asleep'],
    rows: accounts
      .slice(0, 20)
      .map((one) => [`${one.user}@${one.client}`, one.sessions, one.sleeping, inWords(one.longest_sleep_seconds)]),
  };
}

/** Sessions that an application opened and forgot: many, most of an account's, asleep for long. */
function judgeLeaks(view: ConnectionView): FindingDraft[] {
  const { leakSessions, leakSharePercent, leakIdleSeconds } = view.thresholds;
  return view.accounts.flatMap((one) => {
    const sharePercent = round((100 * one.long_sleeping) / one.sessions);
    // A pool that sleeps as a whole is one that nobody needs right now; a leak leaves sessions behind and opens others.
    const used = one.sessions - one.long_sleeping;
    if (used === 0 || one.long_sleeping < leakSessions || sharePercent < leakSharePercent) return [];
    return [
      {
        code: 'conn.leak',
        severity: 'warning',
        subject: `${one.user}@${one.client}`,
        title: `${one.long_sleeping} of ${one.sessions} sessions have slept for more than ${leakIdleSeconds} s`,
        summary: `${one.user}@${one.client} holds ${one.sessions} sessions; ${one.long_sleeping} of them (${sharePercent} %) have slept for more than ${leakIdleSeconds} s, the longest for ${inWords(one.longest_sleep_seconds)}: opened and not given back.`,
        confidence: 'likely',
        facts: {
          sessions: one.sessions,
          longSleeping: one.long_sleeping,
          sharePercent,
          longestSleepSeconds: Math.round(one.longest_sleep_seconds),
        },
        evidence: view.evidence,
        impact: one.long_sleeping,
        thresholds: ['leakSessions', 'leakSharePercent', 'leakIdleSeconds'],
        recommendations: [
          {
            action: `List the sleeping sessions of ${one.user} and end those that the application has forgotten; in its code, close what it opens`,
            sql: `SELECT CONCAT('KILL ', id, ';') AS statement, time FROM information_schema.PROCESSLIST WHERE user = '${one.user.replaceAll("'", "''")}' AND command = 'Sleep' AND time >= ${leakIdleSeconds} ORDER BY time DESC;`,
            risk: 'safe',
            rollback: 'the list changes nothing; each KILL ends one session',
          },
        ],
      } satisfies FindingDraft,
    ];
  });
}

/** Connections opened at a rate that no pool has. */
function judgeStorm(view: ConnectionView): FindingDraft[] {
  const opened = perSecond(view.counters, 'Connections');
  const refused = perSecond(view.counters, 'Access_denied_errors') ?? 0;
  if (opened === undefined || opened - refused < view.thresholds.stormPerSecond) return [];
  return [
    {
      code: 'conn.storm',
      severity: 'warning',
      subject: view.target,
      title: `${round(opened)} new connections a second`,
      summary: `${round(opened)} connections a second were opened in a window of ${round(view.counters.windowSeconds)} s while ${gauge(view.counters, 'Threads_connected') ?? 0} are open: they are opened per query, not pooled.`,
      confidence: 'certain',
      facts: {
        openedPerSecond: round(opened),
        windowSeconds: round(view.counters.windowSeconds),
        openConnections: gauge(view.counters, 'Threads_connected') ?? null,
      },
      evidence: view.evidence,
      impact: opened / 100,
      thresholds: ['stormPerSecond'],
      table: tableOfUse(view),
      recommendations: [
        {
          action:
            'Give the application a pool, or make its pool keep connections; until then a thread cache softens it',
          sql: 'SET GLOBAL thread_cache_size = 100;',
          risk: 'safe',
          rollback: 'SET GLOBAL thread_cache_size to its old value',
        },
      ],
    },
  ];
}

/** How large the pools of all applications together may be, with the arithmetic; information. */
export function adviseOnPool(view: ConnectionView): FindingDraft[] {
  const used = gauge(view.counters, 'Threads_connected');
  const running = gauge(view.counters, 'Threads_running');
  const peak = gauge(view.counters, 'Max_used_connections');
  if (used === undefined || running === undefined || peak === undefined) return [];
  const usable = Math.floor(view.maxConnections * 0.8);
  return [
    {
      code: 'conn.pool_size',
      severity: 'info',
      subject: view.target,
      title: `All pools together: at most ${usable} connections`,
      summary: `max_connections is ${view.maxConnections}; 80 % of it, ${usable}, leaves room for administrators and bursts. Open now: ${used}, at work: ${running}, at most since the start: ${peak}. Divide ${usable} by the number of application processes.`,
      confidence: 'certain',
      facts: {
        maxConnections: view.maxConnections,
        usableConnections: usable,
        usableSharePercent: 80,
        usedConnections: used,
        runningThreads: running,
        peakConnections: peak,
      },
      evidence: view.evidence,
      table: tableOfUse(view),
      recommendations: [],
    },
  ];
}
