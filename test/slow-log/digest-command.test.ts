import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDigestCommand } from '../../src/slow-log/digest-command.ts';
import { digestText, event } from './slow-log-text.ts';

const log =
  event({ sql: "SELECT a FROM orders WHERE note = 'x'", us: 2_500_000, rows: 40_000 }) +
  event({ sql: "SELECT a FROM orders WHERE note = 'y'", us: 30_000, at: 1_705_316_400 }) +
  event({ sql: 'DELETE FROM carts WHERE id = 5', us: 900, user: 'batch' });

let directory: string;
let path: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'dbcheck-digest-'));
  path = join(directory, 'slow.log');
  writeFileSync(path, log);
});
afterAll(() => rmSync(directory, { recursive: true }));

async function run(argv: readonly string[], { columns = 100, isTTY = false } = {}) {
  let out = '';
  let err = '';
  let time = 0;
  const code = await runDigestCommand(argv, {
    stdin: (async function* () {
      yield Buffer.from(log);
    })(),
    stdout: { columns, write: (text) => (out += text) },
    stderr: { isTTY, write: (text) => (err += text) },
    now: () => new Date(1_705_320_000_000 + 1000 * time++),
  });
  return { code, out, err };
}

describe('dbcheck digest', () => {
  it('prints the digest as JSON that the contract names', async () => {
    const { code, out, err } = await run([path, '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(digestText(log))));
    expect(Object.keys(JSON.parse(out).classes[0])).toEqual(
      expect.arrayContaining([
        ...['id', 'fingerprint', 'count', 'queryTimeSumUs', 'lockTimeSumUs', 'rowsExaminedSum', 'rowsSentSum'],
        ...['p95Us', 'maxUs', 'firstSeen', 'lastSeen', 'schema', 'users', 'sample'],
      ]),
    );
  });

  it('reads standard input', async () => {
    expect(JSON.parse((await run(['-', '--json'])).out).events).toBe(3);
  });

  it('limits the classes, not the totals', async () => {
    const { events, classes } = JSON.parse((await run([path, '--json', '--limit', '1'])).out);
    expect([events, classes.length]).toEqual([3, 1]);
  });

  it.each([
    [['--since', '2024-01-15 11:00'], 1],
    [['--until', '2024-01-15T11:00:00Z'], 2],
    [['--since', '240115 10:00:00', '--until', '2024-01-15T13:00:00+02:00'], 2],
    [['--since', '90m'], 1],
    [['--since', '2024-01-16'], 0],
  ])('counts the events of a window: %j', async (window, events) => {
    expect(JSON.parse((await run([path, '--json', ...window])).out).events).toBe(events);
  });

  it('prints a table, then each class with its histogram', async () => {
    expect((await run([path])).out).toBe(`3 events in 2 classes, 772 B
2024-01-15 10:00 to 2024-01-15 11:00 UTC
total query time 2.53 s

#   share   total  count     p95  query
1  100.0%  2.53 s      2   2.5 s  select a from orders where note = ?
2    0.0%  900 µs      1  900 µs  delete from carts where id = ?

#1  6346722BF138DFE8E3635AFAC87F09F4  schema shop  by app
  select a from orders where note = ?
  2 events, 1.26 s on average, p95 2.5 s, longest 2.5 s, lock 100 µs, 20k rows examined, 1 sent
   10 ms+ ######################## 1
  100 ms+                          0
     1 s+ ######################## 1

#2  6A7748935D93922D1BB10489E5598685  schema shop  by batch
  delete from carts where id = ?
  1 event, 900 µs on average, p95 900 µs, longest 900 µs, lock 100 µs, 0 rows examined, 1 sent
  100 µs+ ######################## 1
`);
  });

  it('fits a phone', async () => {
    const { out } = await run([path], { columns: 44 });
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(44);
  });

  it('shows no control character of a statement', async () => {
    const hostile = join(directory, 'hostile.log');
    writeFileSync(hostile, event({ sql: 'SELECT a\u001b[31m FROM `t\u202e`' }));
    const { out } = await run([hostile]);
    for (const sign of ['\u001b', '\u202e']) expect(out).not.toContain(sign);
  });

  it.each([
    [[], 2, /needs the name/],
    [['--bogus', 'x'], 2, /'--bogus'/],
    [['x', '--limit', 'many'], 2, /--limit takes a whole number/],
    [['x', '--since', 'lunch'], 2, /--since takes a time/],
    [['-', '-'], 2, /read once/],
    [['/nowhere/slow.log'], 1, /no such file/],
    [['/'], 1, /directory/],
  ])('exits with one line for %j', async (argv, code, message) => {
    const result = await run(argv);
    expect(result).toMatchObject({ code, out: '' });
    expect(result.err).toMatch(message);
    expect(result.err.trimEnd()).not.toContain('\n');
  });

  it('says on a terminal how far it is, and wipes that in the end', async () => {
    const { err } = await run([path, '--json'], { isTTY: true });
    expect(err).toMatch(/100 %, [\d.]+ [kM]?B\/s, 0 s left/);
    expect(err.endsWith('\r\u001b[K')).toBe(true);
  });
});
