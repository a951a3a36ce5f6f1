import type { ReplicaChannel } from '../probes/replica-status.ts';
import type { Facts, FindingDraft, Recommendation } from '../report/finding.ts';

type Worded = Pick<FindingDraft, 'title' | 'summary' | 'recommendations'>;

/** Statements about a channel name it, where it has a name: `STOP SLAVE 'billing';`. */
export function channelSql(statement: 'START SLAVE' | 'STOP SLAVE', channel: ReplicaChannel): string {
  return `${[statement, quotedName(channel)].join(' ').trim()};`;
}

/** The name for CHANGE MASTER, with a space behind; nothing for the unnamed channel. */
export function quotedName(channel: ReplicaChannel): string {
  return channel.Connection_name === '' ? '' : `'${channel.Connection_name.replaceAll("'", "''")}' `;
}

/** Table and place of the event that the applier stopped at, as far as its message tells: `shop.orders`, `binlog.000012`. */
export function failedEvent({ Last_SQL_Error: message }: ReplicaChannel): Facts {
  const [, rowTable] = /\bevent on table ([\w$-]{1,64}\.[\w$-]{1,64})[;,\s]/.exec(message) ?? [];
  const [, missing] = /\bTable '([\w$-]{1,64}\.[\w$-]{1,64})' doesn't exist/.exec(message) ?? [];
  const [, file] = /\bmaster log ([\w.-]{1,200}\.\d{1,10}),/.exec(message) ?? [];
  const [, position] = /\bend_log_pos (\d{1,20})\b/.exec(message) ?? [];
  const table = rowTable ?? missing;
  return {
    ...(table ? { table } : {}),
    ...(file ? { primaryBinlog: file } : {}),
    ...(file && position ? { primaryBinlogPosition: Number(position) } : {}),
  };
}

/** What stopped the applier, and what mends that error rather than another. */
export function applierErrorInWords(channel: ReplicaChannel): Omit<Worded, 'title'> {
  const errno = channel.Last_SQL_Errno;
  const { table, primaryBinlog, primaryBinlogPosition } = failedEvent(channel);
  const place = primaryBinlog ? ` of ${primaryBinlog}, ending at ${primaryBinlogPosition}` : '';
  const where = table ? ` It is about ${table}${place ? `, event${place}` : ''}.` : '';
  return {
    summary: `${meaningOf(errno)}${where} The applier stopped with error ${errno}; lag is unknown until it runs again.`,
    recommendations: applierActions(channel, table === undefined ? undefined : String(table)),
  };
}

function meaningOf(errno: number): string {
  if (errno === 1062)
    return 'A row that comes from the primary is already here (duplicate key): something was written on this replica.';
  if (errno === 1032)
    return 'A row that the primary changed or removed is not here: this replica differs from its primary.';
  if (lockErrnos.has(errno)) return 'The applier gave up after waiting for locks of local sessions.';
  if (missingErrnos.has(errno)) return 'A table or schema that the primary uses does not exist here.';
  if (definitionErrnos.has(errno)) return 'A table is defined here in another way than on the primary.';
  if (existingErrnos.has(errno)) return 'What the primary creates or drops is already there, or gone, on this replica.';
  if (relayErrnos.has(errno)) return 'The relay log cannot be read: it is damaged, or events in it were cut off.';
  if (spaceErrnos.has(errno)) return 'The replica has no room to write the change.';
  return 'An event of the primary cannot be applied here.';
}

const lockErrnos: ReadonlySet<number> = new Set([1205, 1213]);
const missingErrnos: ReadonlySet<number> = new Set([1146, 1049, 1051]);
const definitionErrnos: ReadonlySet<number> = new Set([1054, 1136, 1406, 1535, 1677]);
const existingErrnos: ReadonlySet<number> = new Set([1007, 1008, 1050, 1060, 1061, 1091, 1396]);
const relayErrnos: ReadonlySet<number> = new Set([1594, 1595]);
const spaceErrnos: ReadonlySet<number> = new Set([3, 1021, 1114]);
/** A difference of data or definitions: the servers must be made equal by hand before the applier goes on. */
const rowErrnos: ReadonlySet<number> = new Set([1062, 1032]);

function applierActions(channel: ReplicaChannel, table: string | undefined): Recommendation[] {
  const errno = channel.Last_SQL_Errno;
  const start = { sql: channelSql('START SLAVE', channel), rollback: channelSql('STOP SLAVE', channel) };
  const quietly = 'without the binary log (SET SESSION sql_log_bin = 0)';
  const which = table ? ` ${table}` : '';
  if (lockErrnos.has(errno)) {
    return [
      { action: 'End the local session that holds the lock, then start the applier again', risk: 'safe', ...start },
    ];
  }
  if (spaceErrnos.has(errno)) {
    return [
      { action: 'Make room on the volume of this replica, then start the applier again', risk: 'safe', ...start },
    ];
  }
  if (missingErrnos.has(errno)) {
    return [
      {
        action: `Bring${which || ' what is missing'} back as it is on the primary, with its rows, ${quietly}, then start the applier; where much is missing, rebuild the replica from a backup`,
        risk: 'needs_staging',
        ...start,
      },
    ];
  }
  if (definitionErrnos.has(errno) || existingErrnos.has(errno)) {
    return [
      {
        action: `Compare SHOW CREATE TABLE${which} of primary and replica, make the replica's as the event expects it ${quietly}, then start the applier`,
        risk: 'needs_staging',
        ...start,
      },
    ];
  }
  if (relayErrnos.has(errno)) {
    return [
      {
        action:
          'Fetch the relay log anew from the primary; with Using_Gtid it goes on where it was applied. Then look at the disk and at the error log for what damaged it',
        sql: `${channelSql('STOP SLAVE', channel)} CHANGE MASTER ${quotedName(channel)}TO MASTER_USE_GTID = slave_pos; ${channelSql('START SLAVE', channel)}`,
        risk: 'needs_staging',
        rollback: 'none: the damaged relay log is removed; the primary still has its events',
      },
    ];
  }
  const compare: Recommendation = {
    action: `Compare the row of${which || ' the table'} named in Last_SQL_Error on primary and replica, and correct it on the replica ${quietly}, then start the applier`,
    risk: 'needs_staging',
    ...start,
  };
  if (!rowErrnos.has(errno)) {
    return [
      {
        ...compare,
        action: `Read Last_SQL_Error, mend what it names${which && ` in ${table}`} on the replica ${quietly}, then start the applier`,
      },
    ];
  }
  return [compare, skipOf(channel)];
}

function skipOf(channel: ReplicaChannel): Recommendation {
  const name = channel.Connection_name;
  const choose = name === '' ? '' : `SET default_master_connection = '${name.replaceAll("'", "''")}'; `;
  return {
    action:
      'Skipping the event leaves the servers different; only when its loss is known to be harmless, and check the table afterwards',
    sql: `${channelSql('STOP SLAVE', channel)} ${choose}SET GLOBAL sql_slave_skip_counter = 1; ${channelSql('START SLAVE', channel)}`,
    risk: 'destructive',
    rollback: 'none: the skipped change must be made by hand',
  };
}

/** Why the receiver gets nothing, where the primary does not refuse its login or its position. */
export function receiverErrorInWords(channel: ReplicaChannel): Worded {
  const errno = channel.Last_IO_Errno;
  const primary = `${channel.Master_Host}:${channel.Master_Port}`;
  const nothing = { risk: 'safe', rollback: 'nothing changes' } as const;
  if (errno === 1236) {
    return {
      title: 'The primary has removed binary logs that the replica still needs (error 1236)',
      summary:
        'The position of this replica is older than the oldest binary log of the primary; it cannot catch up from there.',
      recommendations: [
        {
          action: 'Rebuild the replica from a backup of the primary',
          risk: 'destructive',
          rollback: 'keep the old data directory until the new one is in step',
        },
      ],
    };
  }
  if (errno === 1593 && /server ids?/i.test(channel.Last_IO_Error)) {
    return {
      title: 'Primary and replica have the same server_id (error 1593)',
      summary: `The receiver stopped: this replica has the server_id of ${primary}, so that it could not tell its own changes from those of the primary.`,
      recommendations: [
        {
          action:
            'Give this replica a server_id that no other server of the group has, here and in its configuration file, then start it',
          sql: channelSql('START SLAVE', channel),
          risk: 'needs_staging',
          rollback: channelSql('STOP SLAVE', channel),
        },
      ],
    };
  }
  const [what, action] = receiverCause(errno, primary);
  const state = channel.Slave_IO_State === '' ? '' : ` (${channel.Slave_IO_State})`;
  return {
    title: `The receiver fails with error ${errno}`,
    summary: `${what} The receiver gets nothing from ${primary}: error ${errno}${state}. Lag is unknown, not zero.`,
    recommendations: [{ action, ...nothing }],
  };
}

function receiverCause(errno: number, primary: string): readonly [what: string, action: string] {
  if (errno === 2026) {
    return [
      'TLS fails between the two.',
      `Compare the certificates, their dates, and MASTER_SSL_CA of the replica with those of ${primary}`,
    ];
  }
  if (errno === 2005)
    return ['The name of the primary is not known here.', `Check the DNS entry or MASTER_HOST for ${primary}`];
  if (errno === 1040 || errno === 1203 || errno === 1226) {
    return ['The primary accepts no more connections.', `Find out what uses up the connections of ${primary}`];
  }
  if (errno === 1129) {
    return [
      'The primary has blocked this host after many broken connects.',
      `Find out what breaks connects from here, then run FLUSH HOSTS on ${primary}`,
    ];
  }
  if (errno === 1595 || errno === 1594 || errno === 1021) {
    return [
      'It cannot write its relay log.',
      'Look at room and rights of the volume that holds the relay log of this replica',
    ];
  }
  if (errno >= 2000 && errno < 3000) {
    return ['The primary does not answer.', `Check that ${primary} runs and can be reached from this host`];
  }
  return [
    'The primary or the receiver refuses to go on.',
    `Read Last_IO_Error of this replica and the error log of ${primary} at that time`,
  ];
}
