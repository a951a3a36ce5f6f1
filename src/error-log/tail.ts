import { open, stat } from 'node:fs/promises';

export interface Tail {
  readonly lines: readonly string[];
  readonly bytesRead: number;
  readonly sizeBytes: number;
  /** True where the file goes on before what was read. */
  readonly cut: boolean;
}

const blockBytes = 256 * 1024;
/** Enough for 200,000 lines of usual length. */
const defaultMaxBytes = 32 * 1024 * 1024;

/**
 * The last lines of a file, reading from its end no more than needed. Throws the system's error where it cannot be
 * read, and one of its own for what is no regular file: a pipe would wait for ever, a device never end.
 */
export async function readTail(path: string, maxLines: number, maxBytes = defaultMaxBytes): Promise<Tail> {
  if (!(await stat(path)).isFile()) throw new Error('not a regular file');
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const blocks: Buffer[] = [];
    let start = size;
    let breaks = 0;
    while (start > 0 && breaks <= maxLines && size - start < maxBytes) {
      const length = Math.min(blockBytes, start, maxBytes - (size - start));
      start -= length;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
      // A log that is cut off while it is read gives less than its size promised.
      const block = buffer.subarray(0, bytesRead);
      blocks.unshift(block);
      breaks += countBreaks(block);
    }
    const text = Buffer.concat(blocks).toString('utf8');
    const lines = text.split(/\r?\n/);
    if (lines.at(-1) === '') lines.pop();
    // The first line is whole only where the file begins with it.
    const whole = start > 0 ? lines.slice(1) : lines;
    const kept = whole.slice(-maxLines);
    return { lines: kept, bytesRead: size - start, sizeBytes: size, cut: start > 0 || kept.length < whole.length };
  } finally {
    await file.close();
  }
}

function countBreaks(block: Buffer): number {
  let count = 0;
  for (let at = block.indexOf(10); at >= 0; at = block.indexOf(10, at + 1)) count++;
  return count;
}
