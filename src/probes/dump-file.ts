import type { Stats } from 'node:fs';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { BackupSet } from './backup-set.ts';

/** The last thing that mariadb-dump and mysqldump write, with and without comments. */
const endOfDump = /-- Dump completed|SET SQL_NOTES=@OLD_SQL_NOTES|\bUNLOCK TABLES;\s*$|SET TIME_ZONE=@OLD_TIME_ZONE/;
/** Compressed files are read to their end up to this size; a larger one is said not to have been checked. */
const maxUnpackBytes = 512 * 1024 * 1024;
const edgeBytes = 64 * 1024;

/** Looks at a logical dump: does it end as a complete one does, and which binary log position does it carry. */
export async function readDump(
  path: string,
  name: string,
  about: Stats,
  signal: AbortSignal | undefined,
): Promise<BackupSet> {
  const common = {
    name,
    kind: 'dump',
    sizeBytes: about.size,
    fromLsn: undefined,
    toLsn: undefined,
  } as const;
  if (about.size === 0)
    return { ...common, finishedAtMs: about.mtimeMs, broken: 'the file is empty', binlogFile: undefined };
  const packed = /\.(gz|zst|xz|bz2|lz4)$/i.exec(name)?.[1]?.toLowerCase();
  const read =
    packed === undefined ? await readEdges(path, about.size) : await unpackEdges(path, packed, about.size, signal);
  const said = Date.parse(
    (/-- Dump completed on (\d{4}-\d\d-\d\d +\d+:\d\d:\d\d)/.exec(read.tail)?.[1] ?? '').replace(/ +/, 'T'),
  );
  return {
    ...common,
    finishedAtMs: Number.isFinite(said) ? Math.min(said, about.mtimeMs) : about.mtimeMs,
    broken:
      read.broken ??
      (read.unchecked || endOfDump.test(read.tail)
        ? undefined
        : 'it does not end as a complete dump does: cut off, or still being written'),
    binlogFile: /MASTER_LOG_FILE='([^']+)'/.exec(read.head)?.[1],
  };
}

interface Edges {
  readonly head: string;
  readonly tail: string;
  readonly broken?: string;
  readonly unchecked?: boolean;
}

async function readEdges(path: string, size: number): Promise<Edges> {
  const file = await open(path);
  try {
    const part = async (from: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(edgeBytes), 0, edgeBytes, from);
      return buffer.toString('utf8', 0, bytesRead);
    };
    return { head: await part(0), tail: await part(Math.max(0, size - edgeBytes)) };
  } finally {
    await file.close();
  }
}

async function unpackEdges(
  path: string,
  packed: string,
  size: number,
  signal: AbortSignal | undefined,
): Promise<Edges> {
  const unpack = packed === 'gz' ? createGunzip() : packed === 'zst' ? createZstdDecompress() : undefined;
  if (!unpack || size > maxUnpackBytes) return { head: '', tail: '', unchecked: true };
  let head = '';
  let tail = Buffer.alloc(0);
  try {
    await pipeline(
      createReadStream(path),
      unpack,
      async (pieces: AsyncIterable<Buffer>) => {
        for await (const piece of pieces) {
          if (head.length < edgeBytes) head += piece.toString('utf8', 0, edgeBytes - head.length);
          tail = Buffer.concat([tail, piece]).subarray(-edgeBytes);
        }
      },
      signal ? { signal } : {},
    );
    return { head, tail: tail.toString('utf8') };
  } catch (error) {
    if (signal?.aborted) throw error;
    return { head, tail: tail.toString('utf8'), broken: 'the compressed file is damaged or cut off' };
  }
}
