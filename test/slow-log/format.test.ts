import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { digestText } from './slow-log-text.ts';

describe('slow-log digest of other formats', () => {
  it('reads MySQL 8 with log_slow_extra', () => {
    const log = `/usr/sbin/mysqld, Version: 8.0.35 (MySQL Community Server - GPL). started with:
Tcp port: 3306  Unix socket: /tmp/mysql.sock
Time                 Id Command    Argument
# Time: 2024-01-15T10:00:00.123456Z
# User@Host: app[app] @ localhost []  Id:    10
# Query_time: 0.000124  Lock_time: 0.000041 Rows_sent: 1  Rows_examined: 2 Thread_id: 10 Errno: 0 Killed: 0 Bytes_received: 0 Bytes_sent: 60 Read_first: 0 Created_tmp_disk_tables: 1 Created_tmp_tables: 2 Start: 2024-01-15T10:00:00.123332Z End: 2024-01-15T10:00:00.123456Z
use shop;
SET timestamp=1705312800;
select 1 from t;
# Time: 2024-01-15T12:00:01.500000+02:00
# User@Host: app[app] @ localhost []  Id:    10
# Query_time: 1.000000  Lock_time: 0.000000 Rows_sent: 0  Rows_examined: 0
# administrator command: Quit;
`;
    const digest = digestText(log);
    expect(digest.warnings).toEqual([]);
    expect(digest.classes).toMatchObject([
      { fingerprint: 'administrator command: Quit', queryTimeSumUs: 1_000_000, firstSeen: '2024-01-15T10:00:01.500Z' },
      {
        fingerprint: 'select ? from t',
        queryTimeSumUs: 124,
        lockTimeSumUs: 41,
        rowsSentSum: 1,
        rowsExaminedSum: 2,
        bytesSentSum: 60,
        tmpTablesSum: 2,
        tmpDiskTablesSum: 1,
        schema: 'shop',
        errorCount: 0,
      },
    ]);
  });

  it('reads Percona Server', () => {
    const log = `# Time: 240115 10:00:00
# User@Host: app[app] @ web1 [10.0.0.1]  Id:   5
# Schema: my shop  Last_errno: 1205  Killed: 0
# Query_time: 50.000001  Lock_time: 0.500000  Rows_sent: 3  Rows_examined: 30  Rows_affected: 2
# Bytes_sent: 99  Tmp_tables: 1  Tmp_disk_tables: 1  Tmp_table_sizes: 4096
# InnoDB_trx_id: 1A2B
# QC_Hit: No  Full_scan: Yes  Full_join: Yes  Tmp_table: Yes  Tmp_table_on_disk: Yes
# Filesort: Yes  Filesort_on_disk: No  Merge_passes: 4
#   InnoDB_IO_r_ops: 6  InnoDB_IO_r_bytes: 98304  InnoDB_IO_r_wait: 0.001000
#   InnoDB_rec_lock_wait: 0.250000  InnoDB_queue_wait: 0.000000
#   InnoDB_pages_distinct: 8
# No InnoDB statistics available for this query
# Log_slow_rate_type: query  Log_slow_rate_limit: 10
SET last_insert_id=5,insert_id=6,timestamp=1705312800;
UPDATE t SET a = 1;
`;
    expect(digestText(log).classes).toMatchObject([
      {
        queryTimeSumUs: 50_000_001,
        lockTimeSumUs: 500_000,
        schema: 'my shop',
        errorCount: 1,
        tmpTablesSum: 1,
        tmpDiskTablesSum: 1,
        sortMergePassesSum: 4,
        fullScanCount: 1,
        fullJoinCount: 1,
        filesortCount: 1,
        pagesReadSum: 6,
        pagesAccessedSum: 8,
        rowsAffectedSum: 2,
        firstSeen: '2024-01-15T10:00:00.000Z',
      },
    ]);
  });

  it('reads MySQL 5.0, with whole seconds and no schema line', () => {
    const log = `# Time: 071015 21:43:52
# User@Host: root[root] @ localhost []
# Query_time: 2  Lock_time: 0  Rows_sent: 1  Rows_examined: 0
use test;
select sleep(2) from n;
# User@Host: [SQL_SLAVE] @  []
# Query_time: 3  Lock_time: 0  Rows_sent: 0  Rows_examined: 0
select sleep(2) from n;
`;
    expect(digestText(log)).toMatchObject({
      events: 2,
      warnings: [],
      classes: [
        {
          fingerprint: 'select sleep(?) from n',
          queryTimeSumUs: 5_000_000,
          schema: 'test',
          users: ['SQL_SLAVE', 'root'],
          firstSeen: '2007-10-15T21:43:52.000Z',
        },
      ],
    });
  });
});

describe('slow-log digest of what a real server writes', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer({ name: 'slow-log-formats', args: ['--slow-query-log=1', '--long-query-time=0'] });
  });
  afterAll(() => server.stop());

  it.each(['', 'query_plan', 'innodb', 'explain', 'engine', 'full'])(
    'finds the same with log_slow_verbosity=%s',
    async (verbosity) => {
      const statements = [
        "SELECT COUNT(*) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.note LIKE '%it''s%' GROUP BY c.city",
        "SELECT COUNT(*) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.note LIKE 'x\\'y' GROUP BY c.city",
        "SELECT 'a;\nb # c' AS x -- a remark",
        'INSERT INTO orders (customer_id, status, total, created_at) VALUES (1, "new", 5, NOW()), (2, "new", 6, NOW())',
        'DO 0',
      ];
      await server.query('FLUSH SLOW LOGS');
      const connection = await server.connect({ database: 'shop' });
      await connection.query(`SET SESSION log_slow_verbosity = '${verbosity}'`);
      const from = readFileSync(server.slowLog).length;
      for (const sql of statements) await connection.query(sql);
      await connection.ping();
      await connection.end();
      await expect.poll(() => digestText(readFileSync(server.slowLog).subarray(from)).events).toBeGreaterThanOrEqual(5);

      const { classes, warnings } = digestText(readFileSync(server.slowLog).subarray(from));
      expect(warnings).toEqual([]);
      // The server writes a statement down after it has answered, so that the SET may stand behind `from`.
      const ours = classes.filter((it) => !/^(administrator|set session)/.test(it.fingerprint));
      expect(Object.fromEntries(ours.map((it) => [it.fingerprint, it.count]))).toEqual({
        'select count(*) from orders o join customers c on c.id = o.customer_id where o.note like ? group by c.city': 2,
        'select ? as x ': 1,
        'insert into orders (customer_id, status, total, created_at) values (?, ?, ?, now())': 1,
        'do ?': 1,
      });
      const join = ours.find((it) => it.count === 2);
      expect(join).toMatchObject({ schema: 'shop', users: ['root'], tables: ['orders', 'customers'] });
      expect(join?.rowsExaminedSum).toBeGreaterThan(20_000);
      const has = (word: string): boolean => verbosity === 'full' || verbosity === word;
      expect(join?.fullScanCount).toBe(has('query_plan') ? 2 : 0);
      expect((join?.pagesAccessedSum ?? 0) > 0).toBe(has('engine') || has('innodb'));
      expect(join?.explain.map((row) => row.table).sort()).toEqual(has('explain') ? ['c', 'o'] : []);
    },
  );
});
