import { describe, expect, it } from 'vitest';
import { judgeFilters } from '../../src/judgements/replication-gaps.ts';
import { judgeThreads } from '../../src/judgements/replication-threads.ts';
import type { ReplicaChannel } from '../../src/probes/replica-status.ts';

function channel(overrides: Partial<ReplicaChannel>): ReplicaChannel {
  return {
    Connection_name: '',
    Master_Host: '10.2.0.1',
    Master_Port: 3306,
    Slave_IO_State: 'Waiting for master to send event',
    Slave_IO_Running: 'Yes',
    Slave_SQL_Running: 'Yes',
    Last_IO_Errno: 0,
    Last_IO_Error: '',
    Last_SQL_Errno: 0,
    Last_SQL_Error: '',
    Seconds_Behind_Master: null,
    SQL_Delay: 0,
    Using_Gtid: 'Slave_Pos',
    Until_Condition: 'None',
    Replicate_Do_DB: '',
    Replicate_Ignore_DB: '',
    Replicate_Do_Table: '',
    Replicate_Ignore_Table: '',
    Replicate_Wild_Do_Table: '',
    Replicate_Wild_Ignore_Table: '',
    Gtid_Slave_Pos: '0-1-42',
    ...overrides,
  };
}

function judged(overrides: Partial<ReplicaChannel>) {
  const [finding] = judgeThreads(channel(overrides), { target: 'orders-replica-1', evidence: ['e1'] });
  if (!finding) throw new Error('nothing was found');
  return finding;
}

const applier = (errno: number, message = '') =>
  judged({ Slave_SQL_Running: 'No', Last_SQL_Errno: errno, Last_SQL_Error: message });
const receiver = (errno: number, message = '') =>
  judged({ Slave_IO_Running: 'Connecting', Last_IO_Errno: errno, Last_IO_Error: message });

describe('an error of the applier', () => {
  it('names table and event, as far as the message tells them', () => {
    const finding = applier(
      1032,
      "Could not execute Update_rows_v1 event on table shop.order_items; Can't find record in 'order_items', Error_code: 1032; handler error HA_ERR_KEY_NOT_FOUND; the event's master log binlog.000012, end_log_pos 607",
    );
    expect(finding).toMatchObject({
      code: 'repl.sql_error',
      facts: { errno: 1032, table: 'shop.order_items', primaryBinlog: 'binlog.000012', primaryBinlogPosition: 607 },
    });
    expect(finding.summary).toContain('It is about shop.order_items, event of binlog.000012, ending at 607.');
    expect(finding.recommendations.map(({ risk }) => risk)).toEqual(['needs_staging', 'destructive']);
  });

  it('takes no table from a message that somebody wrote', () => {
    const { facts } = applier(1062, "Duplicate entry 'event on table <@U1>; x' for key 'email'");
    expect(facts['table']).toBeUndefined();
  });

  it.each([
    [
      1146,
      "Error executing row event: 'Table 'shop.big' doesn't exist'",
      /^Bring shop\.big back as it is on the primary/,
    ],
    [1054, '', /^Compare SHOW CREATE TABLE of primary and replica/],
    [1050, '', /^Compare SHOW CREATE TABLE/],
    [1205, '', /^End the local session that holds the lock/],
    [1594, '', /^Fetch the relay log anew/],
    [1114, '', /^Make room on the volume/],
    [4711, '', /^Read Last_SQL_Error, mend what it names on the replica/],
  ])('%i is mended by what fits it', (errno, message, action) => {
    const { recommendations } = applier(errno, message);
    expect(recommendations[0]?.action).toMatch(action);
    expect(recommendations.map(({ sql }) => sql).join()).not.toContain('skip_counter');
  });

  it('of a named channel is mended on that channel', () => {
    const { recommendations } = judged({
      Connection_name: "crm's",
      Slave_SQL_Running: 'No',
      Last_SQL_Errno: 1062,
    });
    expect(recommendations[0]?.sql).toBe("START SLAVE 'crm''s';");
    expect(recommendations[1]?.sql).toContain("SET default_master_connection = 'crm''s';");
  });
});

describe('an error of the receiver', () => {
  it('by equal server ids says so, and sends nobody to look for a network', () => {
    const message =
      'Fatal error: The slave I/O thread stops because master and slave have equal MariaDB server ids; these ids must be different';
    expect(receiver(1593, message)).toMatchObject({
      code: 'repl.io_error',
      title: 'Primary and replica have the same server_id (error 1593)',
      recommendations: [{ action: expect.stringContaining('server_id that no other server'), sql: 'START SLAVE;' }],
    });
  });

  it.each([
    [2003, 'can be reached from this host'],
    [2005, 'DNS entry'],
    [2026, 'certificates'],
    [1040, 'uses up the connections'],
    [1129, 'FLUSH HOSTS'],
    [1595, 'holds the relay log'],
    [1158, 'Read Last_IO_Error'],
  ])('%i is looked for where it comes from', (errno, words) => {
    const finding = receiver(errno);
    expect(finding.code).toBe('repl.io_error');
    expect(finding.recommendations[0]?.action).toContain(words);
  });
});

describe('a channel without an error', () => {
  it('that stopped where it was told to says so', () => {
    const finding = judged({ Slave_IO_Running: 'No', Slave_SQL_Running: 'No', Until_Condition: 'Gtid' });
    expect(finding).toMatchObject({ code: 'repl.stopped', facts: { untilCondition: 'Gtid' } });
    expect(finding.summary).toContain('UNTIL');
  });

  it('that connects is not called stopped', () => {
    const finding = judged({ Slave_IO_Running: 'Connecting', Slave_IO_State: 'Connecting to master' });
    expect(finding).toMatchObject({ code: 'repl.io_error', facts: { errno: 0 } });
  });

  it('that leaves tables out is told as information', () => {
    const context = { target: 'orders-replica-1', evidence: ['e1'] };
    const [finding] = judgeFilters(channel({ Replicate_Wild_Ignore_Table: 'shop.log%' }), context);
    expect(finding).toMatchObject({ severity: 'info', facts: { filters: 'replicate_wild_ignore_table = shop.log%' } });
    expect(judgeFilters(channel({}), context)).toEqual([]);
  });
});
