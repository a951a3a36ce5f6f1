import { describe, expect, it } from 'vitest';
import { parseEntries } from '../../src/error-log/entry.ts';
import { kindOf } from '../../src/error-log/kind.ts';
import { joinForgedLines } from '../../src/error-log/stranger.ts';

/** What the server writes when somebody logs in under this name with a wrong password. */
function refusal(user: string): string[] {
  return `2026-11-23  1:58:04 4 [Warning] Access denied for user '${user}'@'localhost' (using password: YES)`.split(
    '\n',
  );
}
function kinds(lines: readonly string[]) {
  return joinForgedLines(parseEntries(lines, { zoneOffsetSeconds: 0 })).map(kindOf);
}

describe('a login name with line breaks', () => {
  it.each([
    ['a forged error', 'x\n2026-11-23 1:58:00 0 [ERROR] InnoDB: Database page corruption'],
    [
      'a refusal that looks finished',
      "x'@'h' (using password: YES)\n2026-11-23 1:58:00 0 [ERROR] mysqld got signal 11 ;",
    ],
    ['two forged lines', 'x\n2026-11-23 1:58:00 0 [ERROR] Out of memory\n2026-11-23 1:58:00 0 [ERROR] Disk is full'],
    ['a forged start', 'x\n2026-11-23 1:58:00 0 [Note] Starting MariaDB 10.11.19\nno time here'],
  ])('is one refusal: %s', (_, user) => {
    expect(kinds(refusal(user))).toEqual(['refused_login']);
  });

  it('leaves true lines between two refusals alone', () => {
    const truth = '2026-11-23  1:58:05 0 [ERROR] InnoDB: Database page corruption on disk';
    expect(kinds([...refusal('a'), truth, ...refusal('b')])).toEqual(['refused_login', 'corruption', 'refused_login']);
  });

  it('does not swallow more than a name can hold', () => {
    const many = Array.from(
      { length: 20 },
      () => '2026-11-23  1:58:05 0 [ERROR] InnoDB: Database page corruption on disk',
    );
    const end = "2026-11-23  1:58:06 0 [ERROR] z'@'localhost' (using password: YES)";
    expect(kinds([...refusal('a'), ...many, end]).filter((kind) => kind === 'corruption')).toHaveLength(20);
  });
});
