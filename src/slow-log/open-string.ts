import { isWordByte } from '../sql/byte-class.ts';
import { StatementReducer } from '../sql/statement-reducer.ts';
import type { LogBuffer } from './log-buffer.ts';
import type { StatementSample } from './statement-sample.ts';

/** A statement with more lines that look like events is about a slow log; each look costs a reading of it. */
const MAXIMUM_DOUBTS = 20;
/** How far the end of a string is waited for where what follows looks like events. */
const END_REACH = 1 << 20;

const RETURN = 13;
const STAR = 42;
const SLASH = 47;
const SEMICOLON = 59;
const BACKSLASH = 92;

/** Judges strings that are open, or seem to be, where a line looks like the first of an event. */
export class OpenString {
  private readonly withoutEscapes = new StatementReducer({ backslashEscapes: false });
  private doubts = 0;

  /** For another statement. */
  reset(): void {
    this.doubts = 0;
  }

  /**
   * At a line break before what looks like an event. If the statement ends with a semicolon here, the session may have
   * read backslashes as plain letters, so that the string has ended; or the string has no end at all: then this is the
   * reducer that has read the statement. `more` where that is not to be seen yet. Otherwise it is text about a slow
   * log, which is no event, or `usual` is not inside anything.
   */
  judge(
    log: LogBuffer,
    sample: StatementSample,
    usual: StatementReducer,
    at: number,
  ): StatementReducer | 'inside' | 'more' {
    const { bytes, size, isComplete } = log;
    const lineEnd = endOfLine(bytes, at);
    if (!usual.isInside || bytes[lineEnd] !== SEMICOLON || this.doubts > MAXIMUM_DOUBTS) return 'inside';
    const { withoutEscapes } = this;
    if (sample.isAttached) {
      withoutEscapes.reset();
      withoutEscapes.run(bytes, sample.startInBuffer, lineEnd);
      if (!withoutEscapes.isInside && !withoutEscapes.misreadsStrings) return withoutEscapes;
    }
    const quote = usual.awaitedQuote;
    const end = findEnd(bytes, at, size, quote);
    if (end < 0 && !isComplete && size - at < END_REACH) return 'more';
    this.doubts++;
    // Where a letter follows, the quote opens a string rather than ending one.
    return end < 0 || (quote > 0 && isWordByte(bytes[end + 1] as number)) ? usual : 'inside';
  }
}

/** Where the line whose break is at `at` ends, without its semicolon. */
export function endOfLine(bytes: Uint8Array, at: number): number {
  const end = bytes[at - 1] === RETURN ? at - 2 : at - 1;
  return bytes[end] === SEMICOLON ? end : end + 1;
}

/** Where the next quote of this kind stands that is not escaped, or for 0 the end of a comment; -1 if there is none. */
function findEnd(bytes: Uint8Array, from: number, end: number, quote: number): number {
  for (let at = from; at < end; at++) {
    if (quote === 0 ? bytes[at] === STAR && bytes[at + 1] === SLASH : bytes[at] === quote) return at;
    if (quote > 0 && bytes[at] === BACKSLASH) at++;
  }
  return -1;
}
