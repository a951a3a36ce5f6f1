import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';

export type Packing = 'plain' | 'gzip' | 'zstd';

/** Compressed bytes that are handed over at once: what comes out of them waits in memory. */
const PACKED_BYTES = 32 << 10;
const UNPACKED_BYTES = 64 << 10;

/** Tells by the first bytes, not by the name. */
export function packingOf(head: Uint8Array): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const isZstd = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;
  return isZstd ? 'zstd' : 'plain';
}

/** The unpacked bytes, while they come. A packed file that is cut or damaged throws after what could be unpacked. */
export function decompress(packed: AsyncIterable<Uint8Array>, packing: Packing): AsyncIterable<Uint8Array> {
  return packing === 'plain' ? packed : unpack(packed, packing);
}

/**
 * Feeds a stream piece by piece, so that what was unpacked before an error is not lost, as it would be in a pipeline.
 * Node's stream for zstd ends with a frame and leaves the rest of the piece untouched: that goes to a new stream.
 */
async function* unpack(packed: AsyncIterable<Uint8Array>, packing: 'gzip' | 'zstd'): AsyncGenerator<Uint8Array> {
  let unpacker = new Unpacker(packing);
  try {
    for await (const chunk of packed) {
      for (let at = 0; at < chunk.length; ) {
        const size = Math.min(PACKED_BYTES, chunk.length - at);
        const taken = await unpacker.write(chunk, at, size);
        yield* unpacker.take();
        if (unpacker.trouble !== undefined) throw unpacker.trouble;
        at += taken;
        if (taken === size) continue;
        // What follows a gzip member without being one is padding.
        if (packing === 'gzip') return;
        unpacker.stream.destroy();
        unpacker = new Unpacker(packing);
      }
    }
    await unpacker.end();
    yield* unpacker.take();
    if (unpacker.trouble !== undefined) throw unpacker.trouble;
  } finally {
    unpacker.stream.destroy();
  }
}

class Unpacker {
  readonly stream: Gunzip | ZstdDecompress;
  trouble: Error | undefined;
  private unpacked: Uint8Array[] = [];
  private readonly closed: Promise<void>;

  constructor(packing: 'gzip' | 'zstd') {
    const options = { chunkSize: UNPACKED_BYTES };
    this.stream = packing === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
    this.stream.on('data', (chunk: Uint8Array) => this.unpacked.push(chunk));
    this.closed = new Promise((resolve) => {
      this.stream.once('close', resolve);
      this.stream.once('error', (error) => {
        this.trouble = error;
        resolve();
      });
    });
  }

  /** Returns how many of the bytes were taken. */
  async write(chunk: Uint8Array, at: number, size: number): Promise<number> {
    const before = this.stream.bytesWritten;
    // A copy: the stream may still look at it when the reader's buffer is used again.
    const piece = chunk.slice(at, at + size);
    await Promise.race([this.closed, new Promise<void>((resolve) => this.stream.write(piece, () => resolve()))]);
    return this.stream.bytesWritten - before;
  }

  async end(): Promise<void> {
    this.stream.end();
    await this.closed;
  }

  take(): readonly Uint8Array[] {
    const taken = this.unpacked;
    this.unpacked = [];
    return taken;
  }
}
