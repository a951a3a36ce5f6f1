import type { ReplicaChannel } from '../probes/replica-status.ts';
import type { FindingDraft } from '../report/finding.ts';
import {
  applierErrorInWords,
  channelSql,
  failedEvent,
  quotedName,
  receiverErrorInWords,
} from './replication-errors.ts';

/** What a replication judgement is about. */
export interface ChannelContext {
  readonly target: string;
  readonly evidence: readonly string[];
}

/** Errors by which a primary refuses the replica's login (1045, 1698), its host (1130) or its rights (1142, 1227, 1044). */
const loginErrnos: ReadonlySet<number> = new Set([1044, 1045, 1130, 1142, 1227, 1698, 1862, 4151]);

/** `orders-replica-1`, or `orders-replica-1/billing` for a named channel. */
export function channelSubject(target: string, channel: Pick<ReplicaChannel, 'Connection_name'>): string {
  return channel.Connection_name === '' ? target : `${target}/${channel.Connection_name}`;
}

/** Threads that are not running, each with the reason that the server gives; critical, because the replica falls behind without a limit. */
export function judgeThreads(channel: ReplicaChannel, context: ChannelContext): FindingDraft[] {
  const common = {
    severity: 'critical',
    subject: channelSubject(context.target, channel),
    confidence: 'certain',
    evidence: context.evidence,
    impact: 100,
  } as const;
  const facts = {
    ioThread: channel.Slave_IO_Running,
    sqlThread: channel.Slave_SQL_Running,
    secondsBehind: channel.Seconds_Behind_Master,
    primary: `${channel.Master_Host}:${channel.Master_Port}`,
    gtidSlavePosition: channel.Gtid_Slave_Pos,
  };
  const findings: FindingDraft[] = [];
  const ioBroken = channel.Slave_IO_Running !== 'Yes' && channel.Last_IO_Errno !== 0;
  const sqlBroken = channel.Slave_SQL_Running !== 'Yes' && channel.Last_SQL_Errno !== 0;
  if (ioBroken)
    findings.push({ ...common, ...receiverFinding(channel), facts: { ...facts, errno: channel.Last_IO_Errno } });
  if (sqlBroken) {
    findings.push({
      ...common,
      code: 'repl.sql_error',
      title: `The applier stopped with error ${channel.Last_SQL_Errno}`,
      ...applierErrorInWords(channel),
      facts: { ...facts, errno: channel.Last_SQL_Errno, ...failedEvent(channel) },
    });
  }
  const connects = /^(connecting|preparing)$/i.test(channel.Slave_IO_Running) && !ioBroken;
  if (connects) findings.push({ ...common, ...connecting(channel), facts: { ...facts, errno: 0 } });
  const stopped = [
    ...(channel.Slave_IO_Running !== 'Yes' && !ioBroken && !connects ? ['receiver (IO thread)'] : []),
    ...(channel.Slave_SQL_Running !== 'Yes' && !sqlBroken ? ['applier (SQL thread)'] : []),
  ];
  if (stopped.length > 0 && findings.length === 0) {
    const until = !/^(none)?$/i.test(channel.Until_Condition);
    findings.push({
      ...common,
      code: 'repl.stopped',
      title: `Replication is stopped: ${stopped.join(' and ')}`,
      summary: `No error is recorded (IO thread: ${channel.Slave_IO_Running}, SQL thread: ${channel.Slave_SQL_Running}): ${until ? `it was started UNTIL a position (${channel.Until_Condition}) and stops by itself where that is reached` : 'somebody stopped it, or it was never started'}.`,
      facts: { ...facts, ...(until ? { untilCondition: channel.Until_Condition } : {}) },
      recommendations: [
        {
          action: until
            ? 'Find out who wanted it to stop there (a repair step by step, a restore to a point in time), then let it go on'
            : 'Find out why it was stopped (maintenance, backup), then start it',
          sql: channelSql('START SLAVE', channel),
          risk: 'safe',
          rollback: channelSql('STOP SLAVE', channel),
        },
      ],
    });
  }
  return findings;
}

/** No error yet: the server writes one when an attempt fails, which takes up to a minute where packets are dropped. */
function connecting(channel: ReplicaChannel): Worded {
  const primary = `${channel.Master_Host}:${channel.Master_Port}`;
  return {
    code: 'repl.io_error',
    title: 'The receiver is still connecting to the primary',
    summary: `The receiver has no connection to ${primary} and no error yet (${channel.Slave_IO_State || channel.Slave_IO_Running}); nothing arrives, lag is unknown. Where that lasts, packets are dropped on the way.`,
    recommendations: [
      {
        action: `Look again in a minute; then check that ${primary} can be reached from this host (name, route, firewall)`,
        risk: 'safe',
        rollback: 'nothing changes',
      },
    ],
  };
}

type Worded = Pick<FindingDraft, 'code' | 'title' | 'summary' | 'recommendations'>;

function receiverFinding(channel: ReplicaChannel): Worded {
  const errno = channel.Last_IO_Errno;
  const primary = `${channel.Master_Host}:${channel.Master_Port}`;
  if (loginErrnos.has(errno)) {
    return {
      code: 'repl.io_auth',
      title: `The primary refuses the replica's login (error ${errno})`,
      summary: `The receiver cannot log in at ${primary}: error ${errno}. Nothing arrives; lag is unknown, not zero.`,
      recommendations: [
        {
          action: `Check at the primary, ${primary}, that the replication account exists for this host, is not locked, has REPLICATION SLAVE and the password that the replica uses; set the password again on the primary, or with CHANGE MASTER on the replica`,
          sql: `${channelSql('STOP SLAVE', channel)} CHANGE MASTER ${quotedName(channel)}TO MASTER_PASSWORD = '…'; ${channelSql('START SLAVE', channel)}`,
          risk: 'safe',
          rollback: 'the old password again; the position is kept',
        },
      ],
    };
  }
  if (errno === 1236 && !/purged|could not find.*log|has purged/i.test(channel.Last_IO_Error)) {
    return {
      code: 'repl.gtid_diverged',
      title: 'The replica asks for a position that the primary does not have (error 1236)',
      summary: `The primary refuses the GTID position of this replica (Using_Gtid ${channel.Using_Gtid || 'No'}, position ${channel.Gtid_Slave_Pos || 'empty'}): histories differ, usually because something was written on the replica.`,
      recommendations: [
        {
          action:
            "Compare gtid_binlog_state of both servers, find what the replica has that the primary lacks (mariadb-binlog), and decide by hand; where the replica's own writes are worthless, rebuild it from a backup of the primary",
          sql: 'SELECT @@gtid_slave_pos, @@gtid_binlog_pos, @@gtid_binlog_state;',
          risk: 'safe',
          rollback: 'nothing changes',
        },
        {
          action:
            'Only when the extra transactions are known to be harmless: replicate from the applied position again',
          sql: `${channelSql('STOP SLAVE', channel)} CHANGE MASTER ${quotedName(channel)}TO MASTER_USE_GTID = slave_pos; ${channelSql('START SLAVE', channel)}`,
          risk: 'destructive',
          rollback: 'none: rows that differ stay different until the replica is rebuilt',
        },
      ],
    };
  }
  return { code: 'repl.io_error', ...receiverErrorInWords(channel) };
}
