import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyTruth, generateSlowLog } from '../../lab/slow-log/generate.ts';
import { digestSlowLog } from '../../src/slow-log/digest-slow-log.ts';
import { Digester } from '../../src/slow-log/digester.ts';
import { digestInParallel } from '../../src/slow-log/parallel-digest.ts';
import { summarize } from '../../src/slow-log/summary.ts';
import { banner, digestText, event } from './slow-log-text.ts';

let directory: string;
let log: Buffer;
let path: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'dbcheck-slow-log-'));
  log = Buffer.from([...generateSlowLog({ seed: 11, bytes: 2_000_000, explain: true }, emptyTruth())].join(''));
  path = save('slow.log', log);
});
afterAll(() => rmSync(directory, { recursive: true }));

function save(name: string, content: string | Uint8Array): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

async function* pieces(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += 70_000) yield content.subarray(at, at + 70_000);
}

describe('digest of files', () => {
  it('is that of their bytes, plain or packed, by name or from standard input', async () => {
    const expected = digestText(log);
    expect(await digestSlowLog([path])).toEqual(expected);
    expect(await digestSlowLog([save('slow.log.1.gz', gzipSync(log))])).toEqual(expected);
    expect(await digestSlowLog([save('packed', zstdCompressSync(log))])).toEqual(expected);
    expect(await digestSlowLog(['-'], { stdin: pieces(log) })).toEqual(expected);
    expect(await digestSlowLog(['-'], { stdin: pieces(gzipSync(log)) })).toEqual(expected);
  });

  it('reads gzip members and zstd frames one after the other', async () => {
    const twice = digestText(Buffer.concat([log, log])).events;
    const gzip = save('two.gz', Buffer.concat([gzipSync(log), gzipSync(log)]));
    const zstd = save('two.zst', Buffer.concat([zstdCompressSync(log), zstdCompressSync(log)]));
    expect((await digestSlowLog([gzip])).events).toBe(twice);
    expect((await digestSlowLog([zstd])).events).toBe(twice);
  });

  it('adds several files up, and leaves out what each has cut', async () => {
    const half = save('half.log', log.subarray(0, log.length >> 1));
    const { events, bytes, warnings } = await digestSlowLog([half, path, half]);
    expect(events).toBe(2 * digestText(log.subarray(0, log.length >> 1)).events + digestText(log).events);
    expect(bytes).toBe(log.length + 2 * (log.length >> 1));
    expect(warnings).toEqual([`${half}: 1 cut event is left out`, `${half}: 1 cut event is left out`]);
  });

  it.each([
    ['gzip', gzipSync, 'too early'],
    ['zstd', zstdCompressSync, 'too early'],
  ] as const)('counts what a truncated %s file holds, and warns', async (name, pack, trouble) => {
    const packed = pack(log);
    const file = save(`cut.${name}`, packed.subarray(0, packed.length - 1000));
    const { events, warnings } = await digestSlowLog([file]);
    expect(events).toBeGreaterThan(digestText(log).events / 4);
    expect(events).toBeLessThan(digestText(log).events);
    expect(warnings[0]).toBe(`${file}: the compressed file ends ${trouble}; what was read until then is counted`);
  });

  it('counts what a damaged file holds, and warns', async () => {
    const packed = gzipSync(log);
    packed.fill(0x55, packed.length - 2000, packed.length - 1000);
    const file = save('damaged.gz', packed);
    const { events, warnings } = await digestSlowLog([file]);
    expect(events).toBeGreaterThan(digestText(log).events / 4);
    expect(warnings[0]).toMatch('the compressed file is damaged');
  });

  it('takes an empty log, and one with nothing but what a server writes when it opens it', async () => {
    expect(await digestSlowLog([save('empty.log', '')])).toEqual({ events: 0, bytes: 0, warnings: [], classes: [] });
    expect((await digestSlowLog([save('opened.log', banner)])).events).toBe(0);
  });

  it('says in words what cannot be read', async () => {
    mkdirSync(join(directory, 'folder'), { recursive: true });
    const reasons = [
      [join(directory, 'folder'), 'it is a directory, not a file'],
      [join(directory, 'missing.log'), 'there is no such file'],
      [save('notes.txt', 'Time flies.\nNo slow log here.\n'), 'it is not a slow log'],
      [save('notes.gz', gzipSync('nothing')), 'it is not a slow log'],
      [save('broken.gz', gzipSync(log).subarray(0, 8)), 'it is not a slow log, or the compressed file ends too early'],
    ] as const;
    for (const [name, reason] of reasons) {
      await expect(digestSlowLog([path, name])).rejects.toMatchObject({
        code: 'input_unreadable',
        message: `${name}: ${reason}`,
      });
    }
  });

  it.skipIf(process.getuid?.() === 0)('says that there is no permission', async () => {
    const secret = save('secret.log', log);
    chmodSync(secret, 0);
    await expect(digestSlowLog([secret])).rejects.toThrow('no permission to read it');
  });

  it('stops when asked to', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    await expect(digestSlowLog([path], { signal: stop.signal })).rejects.toThrow('enough');
  });

  it('tells how far it is', async () => {
    const seen: number[] = [];
    await digestSlowLog([path], {
      onProgress: ({ bytesRead, bytesTotal }) => {
        expect(bytesTotal).toBe(log.length);
        seen.push(bytesRead);
      },
    });
    expect(seen.at(-1)).toBe(log.length);
    expect([...seen].sort((x, y) => x - y)).toEqual(seen);
  });
});

describe('digest of a file that is written to while it is read', () => {
  it('ends with the event that was being written when it was opened', async () => {
    const file = save('growing.log', log);
    let appended = 0;
    const { events, bytes } = await digestSlowLog([file], {
      onProgress: () => {
        if (appended++ < 200) appendFileSync(file, `# Time: 240116 10:00:00\n${event({ sql: 'SELECT 1 FROM late' })}`);
      },
    });
    expect(events).toBe(digestText(log).events);
    expect(bytes).toBeGreaterThanOrEqual(log.length);
  });

  it('reads on in a file that was renamed', async () => {
    const file = save('renamed.log', log);
    const digest = digestSlowLog([file], { onProgress: once(() => renameSync(file, `${file}.1`)) });
    expect((await digest).events).toBe(digestText(log).events);
  });

  it('warns when the file becomes shorter', async () => {
    const file = save('shorter.log', log);
    const { events, warnings } = await digestSlowLog([file], { onProgress: once(() => truncateSync(file, 1000)) });
    expect(events).toBeGreaterThan(0);
    expect(events).toBeLessThan(digestText(log).events);
    expect(warnings[0]).toBe(`${file}: it became shorter while it was read; what was read until then is counted`);
  });
});

describe('digest by several threads', () => {
  const inThreads = async (file: string, size: number, threads: number) => {
    const digester = new Digester({});
    const work = { path: file, size, threads, options: {}, onRead: () => undefined, signal: undefined };
    const end = await digestInParallel(digester, work);
    return end && summarize(digester, [{ name: file, ...end }]);
  };

  it.each([2, 3, 7])('is the same as by one: %i threads', async (threads) => {
    expect(await inThreads(path, log.length, threads)).toEqual(digestText(log));
  });

  it('is the same where some sections have no event of their own', async () => {
    const huge = event({ sql: `SELECT a FROM t WHERE b IN (${'1, '.repeat(200_000)}2)` });
    const mixed = `# Time: 240115 10:00:00\n${event({ sql: 'SELECT 1' })}# Time: 240115 10:00:01\n${huge}# Time: 240115 10:00:02\n${event({ sql: 'SELECT 2' })}`;
    expect(await inThreads(save('huge.log', mixed), mixed.length, 6)).toEqual(digestText(mixed));
  });

  it('is the same where a statement has lines like those of a log', async () => {
    const fake = "# Time: 240115 10:00:00\n# User@Host: root[root] @ localhost []\nx';\n";
    const quoted = `# Time: 240115 10:00:00\n${event({ sql: `INSERT INTO notes (body) VALUES ('look:\n${fake.slice(0, -2)}` })}`;
    const text = quoted.repeat(3_000);
    expect(await inThreads(save('quoted.log', text), text.length, 3)).toEqual(digestText(text));
  });

  it('gives up where a section would begin inside a statement', async () => {
    const fake = 'x;\n# Time: 240115 10:00:00\n# User@Host: a[a] @ b []\n# Query_time: 1.0  Lock_time: 0.0\n';
    const one = `# Time: 240115 10:00:00\n${event({ sql: `SELECT '${fake.repeat(30)}'` })}`;
    const tricky = one.repeat(100);
    const file = save('tricky.log', tricky);
    expect(await inThreads(file, tricky.length, 3)).toBeUndefined();
    expect((await digestSlowLog([file], { threads: 3 })).events).toBe(100);
  });

  it('counts a file once, whoever reads it', async () => {
    const large = save('large.log', Buffer.concat(Array.from({ length: 14 }, () => log)));
    const one = await digestSlowLog([large], { threads: 1 });
    expect(await digestSlowLog([large], { threads: 2 })).toEqual(one);
    expect(one.events).toBe(14 * digestText(log).events);
  });
});

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) run();
    isDone = true;
  };
}
