import { byteOf, codeOf, goesOnNumber, isDashComment, isExponent, isHexDigit, LETTER } from './byte-class.ts';

/**
 * A number that may come in pieces. Where it begins and ends is what pt-fingerprint says, so that it eats parts of
 * names: `t5x` is `t?`. In a number of its own, capitals as in 0xAF and 1E5 belong to it too.
 */
export class NumberSpan {
  private isInName = false;
  private isHex = false;

  /** `first` is its first byte, `before` the last byte of the reduced text. Returns where `read` goes on. */
  begin(buffer: Uint8Array, first: number, before: number): number {
    this.isInName = before > 127 || (codeOf[before] as number) >= LETTER;
    const isMarked = buffer[first] === byteOf.zero && buffer[first + 1] === byteOf.x && !this.isInName;
    this.isHex = isMarked && isHexDigit[buffer[first + 2] as number] === 1;
    return this.isHex ? first + 2 : first + 1;
  }

  /** Goes on with a number of its own that begins with decimal digits. */
  beginPlain(): void {
    this.isInName = false;
    this.isHex = false;
  }

  /** Returns the first position behind the number, or `end` or one behind it where it may go on there. */
  read(buffer: Uint8Array, from: number, end: number): number {
    let at = from;
    if (this.isHex) {
      while (at < end && isHexDigit[buffer[at] as number] === 1) at++;
      this.isHex = at >= end;
    }
    while (at < end) {
      const byte = buffer[at] as number;
      const goesOn = goesOnNumber[byte];
      if (goesOn === 1 || (goesOn === 2 && !isDashComment(buffer, at))) at++;
      else if (byte === byteOf.e && !this.isInName && isExponent(buffer, at + 1)) at += 2;
      else break;
    }
    return at;
  }
}
