import { describe, expect, it } from 'vitest';
import { parseEntries } from '../../src/error-log/entry.ts';

function parse(text: string, zoneOffsetSeconds = 0) {
  return parseEntries(text.split('\n'), { zoneOffsetSeconds });
}
function iso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

describe('error log entries', () => {
  it.each([
    ['an hour padded with a space', '2026-11-23  1:58:03 0 [Note] x', '2026-11-23T01:58:03.000Z'],
    ['a thread number', '2026-11-23 11:58:03 8412 [Note] x', '2026-11-23T11:58:03.000Z'],
    ['a thread address', '2026-11-23 11:58:03 0x7f20100cd6c0 [Note] x', '2026-11-23T11:58:03.000Z'],
    ['the crash handler', '261123  1:58:04 [Note] x', '2026-11-23T01:58:04.000Z'],
    ['ISO 8601 in UTC', '2026-11-23T01:58:03.123456Z 0 [Note] x', '2026-11-23T01:58:03.000Z'],
    ['a zone of its own', '2026-11-23 03:58:03+02:00 [Note] x', '2026-11-23T01:58:03.000Z'],
    [
      'a syslog prefix',
      'Nov 23 01:58:04 db1 mariadbd[812]: 2026-11-23  1:58:03 0 [Note] x',
      '2026-11-23T01:58:03.000Z',
    ],
    [
      'a journal prefix',
      '2026-11-23T01:58:04+0000 db1 mysqld[812]: 2026-11-23 1:58:03 0 [Note] x',
      '2026-11-23T01:58:03.000Z',
    ],
  ])('reads the time of %s', (_, line, expected) => {
    expect(parse(line).map(({ atMs, message }) => [iso(atMs), message])).toEqual([[expected, 'x']]);
  });

  it('takes the local times of the server for what they are', () => {
    expect(iso(parse('2026-11-23 01:00:00 0 [Note] x', 7_200)[0]?.atMs)).toBe('2026-11-22T23:00:00.000Z');
  });

  it('takes the severity from the bracketed word, not from words of the text', () => {
    const lines = [
      '2026-11-23 1:00:00 0 [Note] an ERROR was avoided',
      '2026-11-23 1:00:00 0 [ERROR] [FATAL] InnoDB: gone',
      '2026-11-23 1:00:00 9 [Warning] Aborted connection',
      '2026-11-23 1:00:00 0x7f0 InnoDB: Assertion failure in file x.cc line 12',
      '261123  1:00:00 mysqld_safe Starting mariadbd daemon',
    ];
    expect(parse(lines.join('\n')).map(({ severity }) => severity)).toEqual([
      'note',
      'error',
      'warning',
      'error',
      'note',
    ]);
  });

  it('keeps lines without a time with the entry before them, up to a limit', () => {
    const text = `2026-11-23 1:00:00 0 [ERROR] got signal\nstack 1\n\nstack 2\n2026-11-23 1:00:01 0 [Note] next`;
    expect(parse(text).map(({ details }) => details)).toEqual([['stack 1', 'stack 2'], []]);
    const long = ['2026-11-23 1:00:00 0 [ERROR] x', ...Array.from({ length: 500 }, (_, n) => `line ${n}`)];
    expect(parseEntries(long, { zoneOffsetSeconds: 0, maxDetailLines: 3 })[0]?.details).toHaveLength(3);
  });

  it('has no time for what stands before the first time', () => {
    expect(parse('the end of a stack\n2026-11-23 1:00:00 0 [Note] x').map(({ atMs }) => atMs)).toEqual([
      undefined,
      Date.UTC(2026, 10, 23, 1),
    ]);
  });

  it('cuts long lines and drops control characters', () => {
    const [entry] = parse(`2026-11-23 1:00:00 0 [Note] \u001b[31mred\u202e\u0000${'x'.repeat(9_000)}`);
    expect(entry?.message).toMatch(/^\[31mredx+$/);
    expect(entry?.message.length).toBeLessThan(2_001);
  });
});
