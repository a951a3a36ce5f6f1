import type { Thresholds } from '../agents/thresholds.ts';
import type { FindingDraft } from '../report/finding.ts';
import { counted } from '../report/units.ts';
import { isOn, numericVariable, type ServerFacts } from '../targets/server-facts.ts';
import { errantWrites, gtidDistance } from './gtid.ts';

export interface TopologyContext {
  readonly target: string;
  readonly evidence: readonly string[];
}

/** A replica that takes or took writes of its own. */
export function judgeReplicaWrites(
  facts: ServerFacts,
  primary: ServerFacts | undefined,
  context: TopologyContext,
): FindingDraft[] {
  const findings: FindingDraft[] = [];
  const common = { subject: context.target, evidence: context.evidence } as const;
  const errant = errantWrites(
    {
      serverId: numericVariable(facts, 'server_id') ?? 0,
      binlogState: facts.variables['gtid_binlog_state'] ?? '',
      slavePosition: facts.variables['gtid_slave_pos'] ?? '',
    },
    primary?.variables['gtid_binlog_state'],
  );
  if (errant.length > 0) {
    const list = errant.map(({ domain, serverId, sequence }) => `${domain}-${serverId}-${sequence}`).join(', ');
    findings.push({
      ...common,
      code: 'repl.errant_writes',
      severity: 'warning',
      title: 'Written on the replica, unknown to the primary',
      summary: `The binary log of ${context.target} has transactions of its own up to ${list}${primary ? ' that the primary lacks' : ''}; after a failover they would be wrong or in the way.`,
      confidence: primary ? 'certain' : 'likely',
      facts: { errantGtids: list, serverId: numericVariable(facts, 'server_id') ?? null },
      impact: errant.length,
      recommendations: [
        {
          action:
            'Read them with mariadb-binlog on the replica, decide whether they belong on the primary, and keep the replica read-only',
          sql: 'SET GLOBAL read_only = ON;',
          risk: 'disruptive',
          rollback: 'SET GLOBAL read_only = OFF;',
        },
      ],
    });
  }
  if (!isOn(facts, 'read_only')) {
    findings.push({
      ...common,
      code: 'repl.replica_writable',
      severity: 'info',
      title: 'The replica accepts writes',
      summary: `read_only is ${facts.variables['read_only'] ?? 'unknown'} on ${context.target}; anybody with a write privilege can make it differ from its primary.`,
      confidence: 'certain',
      facts: { readOnly: facts.variables['read_only'] ?? null },
      recommendations: [
        {
          action: 'Make it read-only',
          sql: 'SET GLOBAL read_only = ON;',
          risk: 'disruptive',
          rollback: 'SET GLOBAL read_only = OFF;',
        },
      ],
    });
  }
  return findings;
}

/** Semi-synchronous replication that the primary has given up on: commits no longer wait for a replica. */
export function judgeSemiSync(status: ReadonlyMap<string, string>, context: TopologyContext): FindingDraft[] {
  if (status.get('Rpl_semi_sync_master_status') !== 'OFF') return [];
  const clients = Number(status.get('Rpl_semi_sync_master_clients') ?? 0);
  const timeouts = Number(status.get('Rpl_semi_sync_master_no_times') ?? 0);
  return [
    {
      code: 'repl.semisync_off',
      severity: 'warning',
      subject: context.target,
      title: 'Semi-synchronous replication is enabled but off',
      summary: `The primary stopped waiting for replicas ${timeouts} times since start and is asynchronous now; ${clients} semi-synchronous replicas are connected. A failover now can lose commits.`,
      confidence: 'certain',
      facts: {
        semiSyncReplicas: clients,
        timeoutsSinceStart: timeouts,
        unacknowledgedCommits: Number(status.get('Rpl_semi_sync_master_no_tx') ?? 0),
      },
      evidence: context.evidence,
      recommendations: [
        {
          action:
            clients === 0
              ? 'Start replication on a replica with rpl_semi_sync_slave_enabled = ON; the primary switches back by itself'
              : 'Find out why acknowledgements are late (network, replica disk); the primary switches back when a replica has caught up',
          risk: 'safe',
          rollback: 'nothing changes',
        },
      ],
    },
  ];
}

/** Binary logs that the primary may remove before this replica has read them. */
export function judgeRetention(
  primary: ServerFacts,
  lag: { readonly secondsBehind: number | null; readonly delaySeconds: number },
  thresholds: Thresholds,
  context: TopologyContext,
): FindingDraft[] {
  const expiry =
    numericVariable(primary, 'binlog_expire_logs_seconds') ??
    (numericVariable(primary, 'expire_logs_days') ?? 0) * 86_400;
  if (expiry <= 0) return [];
  const needed = Math.max(lag.secondsBehind ?? 0, lag.delaySeconds);
  const percent = Math.round((100 * needed) / expiry);
  if (percent < thresholds.replicationRetentionPercent) return [];
  return [
    {
      code: 'repl.retention_risk',
      severity: percent >= 100 ? 'critical' : 'warning',
      subject: context.target,
      title: 'The primary may remove binary logs before they are applied',
      summary: `The replica is ${needed} s behind and the primary keeps binary logs for ${expiry} s (${percent} %).`,
      confidence: 'certain',
      facts: { neededSeconds: needed, retentionSeconds: expiry, usedPercent: percent },
      evidence: context.evidence,
      thresholds: ['replicationRetentionPercent'],
      recommendations: [
        {
          action: 'Keep binary logs longer on the primary until the replica has caught up; mind the disk',
          sql: `SET GLOBAL binlog_expire_logs_seconds = ${expiry * 2};`,
          risk: 'safe',
          rollback: `SET GLOBAL binlog_expire_logs_seconds = ${expiry};`,
        },
      ],
    },
  ];
}

/** How many transactions the replica lacks, in words; empty where it has all. */
export function distanceInWords(primary: ServerFacts, replica: ServerFacts): string {
  const distance = gtidDistance(primary.variables['gtid_binlog_pos'] ?? '', replica.variables['gtid_slave_pos'] ?? '');
  return distance
    .map(({ domain, missing }) => `${counted(missing, 'transaction')} behind in domain ${domain}`)
    .join(', ');
}
