import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTail } from '../../src/error-log/tail.ts';

describe('the tail of a file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dbcheck-tail-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function write(text: string | Buffer): Promise<string> {
    const path = join(folder, 'error.log');
    await writeFile(path, text);
    return path;
  }

  it('gives the last lines and says that there were more', async () => {
    const path = await write('one\ntwo\nthree\n');
    expect(await readTail(path, 2)).toMatchObject({ lines: ['two', 'three'], cut: true, sizeBytes: 14 });
    expect(await readTail(path, 3)).toMatchObject({ lines: ['one', 'two', 'three'], cut: false });
  });

  it('reads a large file no further than it must', async () => {
    const path = await write(`${'x'.repeat(99)}\n`.repeat(50_000));
    const tail = await readTail(path, 100);
    expect(tail.lines).toHaveLength(100);
    expect(tail.bytesRead).toBeLessThan(600_000);
  });

  it('stops at its limit of bytes in a file without line breaks', async () => {
    const path = await write('x'.repeat(3_000_000));
    expect(await readTail(path, 100, 1_000_000)).toMatchObject({ bytesRead: 1_000_000, cut: true, lines: [] });
  });

  it('takes a last line that is not finished, Windows line ends, NUL and invalid bytes as they come', async () => {
    const path = await write(Buffer.from('a\r\n\xff\x00b\nlast', 'latin1'));
    expect((await readTail(path, 9)).lines).toEqual(['a', '\ufffd\u0000b', 'last']);
  });

  it('gives no line of an empty file', async () => {
    expect(await readTail(await write(''), 9)).toMatchObject({ lines: [], cut: false });
  });

  it('refuses what is no regular file rather than wait for it', async () => {
    await expect(readTail('/dev/zero', 9)).rejects.toThrow('not a regular file');
    await expect(readTail(folder, 9)).rejects.toThrow('not a regular file');
    await expect(readTail(join(folder, 'none'), 9)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
