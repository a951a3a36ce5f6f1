import type { RefusedAccount } from '../error-log/refused-login.ts';
import { deltaOf, gauge, round } from '../probes/counters.ts';
import type { FindingDraft, Recommendation } from '../report/finding.ts';
import { counted } from '../report/units.ts';
import type { ConnectionView } from './connection-view.ts';

/** Logins that are refused: seen in the window, or many in the last hour of the error log. */
export function judgeRefusals(view: ConnectionView): FindingDraft[] {
  const inWindow = deltaOf(view.counters, 'Access_denied_errors') ?? 0;
  const logged = (view.refused ?? []).reduce((sum, { count }) => sum + count, 0);
  const sinceStart = gauge(view.counters, 'Access_denied_errors') ?? 0;
  // Without the log only a server that started lately tells of the last hour.
  const lately = view.refused ? logged : view.counters.uptimeSeconds <= 3_600 ? sinceStart : inWindow;
  const [top, ...others] = view.refused ?? [];
  const isMany = lately >= view.thresholds.refusedLogins;
  // Whoever asks why one account cannot log in wants the few, too; they alarm nobody.
  if (!isMany && !top) return [];
  const account = top?.account;
  const limit = view.maxPasswordErrors ?? Number.POSITIVE_INFINITY;
  // A login that succeeds between them counts anew, and the log does not show it.
  const isBlocked = top !== undefined && limit > 0 && top.count >= limit;
  return [
    {
      code: 'conn.auth_failures',
      severity: isMany || isBlocked ? 'warning' : 'info',
      subject: account ?? view.target,
      title: `${counted(lately, 'login')} refused in the last hour`,
      summary: `${counted(lately, 'login')} ${lately === 1 ? 'was' : 'were'} refused in the last hour, ${inWindow} of them in the last ${round(view.counters.windowSeconds)} s${top ? `; ${top.count} of them as ${top.account}` : ''}${others.length > 0 ? ` and ${logged - (top?.count ?? 0)} as other accounts` : ''}: ${isMany ? 'a job with an old password, or somebody who tries' : 'a wrong password, or an account that does not exist for this host'}.${isBlocked ? ` max_password_errors is ${limit}: ${top.account} is most likely blocked by now, and refused with the right password too (error 4150).` : ''}`,
      confidence: account ? 'certain' : 'likely',
      facts: {
        refusedLastHour: lately,
        refusedInWindow: inWindow,
        refusedSinceStart: sinceStart,
        ...(top ? { refusedAsAccount: top.count, refusedAsOthers: logged - top.count } : {}),
        windowSeconds: round(view.counters.windowSeconds),
        ...(isBlocked ? { maxPasswordErrors: limit, errno: 4150 } : {}),
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
        ...(isBlocked ? [unblock] : []),
      ],
    },
  ];
}

const unblock: Recommendation = {
  action: 'Once the client has the right password, let the blocked account log in again',
  sql: 'FLUSH PRIVILEGES;',
  risk: 'safe',
  rollback: 'nothing to take back: wrong passwords are counted anew',
};

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
