import { describe, expect, it } from 'vitest';
import { parseEntries } from '../../src/error-log/entry.ts';
import { kindOf } from '../../src/error-log/kind.ts';
import { groupByPattern } from '../../src/error-log/pattern.ts';
import { patternOf } from '../../src/error-log/wording.ts';

describe('patterns of messages', () => {
  it.each([
    ["Access denied for user 'x'@'10.0.0.1' (using password: YES)", 'Access denied for user ? (using password: YES)'],
    [
      "Access denied for user 'o'brien'@'localhost' (using password: NO)",
      'Access denied for user ? (using password: NO)',
    ],
    [
      "Aborted connection 9 to db: 'shop' user: 'app' host: '10.1.1.1' (Got an error reading communication packets)",
      'Aborted connection N to db: ? user: ? host: ? (Got an error reading communication packets)',
    ],
    ["mariadbd: Can't open shared library 'x.so' (errno: 2)", "mariadbd: Can't open shared library '?' (errno: N)"],
    [
      'InnoDB: Long wait (17 seconds) for double-write buffer flush.',
      'InnoDB: Long wait (N seconds) for double-write buffer flush.',
    ],
    ['InnoDB: page at 0x7fff01 of 3.5MiB', 'InnoDB: page at N of N'],
  ])('%s', (message, pattern) => {
    expect(patternOf(message)).toBe(pattern);
  });

  it('keeps the digits inside a word', () => {
    expect(patternOf('Unknown collation utf8mb4_uca1400_ai_ci')).toBe('Unknown collation utf8mb4_uca1400_ai_ci');
  });

  it('puts one error before a thousand warnings and notes', () => {
    const lines = [
      ...Array.from(
        { length: 1_000 },
        (_, n) => `2026-11-23 1:00:00 ${n} [Warning] Aborted connection ${n} to db: 'x' (y)`,
      ),
      '2026-11-23 1:00:01 0 [ERROR] Event Scheduler: it failed',
      ...Array.from({ length: 2_000 }, () => '2026-11-23 1:00:02 0 [Note] ready'),
    ];
    const groups = groupByPattern(parseEntries(lines, { zoneOffsetSeconds: 0 }));
    expect(groups.map(({ severity, count }) => [severity, count])).toEqual([
      ['error', 1],
      ['warning', 1_000],
      ['note', 2_000],
    ]);
    expect(groups[2]).toMatchObject({ firstAtMs: Date.UTC(2026, 10, 23, 1, 0, 2), sample: 'ready' });
  });
});

describe('kinds of messages', () => {
  it.each([
    ['error', 'InnoDB: Database page corruption on disk or a failed read of file ./shop/orders.ibd', 'corruption'],
    ['error', "mariadbd: Table './shop/notes' is marked as crashed and should be repaired", 'corruption'],
    [
      'error',
      'mariadbd: Disk is full writing \'./binlog.000003\' (Errcode: 28 "No space left on device"). Waiting',
      'disk',
    ],
    [
      'error',
      'InnoDB: Write to file ./shop/big.ibd failed at offset 1048576, 1048576 bytes should have been written',
      'disk',
    ],
    ['error', 'mariadbd: Out of memory (Needed 1081344 bytes)', 'memory'],
    ['error', 'InnoDB: Cannot allocate 137363456 bytes of memory after 60 retries over 60 seconds', 'memory'],
    ['warning', 'InnoDB: A long semaphore wait:', 'semaphore'],
    ['error', '/usr/sbin/mariadbd got signal 11 ;', 'crash'],
    [
      'error',
      'InnoDB: Semaphore wait has lasted > 600 seconds. We intentionally crash the server because it appears to be hung.',
      'crash',
    ],
    ['note', 'InnoDB: Starting crash recovery from checkpoint LSN=1', 'crash_recovery'],
    ['note', '/usr/sbin/mariadbd (mysqld 10.5.29-MariaDB) starting as process 123 ...', 'start'],
    ['note', '/usr/sbin/mariadbd (initiated by: root[root] @ localhost []): Normal shutdown', 'shutdown'],
    ['warning', 'Too many connections', 'too_many_connections'],
    ['error', "mariadbd: Can't open file: './x.frm' (errno: 24 \"Too many open files\")", 'open_files'],
    ['error', 'Slave SQL: Error executing row event: Table is full, Error_code: 1114', 'replication'],
    [
      'error',
      'Error running query, slave SQL thread aborted. Fix the problem, and restart the slave SQL thread',
      'replication',
    ],
    ['error', 'InnoDB: Flagged corruption of `status` in table `shop`.`orders` in CHECK TABLE', 'corruption'],
    ['error', "InnoDB: File ./shop/orders.ibd: 'read' returned OS error 205.", 'disk'],
    ['error', 'Plugin initialization failed', 'other'],
  ] as const)('%s: %s', (severity, message, kind) => {
    expect(kindOf({ severity, message })).toBe(kind);
  });

  it.each([
    "Access denied for user 'InnoDB: Database page corruption'@'h' (using password: YES)",
    "Access denied for user 'a' Out of memory 'b'@'h' (using password: YES)",
    "Aborted connection 4 to db: 'Disk is full' user: 'marked as crashed' host: 'h' (KILLED)",
    'Event Scheduler: [root@localhost][shop.`page corruption`] ok',
  ])('sees no incident in the words of strangers: %s', (message) => {
    expect(['refused_login', 'aborted_connection', 'other']).toContain(kindOf({ severity: 'error', message }));
  });

  it('sees no incident in a note that speaks of one', () => {
    expect(kindOf({ severity: 'note', message: 'InnoDB: no page corruption was found' })).toBe('other');
  });
});
