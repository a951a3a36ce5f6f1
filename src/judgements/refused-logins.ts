import type { RefusedAccount } from '../error-log/refused-login.ts';
import { deltaOf, gauge, round } from '../probes/counters.ts';
import type { FindingDraft } from '../report/finding.ts';
import type { ConnectionView } from './connection-view.ts';

/** Logins that are refused: seen in the window, or many in the last hour of the error log. */
export function judgeRefusals(view: ConnectionView): FindingDraft[] {
  const inWindow = deltaOf(view.counters, 'Access_denied_errors') ?? 0;
  const logged = (view.refused ?? []).reduce((sum, { count }) => sum + count, 0);
  const sinceStart = gauge(view.counters, 'Access_denied_errors') ?? 0;
  // Without the log only a server that started lately tells of the last hour.
  const lately = view.refused ? logged : view.counters.uptimeSeconds <= 3_600 ? sinceStart : inWindow;
  if (lately < view.thresholds.refusedLogins) return [];
  const [top, ...others] = view.refused ?? [];
  const account = top?.account;
  return [
    {
      code: 'conn.auth_failures',
      severity: 'warning',
      subject: account ?? view.target,
      title: `${lately} logins refused in the last hour`,
      summary: `${lately} logins were refused in the last hour, ${inWindow} of them in the last ${round(view.counters.windowSeconds)} s${top ? `; ${top.count} of them as ${top.account}` : ''}${others.length > 0 ? ` and ${logged - (top?.count ?? 0)} as other accounts` : ''}: a job with an old password, or somebody who tries.`,
      confidence: account ? 'certain' : 'likely',
      facts: {
        refusedLastHour: lately,
        refusedInWindow: inWindow,
        refusedSinceStart: sinceStart,
        ...(top ? { refusedAsAccount: top.count, refusedAsOthers: logged - top.count } : {}),
        windowSeconds: round(view.counters.windowSeconds),
      },
      evidence: view.evidence,
      impact: lately / 100,
      thresholds: ['refusedLogins'],
      ...(view.refused && view.refused.length > 0 ? { table: tableOfRefused(view.refused) } : {}),
      recommendations: [
        {
          action: `Find the client${account ? ` that logs in as ${account}` : ''} in the error log and correct its password; where nobody knows it, block its host`,
          risk: 'safe',
          rollback: 'nothing changes on the server',
        },
      ],
    },
  ];
}

function tableOfRefused(refused: readonly RefusedAccount[]): NonNullable<FindingDraft['table']> {
  return {
    caption: 'Logins refused in the last hour',
    columns: ['account', 'refused', 'last (UTC)'],
    rows: refused.map(({ account, count, lastAtMs }) => [
      account,
      count,
      lastAtMs === undefined ? 'unknown' : new Date(lastAtMs).toISOString().slice(11, 19),
    ]),
  };
}
