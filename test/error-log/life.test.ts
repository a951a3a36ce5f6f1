import { describe, expect, it } from 'vitest';
import { parseEntries } from '../../src/error-log/entry.ts';
import { livesOf } from '../../src/error-log/life.ts';

const start = (time: string) =>
  `2026-11-23 ${time} 0 [Note] Starting MariaDB 10.11.19-MariaDB source revision x as process 1`;
const ready = (time: string) => `2026-11-23 ${time} 0 [Note] /usr/sbin/mariadbd: ready for connections.`;
const stop = (time: string) => `2026-11-23 ${time} 0 [Note] /usr/sbin/mariadbd: Shutdown complete`;
const denied = (time: string) => `2026-11-23 ${time} 7 [Warning] Access denied for user 'x'@'h' (using password: YES)`;

function lives(...lines: string[]) {
  return livesOf(parseEntries(lines, { zoneOffsetSeconds: 0 })).restarts;
}

describe('lives of a server in its error log', () => {
  it('calls a restart after a shutdown orderly', () => {
    const [, second] = lives(start('1:00:00'), ready('1:00:01'), stop('2:00:00'), start('2:00:05'), ready('2:00:06'));
    expect(second).toMatchObject({
      previousEnd: 'shutdown',
      endedAtMs: Date.UTC(2026, 10, 23, 2),
      readyAtMs: Date.UTC(2026, 10, 23, 2, 0, 6),
      recovered: false,
      version: '10.11.19',
    });
  });

  it('finds the signal and the statement that ran', () => {
    const [, second] = lives(
      start('1:00:00'),
      ready('1:00:01'),
      '261123  1:30:00 [ERROR] /usr/sbin/mariadbd got signal 11 ;',
      'Query (0x7f0010): SELECT 1 FROM t',
      start('1:30:04'),
    );
    expect(second).toMatchObject({ previousEnd: 'crash', signal: 11, crashedStatement: 'SELECT 1 FROM t' });
  });

  it('knows a kill by the missing shutdown, though a killed server writes nothing', () => {
    const [, second] = lives(start('1:00:00'), ready('1:00:01'), denied('1:20:00'), start('1:30:00'));
    expect(second).toMatchObject({
      previousEnd: 'killed',
      signal: undefined,
      endedAtMs: Date.UTC(2026, 10, 23, 1, 20),
    });
  });

  it('knows a kill by the recovery when the log before was rotated away', () => {
    const recovery = '2026-11-23 1:30:01 0 [Note] InnoDB: Starting crash recovery from checkpoint LSN=47';
    expect(lives(start('1:30:00'), recovery)[0]).toMatchObject({ previousEnd: 'killed', recovered: true });
  });

  it('does not know how the life before ended when nothing tells', () => {
    expect(lives(start('1:30:00'), ready('1:30:01'))[0]?.previousEnd).toBeUndefined();
    expect(lives(denied('1:00:00'), start('1:30:00'))[0]?.previousEnd).toBe('killed');
  });

  it('keeps a crash in the middle of a shutdown a crash', () => {
    const [, second] = lives(
      start('1:00:00'),
      '2026-11-23 1:10:00 0 [Note] /usr/sbin/mariadbd (initiated by: unknown): Normal shutdown',
      '2026-11-23 1:10:01 0x7f InnoDB: Assertion failure in file x.cc line 12',
      '261123  1:10:01 [ERROR] mysqld got signal 6 ;',
      start('1:10:09'),
    );
    expect(second).toMatchObject({ previousEnd: 'crash', signal: 6 });
  });
});
