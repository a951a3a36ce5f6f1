import type { TargetUnreachableError } from '../errors.ts';
import type { FindingDraft } from '../report/finding.ts';
import type { CoverageGap } from '../report/report.ts';
import { describeAddress, type Target } from '../targets/target.ts';

/** What it means that a server did not let us in: it is full, it is not there, or our login is wrong (a gap, not a fault). */
export function judgeUnreachable(
  target: Target,
  error: TargetUnreachableError,
  evidenceId: string,
): { readonly finding?: FindingDraft; readonly gap?: Pick<CoverageGap, 'code' | 'summary' | 'fix'> } {
  if (error.code === 'access_denied') {
    return {
      gap: {
        code: 'coverage.access_denied',
        summary: error.message,
        fix: `check user and password of ${target.name} in the configuration, and from which hosts ${target.user} may log in`,
      },
    };
  }
  const common = { confidence: 'certain', evidence: [evidenceId], impact: 1_000 } as const;
  if (error.code === 'too_many_connections') {
    return {
      finding: {
        ...common,
        code: 'conn.exhausted',
        severity: 'critical',
        subject: target.name,
        title: 'Connections exhausted: new logins are refused',
        summary: `${target.name} refused our own login with error ${error.errno ?? 1040}; every connection is in use.`,
        facts: { errno: error.errno ?? 1040 },
        recommendations: [
          {
            action:
              'Log in as an account with CONNECTION ADMIN (one slot is kept for it, or use extra_port) and see who holds the sessions',
            sql: "SELECT user, SUBSTRING_INDEX(host, ':', 1) AS client, command, COUNT(*) AS sessions, MAX(time) AS oldest_seconds FROM information_schema.PROCESSLIST GROUP BY 1, 2, 3 ORDER BY sessions DESC",
            risk: 'safe',
            rollback: 'nothing changes',
          },
          {
            action: 'Make room for a moment while the cause is sought',
            sql: 'SET GLOBAL max_connections = @@max_connections + 50;',
            risk: 'needs_staging',
            rollback: 'SET GLOBAL max_connections to its old value; each connection needs memory',
          },
        ],
      },
    };
  }
  return {
    finding: {
      ...common,
      code: 'incident.unreachable',
      severity: 'critical',
      subject: target.name,
      title: reasonOf(target, error),
      summary: `${error.message}.`,
      facts: { address: describeAddress(target) },
      recommendations: [
        {
          action:
            'Check the mariadbd process and its error log on the host; promote a replica only when the primary is known to be down for good',
          risk: 'safe',
          rollback: 'nothing changes',
        },
      ],
    },
  };
}

/** "cannot be reached: connection refused (3 tries)", without the name, which stands beside it. */
function reasonOf(target: Target, { message }: TargetUnreachableError): string {
  const [, reason] = message.split(`${target.name} (${describeAddress(target)}) `);
  return reason === undefined ? 'The server cannot be reached' : `The server ${reason}`;
}
