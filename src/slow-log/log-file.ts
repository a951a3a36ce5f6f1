import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { SlowLogError, unreadable } from './slow-log-error.ts';
import { decompress, type Packing, packingOf } from './unpack.ts';

/** Read at once: enough that the calls cost little, little enough that the buffers do. */
const CHUNK_BYTES = 1 << 18;

/** A log to be digested: an open file, or standard input. */
export interface LogFile {
  readonly name: string;
  /** Bytes on disk when it was opened; undefined for a pipe. */
  readonly size: number | undefined;
  readonly packing: Packing;
  /** Bytes taken from disk or pipe so far, for progress. */
  readonly bytesRead: number;
  /**
   * The log's bytes, unpacked; a chunk is only valid until the next is asked for. What stops it early is thrown. Where it
   * is a file, `here` reads it on this thread.
   */
  chunks(options?: { readonly here?: boolean }): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Opens a file, or standard input for `-`. Throws a SlowLogError in words. */
export async function openLog(name: string, stdin: AsyncIterable<Uint8Array>): Promise<LogFile> {
  if (name === '-') return openStream('standard input', stdin);
  let handle: FileHandle | undefined;
  try {
    handle = await open(name, 'r');
    const status = await handle.stat();
    if (status.isDirectory()) throw new SlowLogError(name, 'it is a directory, not a file');
    if (!status.isFile()) return await openStream(name, handle.createReadStream({ highWaterMark: CHUNK_BYTES }));
    const head = new Uint8Array(4);
    const { bytesRead } = await handle.read(head, 0, 4, 0);
    return new PlainOrPackedFile(name, handle, status.size, packingOf(head.subarray(0, bytesRead)));
  } catch (error) {
    await handle?.close();
    throw error instanceof SlowLogError ? error : unreadable(name, error);
  }
}

class PlainOrPackedFile implements LogFile {
  readonly name: string;
  readonly size: number;
  readonly packing: Packing;
  bytesRead = 0;
  private readonly handle: FileHandle;

  constructor(name: string, handle: FileHandle, size: number, packing: Packing) {
    this.name = name;
    this.handle = handle;
    this.size = size;
    this.packing = packing;
  }

  chunks({ here = false } = {}): AsyncIterable<Uint8Array> {
    const count = (bytes: number) => {
      this.bytesRead += bytes;
    };
    const raw = here ? readFileHere(this.handle, count) : readFile(this.handle, 0, count);
    return decompress(raw, this.packing);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** Two buffers that take turns: one is read into while the other is worked on. */
export type ReadBuffers = readonly [Uint8Array, Uint8Array];

export function readBuffers(): ReadBuffers {
  return [new Uint8Array(CHUNK_BYTES), new Uint8Array(CHUNK_BYTES)];
}

/** How much is read before everything else of the process has its turn. */
const TURN_BYTES = 8 << 20;

/**
 * The same, read by the thread that works on them: less to do for each chunk than to have it read beside, but a slow
 * disk holds up everything else that the process does.
 */
async function* readFileHere(handle: FileHandle, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let position = 0, turn = TURN_BYTES; ; ) {
    const bytesRead = readSync(handle.fd, buffer, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    onRead(bytesRead);
    yield buffer.subarray(0, bytesRead);
    if (position < turn) continue;
    turn += TURN_BYTES;
    await new Promise(setImmediate);
  }
}

/** The bytes of a file; a chunk is only valid until the next is asked for. */
export async function* readFile(
  handle: FileHandle,
  from: number,
  onRead: (bytes: number) => void,
  buffers: ReadBuffers = readBuffers(),
): AsyncGenerator<Uint8Array> {
  let position = from;
  let turn: 0 | 1 = 0;
  let next = handle.read(buffers[turn], 0, CHUNK_BYTES, position);
  try {
    for (;;) {
      const { bytesRead } = await next;
      if (bytesRead === 0) return;
      onRead(bytesRead);
      const chunk = buffers[turn].subarray(0, bytesRead);
      position += bytesRead;
      turn = turn === 0 ? 1 : 0;
      next = handle.read(buffers[turn], 0, CHUNK_BYTES, position);
      yield chunk;
    }
  } finally {
    // A read under way must end before the file is closed; its outcome no longer matters.
    await next.catch(() => undefined);
  }
}

async function openStream(name: string, stream: AsyncIterable<Uint8Array>): Promise<LogFile> {
  const iterator = stream[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < 4) {
    const { value, done } = await iterator.next();
    if (done) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  const packing = packingOf(head);
  const log = {
    name,
    size: undefined,
    packing,
    bytesRead: 0,
    chunks: () => decompress(counted(), packing),
    close: async () => {
      await iterator.return?.();
    },
  };
  async function* counted(): AsyncGenerator<Uint8Array> {
    log.bytesRead += head.length;
    if (head.length > 0) yield head;
    for (let it = await iterator.next(); !it.done; it = await iterator.next()) {
      log.bytesRead += it.value.length;
      yield it.value;
    }
  }
  return log;
}
