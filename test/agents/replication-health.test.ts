import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReplicationPair, startPair } from '../../lab/mariadb/replicate.ts';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { checkAgents } from '../support/check.ts';
import { checkFault } from '../support/check-fault.ts';

async function withPair(
  options: Parameters<typeof startPair>[0],
  work: (primary: LabServer, replica: LabServer) => Promise<void>,
): Promise<void> {
  const pair: ReplicationPair = await startPair(options);
  try {
    await work(pair.primary, pair.replicas[0] as LabServer);
  } finally {
    await pair.stop();
  }
}

function check(primary: LabServer, replica: LabServer, params = {}) {
  const targets = [targetEntry(primary, { name: 'p1', replicas: ['r1'] }), targetEntry(replica, { name: 'r1' })];
  return checkAgents(targets, ['replication_health'], { about: 'r1', params });
}

async function status(replica: LabServer): Promise<Record<string, unknown>> {
  const [row] = await replica.query('SHOW ALL SLAVES STATUS');
  return row ?? {};
}

describe('replication-health agent', () => {
  describe('given a pair in step', () => {
    let pair: ReplicationPair;
    beforeAll(async () => {
      pair = await startPair({ replicas: [{ delaySeconds: 300 }] });
    });
    afterAll(() => pair?.stop());

    it('calls an intended delay information and the pair healthy', async () => {
      const report = await check(pair.primary, pair.replicas[0] as LabServer);
      expect(report.findings.map(({ code, severity }) => [code, severity])).toEqual([['repl.delayed', 'info']]);
      expect(report.verdict).toBe('healthy');
    });

    it('counts the connected replicas on the primary', async () => {
      const report = await checkAgents([targetEntry(pair.primary, { name: 'p1' })], ['replication_health']);
      expect(report.results[0]?.headline).toBe('1 replica connected');
    });

    it('does not apply to a server without replication', async () => {
      const lonely = await startServer();
      const report = await checkAgents([targetEntry(lonely)], ['replication_health']);
      await lonely.stop();
      expect(report.results[0]).toMatchObject({
        status: 'not_applicable',
        reason: 'no replica and no replication threads',
      });
    });

    it('says of a Galera node that its cluster is not judged', async () => {
      const node = await startServer({ args: ['--wsrep-on=ON', '--binlog-format=ROW'] });
      const report = await checkAgents([targetEntry(node)], ['replication_health']);
      await node.stop();
      expect(report.results[0]).toMatchObject({
        status: 'not_applicable',
        reason: 'a node of a Galera cluster, whose state is not judged; no other replication',
      });
    });

    it('says which grant is missing and is not healthy without it', async () => {
      const replica = pair.replicas[0] as LabServer;
      await replica.query("CREATE USER blind@localhost IDENTIFIED BY 'b'");
      await replica.query('GRANT SELECT, PROCESS ON *.* TO blind@localhost');
      const report = await checkAgents(
        [targetEntry(replica, { name: 'r1', user: 'blind', password: 'b' })],
        ['replication_health'],
      );
      expect(report.verdict).toBe('unknown');
      expect(report.coverage[0]).toMatchObject({
        code: 'coverage.missing_privilege',
        fix: expect.stringMatching(/GRANT REPLICA MONITOR/),
      });
    });
  });

  it('reports a duplicate key on a named channel with the error number', async () => {
    await withPair({ replicas: [{ channel: 'billing' }] }, async (primary, replica) => {
      await primary.query('CREATE TABLE shop.collide (id INT PRIMARY KEY)');
      await expect.poll(() => replica.query("SHOW TABLES FROM shop LIKE 'collide'")).toHaveLength(1);
      await replica.query('INSERT INTO shop.collide VALUES (1)');
      await primary.query('INSERT INTO shop.collide VALUES (1)');
      await expect.poll(async () => (await status(replica))['Last_SQL_Errno'], { timeout: 10_000 }).toBe(1062);
      const report = await check(primary, replica);
      expect(report.findings[0]).toMatchObject({
        code: 'repl.sql_error',
        subject: 'r1/billing',
        facts: { errno: 1062 },
      });
      expect(report.rootCauses).toEqual(['f1']);
    });
  });

  it('calls a refused login by its name and the lag unknown', async () => {
    await withPair({}, async (primary, replica) => {
      const [account] = await primary.query<{ user: string; host: string }>(
        "SELECT User AS user, Host AS host FROM mysql.user WHERE User LIKE 'repl%'",
      );
      await primary.query(
        `SET STATEMENT sql_log_bin = 0 FOR ALTER USER '${account?.user}'@'${account?.host}' IDENTIFIED BY 'changed'`,
      );
      await replica.query('STOP SLAVE IO_THREAD');
      await replica.query('START SLAVE IO_THREAD');
      await expect.poll(async () => (await status(replica))['Last_IO_Errno'], { timeout: 15_000 }).toBe(1045);
      const report = await check(primary, replica);
      expect(report.findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code)).toEqual([
        'repl.io_auth',
      ]);
      expect(report.findings[0]?.facts['secondsBehind']).toBeNull();
    });
  });

  it('names the table without a key that the applier scans', async () => {
    await withPair({ primaryArgs: ['--binlog-format=ROW'] }, async (primary, replica) => {
      await primary.query('CREATE TABLE shop.ledger (a INT, b VARCHAR(50))');
      await primary.query("INSERT INTO shop.ledger SELECT seq, CONCAT('r', seq) FROM shop.seq_1_to_60000");
      await primary.query("UPDATE shop.ledger SET b = 'z' WHERE a > 57000");
      await expect
        .poll(async () => Number((await status(replica))['Seconds_Behind_Master']), { timeout: 20_000 })
        .toBeGreaterThanOrEqual(3);
      const report = await check(primary, replica);
      expect(report.findings[0]).toMatchObject({
        code: 'repl.lag_no_pk',
        subject: 'shop.ledger',
        confidence: 'certain',
      });
    });
  });

  it.each(['LOCK TABLES shop.orders READ', 'FLUSH TABLES WITH READ LOCK'])(
    'names the local session that blocks the applier by %s',
    async (lock) => {
      await withPair({}, async (primary, replica) => {
        const session = await replica.connect();
        await session.query(lock);
        await primary.query('UPDATE shop.orders SET customer_id = customer_id + 1 WHERE id = 1');
        await expect
          .poll(async () => Number((await status(replica))['Seconds_Behind_Master']), { timeout: 20_000 })
          .toBeGreaterThanOrEqual(3);
        await replica.quiet();
        const report = await check(primary, replica);
        expect(report.findings[0]).toMatchObject({
          code: 'repl.lag_local_lock',
          subject: `thread ${session.threadId}`,
        });
      });
    },
  );

  it('warns of an applier that steps over errors, and tells filters', async () => {
    const { score } = await checkFault('replica-skips-errors', ['replication_health']);
    expect(score).toMatchObject({ strict: 1, missing: [], extra: [] });
  });

  it('tells a diverged history from a lost connection', async () => {
    await withPair(
      { replicas: [{ args: ['--log-bin=binlog', '--log-slave-updates=ON'] }] },
      async (primary, replica) => {
        await primary.query('CREATE TABLE shop.seen (id INT PRIMARY KEY)');
        await expect.poll(async () => (await status(replica))['Gtid_Slave_Pos']).not.toBe('');
        await replica.query('INSERT INTO shop.seen VALUES (7)');
        await replica.query('STOP SLAVE');
        await replica.query('CHANGE MASTER TO MASTER_USE_GTID = current_pos');
        await replica.query('START SLAVE');
        await expect.poll(async () => (await status(replica))['Last_IO_Errno'], { timeout: 15_000 }).toBe(1236);
        const report = await check(primary, replica);
        expect(report.findings.map(({ code }) => code)).toEqual(
          expect.arrayContaining(['repl.gtid_diverged', 'repl.errant_writes']),
        );
      },
    );
  });

  it('reports a stopped replica as stopped, and one that was reset as no replica', async () => {
    await withPair({}, async (primary, replica) => {
      await replica.query('STOP SLAVE');
      expect((await check(primary, replica)).findings[0]).toMatchObject({
        code: 'repl.stopped',
        severity: 'critical',
        subject: 'r1',
      });
      await replica.query('RESET SLAVE ALL');
      expect((await check(primary, replica)).findings[0]).toMatchObject({
        code: 'repl.stopped',
        title: 'Not a replica any more',
      });
    });
  });
});
