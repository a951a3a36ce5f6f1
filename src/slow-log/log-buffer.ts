import { LOOKAHEAD } from '../sql/statement-reducer.ts';

/** Bytes that have been read and stay, so that a reader may look back. */
const HISTORY = 16;

/**
 * The part of a log that is being read: what was not read yet moves to the front when more comes, and behind the last
 * byte there are always LOOKAHEAD more, so that a reader may look ahead without asking.
 */
export class LogBuffer {
  bytes = new Uint8Array(1 << 19);
  /** The first byte that is not read, and the end of what is there. */
  at = 0;
  size = 0;
  /** What `bytes[0]` is in the whole log. */
  offset = 0;
  /** True once the log is at its end: then a line break stands behind its last byte. */
  isComplete = false;

  reset(offset: number): void {
    this.at = 0;
    this.size = 0;
    this.offset = offset;
    this.isComplete = false;
  }

  /** Up to here a reader may begin something: it can look LOOKAHEAD bytes further. */
  get limit(): number {
    return this.isComplete ? this.size : this.size - LOOKAHEAD;
  }

  append(chunk: Uint8Array): void {
    const from = Math.max(0, this.at - HISTORY);
    const rest = this.size - from;
    const needed = rest + chunk.length + LOOKAHEAD + 1;
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      larger.set(this.bytes.subarray(from, this.size));
      this.bytes = larger;
    } else if (from > 0) {
      this.bytes.copyWithin(0, from, this.size);
    }
    this.bytes.set(chunk, rest);
    this.offset += from;
    this.at -= from;
    this.size = rest + chunk.length;
  }

  complete(): void {
    this.append(new Uint8Array(0));
    this.bytes.fill(0, this.size, this.size + LOOKAHEAD + 1);
    this.bytes[this.size] = 10;
    this.isComplete = true;
  }
}
