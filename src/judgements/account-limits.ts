import { deltaOf, round } from '../probes/counters.ts';
import type { FindingDraft } from '../report/finding.ts';
import { accountFor } from './account-host.ts';
import type { AccountLimit, ConnectionView } from './connection-view.ts';

/** Sessions of one account, wherever its clients are. */
interface LimitedUse {
  readonly account: string;
  readonly most: number;
  readonly sessions: number;
  readonly own: AccountLimit | undefined;
}

function limitedUses({ accounts, limits, maxUserConnections }: ConnectionView): LimitedUse[] {
  const uses = new Map<string, LimitedUse>();
  for (const { user, client, sessions } of accounts) {
    const found = accountFor(
      limits.filter((limit) => limit.user === user),
      client,
    );
    const own = found && found.max_user_connections > 0 ? found : undefined;
    const host = own ? own.host : client;
    const account = `${user}@${host === '%' ? client : host}`;
    const before = uses.get(account)?.sessions ?? 0;
    uses.set(account, {
      account,
      most: own?.max_user_connections ?? maxUserConnections,
      sessions: before + sessions,
      own,
    });
  }
  return [...uses.values()].filter(({ most }) => most > 0);
}

/**
 * Accounts that have used up a limit of their own while the server has room. A small limit is often meant to be used
 * up, so that a job runs once: it is reported only while connects fail.
 */
export function judgeAccountLimits(view: ConnectionView): FindingDraft[] {
  const failing =
    (deltaOf(view.counters, 'Aborted_connects') ?? 0) - (deltaOf(view.counters, 'Access_denied_errors') ?? 0) > 0;
  return limitedUses(view).flatMap(({ account, most, sessions, own }): FindingDraft[] => {
    const usedPercent = round((100 * sessions) / most);
    if (usedPercent < view.thresholds.connectionsNearLimitPercent) return [];
    if (most < view.thresholds.smallAccountLimit && !failing) return [];
    const full = sessions >= most;
    const exhausted = full && failing;
    return [
      {
        code: exhausted ? 'conn.exhausted' : 'conn.near_limit',
        severity: exhausted ? 'critical' : 'warning',
        subject: account,
        title: full
          ? `Account ${account} has used up its own connections`
          : `Account ${account} is near its own limit of connections`,
        summary: `${account} holds ${sessions} of the ${most} connections that MAX_USER_CONNECTIONS allows it (${usedPercent} %)${full ? '; the next login fails with error 1226' : ''}.`,
        confidence: 'certain',
        facts: { usedConnections: sessions, maxUserConnections: most, usedPercent, errno: 1226, connectsFail: failing },
        evidence: view.evidence,
        impact: usedPercent / 10,
        thresholds: ['connectionsNearLimitPercent', 'smallAccountLimit'],
        recommendations: own
          ? [
              {
                action: `Find out why ${account} needs more than before; or raise its limit`,
                sql: `ALTER USER '${own.user.replaceAll("'", "''")}'@'${own.host.replaceAll("'", "''")}' WITH MAX_USER_CONNECTIONS ${most * 2};`,
                risk: 'safe',
                rollback: `the same with MAX_USER_CONNECTIONS ${most}`,
              },
            ]
          : [
              {
                action: `Find out why ${account} needs more than before; or raise max_user_connections, which holds for every account without a limit of its own`,
                sql: `SET GLOBAL max_user_connections = ${most * 2};`,
                risk: 'safe',
                rollback: `SET GLOBAL max_user_connections = ${most};`,
              },
            ],
      },
    ];
  });
}
