import { isWordByte } from './byte-class.ts';

/** A string or a comment: bytes that leave nothing behind but, for a string, one `?`. */
export type SpanKind = 'none' | 'string' | 'line-comment' | 'block-comment';

const NEWLINE = 10;
const RETURN = 13;
const HASH = 35;
const STAR = 42;
const SLASH = 47;
const SEMICOLON = 59;
const BACKSLASH = 92;

/** Reads a string or a comment that may come in pieces. */
export class SkippedSpan {
  /** `none` once its end was read. */
  kind: SpanKind = 'none';
  /** The last `read` stopped at a line break before a `#`, as an event of a slow log begins. */
  isAtHashLine = false;
  /** The last `read` ended a comment behind whose semicolon the line ends: the log wrote it there. */
  isAtSemicolon = false;

  /** The byte that ends a string. */
  quote = 0;
  /** A letter stood behind the end of a string: backslashes were not meant to be read as plain letters. */
  sawWordBehind = false;

  private last = 0;
  private readonly backslashEscapes: boolean;

  constructor(backslashEscapes: boolean) {
    this.backslashEscapes = backslashEscapes;
  }

  /** `quote` is the byte that ends a string. */
  begin(kind: SpanKind, quote = 0): void {
    this.kind = kind;
    this.quote = quote;
    this.last = 0;
  }

  /** Returns the first position not read: behind the span, at `end` or a byte behind it, or at a hash line. */
  read(buffer: Uint8Array, from: number, end: number, stopsAtEvents: boolean): number {
    this.isAtHashLine = false;
    this.isAtSemicolon = false;
    if (this.kind === 'string') return this.readString(buffer, from, end, stopsAtEvents);
    if (this.kind === 'line-comment') return this.readLineComment(buffer, from, end, stopsAtEvents);
    return this.readBlockComment(buffer, from, end, stopsAtEvents);
  }

  private readString(buffer: Uint8Array, from: number, end: number, stopsAtEvents: boolean): number {
    const { quote, backslashEscapes } = this;
    let at = from;
    while (at < end) {
      const byte = buffer[at] as number;
      if (byte === quote) {
        if (buffer[at + 1] !== quote) {
          this.kind = 'none';
          if (!backslashEscapes && isWordByte(buffer[at + 1] as number)) this.sawWordBehind = true;
          return at + 1;
        }
        at += 2;
      } else if (byte === BACKSLASH && backslashEscapes) {
        at += 2;
      } else if (byte === NEWLINE && stopsAtEvents && buffer[at + 1] === HASH) {
        this.isAtHashLine = true;
        return at;
      } else {
        at++;
      }
    }
    return at;
  }

  /** Ends in front of the line break, which is white space of the statement. */
  private readLineComment(buffer: Uint8Array, from: number, end: number, stopsAtEvents: boolean): number {
    let at = from;
    while (at < end && buffer[at] !== NEWLINE) {
      if (buffer[at] !== RETURN) this.last = buffer[at] as number;
      at++;
    }
    if (at < end) {
      this.kind = 'none';
      this.isAtSemicolon = stopsAtEvents && this.last === SEMICOLON;
    }
    return at;
  }

  private readBlockComment(buffer: Uint8Array, from: number, end: number, stopsAtEvents: boolean): number {
    let at = from;
    while (at < end) {
      const byte = buffer[at] as number;
      if (byte === STAR && buffer[at + 1] === SLASH) {
        this.kind = 'none';
        return at + 2;
      }
      if (byte === NEWLINE && stopsAtEvents && buffer[at + 1] === HASH) {
        this.isAtHashLine = true;
        return at;
      }
      at++;
    }
    return at;
  }
}
