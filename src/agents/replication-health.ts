import { z } from 'zod';
import { judgeFilters, judgeSkippedErrors } from '../judgements/replication-gaps.ts';
import { type ApplierView, judgeLag } from '../judgements/replication-lag.ts';
import { channelSubject, judgeThreads } from '../judgements/replication-threads.ts';
import {
  distanceInWords,
  judgeReplicaWrites,
  judgeRetention,
  judgeSemiSync,
} from '../judgements/replication-topology.ts';
import { trendOfLag } from '../judgements/trends.ts';
import { applierTransactions } from '../probes/applier-transactions.ts';
import type { Collector } from '../probes/collector.ts';
import { localSessions } from '../probes/local-sessions.ts';
import { pastSamples, tooLittle, trendOf } from '../probes/past.ts';
import { dataOf, evidenceOf } from '../probes/probe.ts';
import { type ReplicaChannel, replicaStatus } from '../probes/replica-status.ts';
import { replicationThreads } from '../probes/replication-threads.ts';
import { semiSync } from '../probes/semi-sync.ts';
import { tablesInUse } from '../probes/tables-in-use.ts';
import type { FindingDraft } from '../report/finding.ts';
import { counted } from '../report/units.ts';
import { isOn, numericVariable } from '../targets/server-facts.ts';
import type { Target } from '../targets/target.ts';
import { defineAgent } from './agent.ts';
import { name } from './parameters.ts';

export const replicationHealth = defineAgent({
  name: 'replication_health',
  tool: 'check_replication_health',
  title: 'Replication',
  description: 'Replication threads, errors, lag and its cause, GTID positions and retention.',
  useCases: ['Is replication healthy', 'Why is the replica lagging'],
  checks: [
    'every channel, named ones too, on the replicas themselves: threads, errors, refused logins',
    'lag beyond an intended delay, and its cause: a table without a key, a local lock, one large transaction, a single applier thread',
    'GTID positions: diverged histories, writes on the replica, distance per domain',
    'with a history: lag over the last day, as a chart',
    'semi-synchronous replication that timed out; binary log retention against lag; writable replicas',
    'an applier that steps over errors (slave_skip_errors, slave_exec_mode), and filters',
  ],
  routing: [
    'replicat(ion|ing|es|ed)',
    '\\breplicas?\\b',
    '\\bslaves?\\b',
    '(?<!purge )\\blag(ging|s|ged)?\\b',
    'gtid',
    '\\bbehind\\b(?! (something|an?|it|each|one|that|the (lock|alter|blocker|same|transaction))\\b)',
    'semi-?sync',
    'in sync\\b',
    'out of sync',
    'failover|switchover',
    'binlog (position|dump)',
    'relay ?log',
    '(io|sql) thread',
    'errant',
    'data drift|galera|wsrep',
    'replikat',
    'réplicat|réplica',
    'replicaci',
    '1062|1032|1236',
    'last_(sql|io)_err|seconds_behind|(write|update|delete)_rows|slave_',
    'semi[- ]sync',
    '\\bdr (site|copy|server)\\b',
    'catch(es|ing)? up|caught up',
    '(io|sql)[_ ]thread',
    '\\bpromote\\b',
    '\\bread[-_ ]only\\b(?! (account|user|access))',
    '\\bhow (late|stale|far behind)\\b|\\b(seconds?|minutes?|hours?) behind\\b',
    '(?<!lock )(?<!locks )(?<!threads )\\b(take|taking|takes) over\\b(?! (\\d|a |an |one |half ))|\\btakeover\\b',
    'retard|atras|hinterher|replicac',
    '(?<!purge .{0,12})keep(s|ing)? up\\b|can.?t keep up with',
    'fail over|switch over|\\bstandby\\b|\\bprimary\\b.{0,20}\\b(differ|position|ahead)',
    'ha_err_key_not_found|got fatal error',
    'how (fresh|current|stale|old) (is|are) .{0,12}data',
    '\\bdelay(ed|s)?\\b',
    'replikation|replicaci|replicaca|nachhink|hinterher|\\bverzoger|en retard|retras(o|ada|ado)|\\batras(o|ad)|\\besclav[eo]s?\\b|\\bstandbys?\\b|\\bsecondar(y|ies)\\b',
    '\\bapplier\\b|\\bpromot(e|ing|ion)\\b|primary and (the )?(replica|standby)',
    'binlog events?|duplicate (entry|key) .{0,15}(replica|slave)',
  ],
  parameters: z.object({ channel: name().optional() }),
  instead: 'incident_triage',
  includesReplicas: true,
  async collect(collector, { channel }, target) {
    const [status, threads, sync, past] = await Promise.all([
      collector.read(replicaStatus, undefined, { essential: true }),
      collector.read(replicationThreads, undefined, { essential: true }),
      collector.read(semiSync, undefined, { optional: true }),
      collector.read(pastSamples, trendOf('lag'), { optional: true }),
    ]);
    const channels = dataOf(status, []).filter(
      ({ Connection_name }) => channel === undefined || Connection_name === channel,
    );
    const late = channels.some(
      (one) => one.Slave_SQL_Running === 'Yes' && (one.Seconds_Behind_Master ?? 0) > one.SQL_Delay,
    );
    const deeper = late ? await lookDeeper(collector) : undefined;
    const primary =
      channels.length > 0 && target.primary !== undefined ? await collector.peer(target.primary) : undefined;
    return {
      status,
      threads,
      sync,
      past,
      channels,
      deeper,
      primary: primary?.facts,
      facts: collector.facts,
      target,
      remembers: collector.remembers,
    };
  },
  notApplicable: ({ status, threads, target, facts }) => {
    const here = dataOf(status, []).length + dataOf(threads, []).length + target.replicas.length;
    const known = status.status === 'read' && threads.status === 'read';
    if (!known || here > 0 || target.primary !== undefined) return undefined;
    return isOn(facts, 'wsrep_on')
      ? 'a node of a Galera cluster, whose state is not judged; no other replication'
      : 'no replica and no replication threads';
  },
  diagnose(seen, { target, thresholds, nowMs }) {
    const { status, threads, sync, past, channels, deeper, primary, facts } = seen;
    const context = {
      target: target.name,
      evidence: evidenceOf(status, threads, ...(deeper ? [deeper.transactions, deeper.tables, deeper.sessions] : [])),
    };
    const view: ApplierView = {
      threads: dataOf(threads, []),
      transactions: deeper ? dataOf(deeper.transactions, []) : [],
      tables: deeper ? dataOf(deeper.tables, []) : [],
      sessions: deeper ? dataOf(deeper.sessions, []) : [],
      parallelThreads: numericVariable(facts, 'slave_parallel_threads') ?? 0,
    };
    const findings: FindingDraft[] = channels.flatMap((channel) => [
      ...judgeThreads(channel, context),
      ...judgeLag(channel, view, thresholds, context),
      ...judgeFilters(channel, context),
      ...(past.status === 'read'
        ? trendOfLag(
            { target: target.name, samples: past.data, nowMs, evidence: evidenceOf(past) },
            channel.Connection_name,
            channelSubject(target.name, channel),
          )
        : []),
      ...(primary
        ? judgeRetention(
            primary,
            { secondsBehind: channel.Seconds_Behind_Master, delaySeconds: channel.SQL_Delay },
            thresholds,
            context,
          )
        : []),
    ]);
    if (channels.length > 0)
      findings.push(...judgeReplicaWrites(facts, primary, context), ...judgeSkippedErrors(facts, context));
    if (status.status === 'read' && channels.length === 0 && target.primary !== undefined)
      findings.push(notAReplica(target, context.evidence));
    const counters = new Map(dataOf(sync, []).map(({ Variable_name, Value }) => [Variable_name, Value]));
    if (isOn(facts, 'rpl_semi_sync_master_enabled')) {
      findings.push(...judgeSemiSync(counters, { target: target.name, evidence: evidenceOf(sync) }));
    }
    const dumps = dataOf(threads, []).filter(({ command }) => command === 'Binlog Dump').length;
    const distance = primary ? distanceInWords(primary, facts) : '';
    return {
      findings,
      headline: [
        ...channels.map((channel) => inWords(target.name, channel)),
        ...(dumps > 0 ? [`${counted(dumps, 'replica')} connected`] : []),
        distance,
        ...(channels.length > 0 ? tooLittle(past, seen) : []),
      ]
        .filter(Boolean)
        .join('; '),
    };
  },
});

/** What explains lag is read only where there is lag. */
async function lookDeeper(collector: Collector) {
  const [transactions, tables, sessions] = await Promise.all([
    collector.read(applierTransactions),
    collector.read(tablesInUse),
    collector.read(localSessions),
  ]);
  return { transactions, tables, sessions };
}

function inWords(target: string, channel: ReplicaChannel): string {
  const behind = channel.Seconds_Behind_Master === null ? 'lag unknown' : `${channel.Seconds_Behind_Master} s behind`;
  const delay = channel.SQL_Delay > 0 ? ` of ${channel.SQL_Delay} s intended` : '';
  return `${channelSubject(target, channel)}: IO ${channel.Slave_IO_Running}, SQL ${channel.Slave_SQL_Running}, ${behind}${delay}`;
}

/** The configuration calls it a replica, the server does not know of any primary. */
function notAReplica(target: Target, evidence: readonly string[]): FindingDraft {
  return {
    code: 'repl.stopped',
    severity: 'critical',
    subject: target.name,
    title: 'Not a replica any more',
    summary: `The configuration lists ${target.name} as a replica of ${target.primary}, but it has no replication channel.`,
    confidence: 'certain',
    facts: { channels: 0, primary: target.primary ?? null },
    evidence,
    impact: 100,
    recommendations: [
      {
        action:
          'Find out whether it was promoted or reset; then set it up again with CHANGE MASTER, or correct the configuration',
        risk: 'safe',
        rollback: 'nothing changes',
      },
    ],
  };
}
