import { byteOf, codeOf, SPACE } from './byte-class.ts';

/** A longer name is not put aside, so that no statement can fill the memory; the server's own limit is 64 letters. */
const MAXIMUM_BYTES = 512;

/** What stands between CALL and its parenthesis, put aside until it is clear that it is only a name. */
export class CallName {
  /** As it was written, with what the reader's look-ahead needs behind it. */
  readonly bytes: Uint8Array;
  length = 0;
  outcome: 'unknown' | 'procedure' | 'other' = 'unknown';

  constructor(padding: number) {
    this.bytes = new Uint8Array(MAXIMUM_BYTES + padding);
  }

  begin(): void {
    this.length = 0;
    this.outcome = 'unknown';
  }

  /** Returns where it stopped: at `end`, or at the byte that told what it is. */
  read(buffer: Uint8Array, from: number, end: number): number {
    let at = from;
    for (; at < end; at++) {
      const byte = buffer[at] as number;
      const inName = this.length > 0 && codeOf[this.bytes[this.length - 1] as number] !== SPACE;
      const endsName = codeOf[byte] === SPACE && inName;
      if (byte === byteOf.open || byte === byteOf.semicolon || endsName || this.length === MAXIMUM_BYTES) {
        this.outcome = byte === byteOf.open && inName ? 'procedure' : 'other';
        return at;
      }
      this.bytes[this.length++] = byte;
    }
    return at;
  }

  /** `call name`, with the white space between them as it was written: so it is in pt-fingerprint. */
  fingerprint(): Uint8Array {
    const text = `call${Buffer.from(this.bytes.subarray(0, this.length)).toString('latin1')}`;
    return Buffer.from(
      text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
      'latin1',
    );
  }
}
