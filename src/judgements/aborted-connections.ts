import type { AbortCause } from '../error-log/aborted.ts';
import { deltaOf, perSecond, round } from '../probes/counters.ts';
import type { FindingDraft } from '../report/finding.ts';
import type { ConnectionView } from './connection-view.ts';

const wording: Readonly<Record<AbortCause, { readonly what: string; readonly action: string }>> = {
  vanished: {
    what: 'clients vanish without closing',
    action: 'Find the processes that die, are killed or forget to close: the error log names user and host of each',
  },
  timeout: {
    what: 'the server gave up waiting for clients',
    action:
      'Idle connections outlive wait_timeout, or a firewall cuts them: let the pool test and renew its connections before that',
  },
  packet: {
    what: 'packets are larger than max_allowed_packet or out of order',
    action: 'Compare the largest statement or row with max_allowed_packet, on both the client and the server',
  },
  login: {
    what: 'connections end before they have logged in',
    action:
      'Look for port checks of load balancers and monitoring without a login, and for clients without TLS or with another protocol',
  },
  other: { what: 'for other reasons', action: 'The error log names user and host of each (log_warnings ≥ 2)' },
};

/** Connections that end without a goodbye, or that never came to be, at a rate that is no accident; by cause where the log tells. */
export function judgeAborted(view: ConnectionView): FindingDraft[] {
  const clients = perSecond(view.counters, 'Aborted_clients') ?? 0;
  const connects =
    (perSecond(view.counters, 'Aborted_connects') ?? 0) - (perSecond(view.counters, 'Access_denied_errors') ?? 0);
  const perSec = clients + Math.max(0, connects);
  if (perSec < view.thresholds.abortedPerSecond) return [];
  const causes = view.aborts ?? [];
  const main = causes[0]?.cause ?? (clients >= connects ? 'vanished' : 'login');
  const told = causes.map(({ cause, count }) => `${wording[cause].what}: ${count}`).join('; ');
  return [
    {
      code: 'conn.aborted',
      severity: 'warning',
      subject: view.target,
      title: `${round(perSec)} connections a second are aborted: ${wording[main].what}`,
      summary: `In ${round(view.counters.windowSeconds)} s, ${deltaOf(view.counters, 'Aborted_clients') ?? 0} connected clients were lost and ${deltaOf(view.counters, 'Aborted_connects') ?? 0} connects failed.${told === '' ? '' : ` In the error log, last hour: ${told}.`}`,
      confidence: 'certain',
      facts: {
        abortedPerSecond: round(perSec),
        abortedClients: deltaOf(view.counters, 'Aborted_clients') ?? 0,
        abortedConnects: deltaOf(view.counters, 'Aborted_connects') ?? 0,
        windowSeconds: round(view.counters.windowSeconds),
        cause: main,
        ...Object.fromEntries(causes.map(({ cause, count }) => [`${cause}Logged`, count])),
      },
      evidence: view.evidence,
      impact: perSec,
      thresholds: ['abortedPerSecond'],
      recommendations: [{ action: wording[main].action, risk: 'safe', rollback: 'nothing changes on the server' }],
    },
  ];
}
