import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { banner, digestText, event } from './slow-log-text.ts';

const counts = (log: string | Uint8Array) =>
  Object.fromEntries(digestText(log).classes.map((it) => [it.fingerprint, it.count]));

const [a, b, c] = ['a', 'b', 'c'].map((table) => event({ sql: `SELECT 1 FROM ${table}` })) as [string, string, string];
const all = { 'select ? from a': 1, 'select ? from b': 1, 'select ? from c': 1 };

describe('slow-log digest of a log in trouble', () => {
  it('goes on behind the lines that a starting server writes', () => {
    const digest = digestText(banner + a + banner + banner + b + c);
    expect(counts(banner + a + banner + banner + b + c)).toEqual(all);
    expect(digest.warnings).toEqual([]);
  });

  it.each([
    ['in a string', a.slice(0, -4).replace('1', "'x")],
    ['in a comment', a.slice(0, -2).replace('1', '1 /* x')],
    ['in the middle', a.slice(0, -5)],
    ['in the lines before it', a.slice(0, 150)],
  ])('leaves out an event that a crash has cut %s', (_, cut) => {
    const digest = digestText(`${cut}${banner}# Time: 240115 10:00:00\n${b}${c}`);
    expect(digest.classes.map((it) => it.fingerprint).sort()).toEqual(['select ? from b', 'select ? from c']);
    expect(digest.warnings).toEqual(['the log: 1 cut event is left out']);
  });

  it.each([1, 20, 60, 120, 200, 225])('leaves out a last event that lacks %i bytes', (missing) => {
    const digest = digestText(a + b + c.slice(0, c.length - 1 - missing));
    expect(digest.events).toBe(2);
    expect(digest.warnings).toEqual(['the log: 1 cut event is left out']);
  });

  it('loses no event however short the rest of the last one is', () => {
    for (let rest = 1; rest < c.length - 2; rest++) expect(digestText(a + b + c.slice(0, rest)).events).toBe(2);
  });

  it('counts a last event that lacks only its line break', () => {
    expect(counts((a + b + c).trimEnd())).toEqual(all);
  });

  it('begins with the first whole event', () => {
    expect(counts(a.slice(100) + b + c)).toEqual({ 'select ? from b': 1, 'select ? from c': 1 });
    expect(counts(`lue = 'it''s;\n# not a header\n';\n${a}${b}${c}`)).toEqual(all);
  });

  it('skips the zeros that a truncated file that is written to begins with', () => {
    expect(counts(Buffer.concat([Buffer.alloc(5000), Buffer.from(a), Buffer.alloc(3000), Buffer.from(b + c)]))).toEqual(
      all,
    );
  });

  it('skips binary garbage between events and says how much', () => {
    for (let i = 0; i < 50; i++) {
      const garbage = randomBytes(3000);
      const log = Buffer.concat([Buffer.from(a), garbage, Buffer.from(`\n${b}${c}`)]);
      const digest = digestText(log);
      // Garbage may hide the event that it touches, never one behind that.
      expect(digest.classes.find((it) => it.fingerprint === 'select ? from c')?.count).toBe(1);
      // Garbage that happens to end as a statement does is taken for the rest of one; the event counts all the same.
      expect(digest.classes.find((it) => it.fingerprint.startsWith('select ? from a'))?.count).toBe(1);
    }
  });

  it('never throws on garbage', () => {
    for (let i = 0; i < 50; i++) expect(digestText(randomBytes(20_000)).events).toBe(0);
  });

  it('reads bytes that are not UTF-8', () => {
    const log = Buffer.concat([
      Buffer.from(a.slice(0, -2)),
      Buffer.from(" WHERE x = '"),
      Buffer.from([0xff, 0xc3, 0x28]),
      Buffer.from("';\n"),
      Buffer.from(b),
    ]);
    const digest = digestText(log);
    expect(digest.classes.map((it) => it.fingerprint)).toContain('select ? from a where x = ?');
    expect(digest.classes.map((it) => it.sample).join()).toContain("WHERE x = '\ufffd\ufffd('");
  });

  it('reads lines that end as in Windows', () => {
    const digest = digestText((banner + a + b + c).replaceAll('\n', '\r\n'));
    expect(digest).toMatchObject({ events: 3, warnings: [] });
    expect(digest.classes[0]).toMatchObject({ sample: 'SELECT 1 FROM a', schema: 'shop', users: ['app'] });
  });

  it.each([
    ["SELECT 'a;\n# User@Host: x[x] @ y []\nb'", 'select ?'],
    [
      "SELECT 'a;\n# User@Host: x[x] @ y []\n# Query_time: 1.0  Lock_time: 0.0\nSET timestamp=1;\nSELECT 2;\n', 1",
      'select ?, ?',
    ],
    ["SELECT 'O\\'Brien', ';\n# Time: 240115 10:00:00\n# User@Host: x[x] @ y []\n'", 'select ?, ?'],
    ['SELECT 1 /* ;\n# Time: 240115 10:00:00\n */', 'select ? '],
    [
      'CREATE PROCEDURE p() BEGIN SELECT 1;\n# a remark\nSELECT 2;\n\nEND',
      'create procedure p() begin select ?; select ?; end',
    ],
    ['SELECT 1 -- a remark', 'select ? '],
    ["SELECT 1 # it's a remark", 'select ? '],
    ['SELECT `;\n# Time: 240115 10:00:00\n` FROM t', 'select `; # time: ? ?:?:? ` from t'],
  ])('is not misled by %s', (sql, expected) => {
    expect(counts(a + event({ sql }) + b + c)).toEqual({ ...all, [expected]: 1 });
  });

  it('sees the end of a string that holds a backslash as a plain letter', () => {
    expect(counts(a + event({ sql: "SELECT 'c:\\', 'd'" }) + event({ sql: "SELECT 'c:\\'" }) + b + c)).toEqual({
      ...all,
      'select ?, ?': 1,
      'select ?': 1,
    });
  });

  it('loses no event behind a string that has no end', () => {
    const d = event({ sql: "SELECT x FROM d WHERE y = 'z'" });
    expect(counts(a + event({ sql: "SELECT 'oops" }) + d + b + c)).toEqual({
      ...all,
      'select ?': 1,
      'select x from d where y = ?': 1,
    });
  });

  it('keeps a statement about a slow log in time that grows with its length', () => {
    const fake = ';\n# User@Host: x[x] @ y []\n# Query_time: 1.0  Lock_time: 0.0\n';
    const startedAt = performance.now();
    expect(counts(a + event({ sql: `SELECT '${fake.repeat(4000)}'` }) + b + c)).toEqual({ ...all, 'select ?': 1 });
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});
