import {
  byteOf,
  CONTROL,
  codeOf,
  DIGIT,
  goesOnNumber,
  isDashComment,
  isLineEnd,
  isToolkitComment,
  LETTER,
  SPACE,
  TEXT,
} from './byte-class.ts';
import { CallName } from './call-name.ts';
import { endOfLiterals, endOfRows } from './literal-list.ts';
import { LiteralMarks } from './literal-marks.ts';
import { NumberSpan } from './number-span.ts';
import { ReducedText } from './reduced-text.ts';
import { SkippedSpan, type SpanKind } from './skipped-span.ts';

/** Bytes that must be readable behind the end of what `run` is given: more of the text, or padding. */
export const LOOKAHEAD = 512;

/** Why `run` returned. */
export type Stop =
  /** All bytes are read. */
  | 'end'
  /** At a semicolon before a line break, outside strings and comments; or at the line break, when a comment ends so. */
  | 'semicolon'
  /** At a line break before a `#`. */
  | 'hash-line';

type State = 'text' | 'span' | 'number' | 'word' | 'call-name';

/** First letters of the words that mean something to `ReducedText`: NULL, IN, INSERT, VALUES, REPLACE; and CALL. */
const startsKeyword = tableOf('nivrc');
/** What stands before a number that is neither part of a name nor has a prefix. */
const beforeNumber = tableOf(' ,(=<>');
/** The fingerprint of all statements that Percona Toolkit marks by a comment. */
const toolkit = Buffer.from('percona-toolkit');

function tableOf(letters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const letter of letters) table[letter.charCodeAt(0)] = 1;
  return table;
}

/**
 * Reduces SQL, as bytes in pieces of any size, to what is the same for every run of one statement: literals become
 * `?`, lists of them `(?+)`, further rows of an INSERT go, so do comments; white space is one blank, letters are small.
 * Where the pieces are cut makes no difference. The fingerprint is made of the result, see `fingerprint.ts`.
 */
export class StatementReducer {
  readonly text = new ReducedText();
  readonly literals = new LiteralMarks();
  /** The text is the fingerprint as it stands: CALL of a procedure, an administrator command, Percona Toolkit's own. */
  isVerbatim = false;
  /** True when there was a control character that no SQL has, such as NUL: garbage in a log. */
  sawControl = false;
  stop: Stop = 'end';

  private state: State = 'text';
  private isCall = false;
  private isToolkit = false;
  private readonly span: SkippedSpan;
  private readonly call = new CallName(LOOKAHEAD);
  private inBackticks = false;
  private inExecutable = false;
  private wordStart = 0;
  private readonly number = new NumberSpan();
  private mayCall = true;
  private readonly backslashEscapes: boolean;

  constructor({ backslashEscapes = true } = {}) {
    this.backslashEscapes = backslashEscapes;
    this.span = new SkippedSpan(backslashEscapes);
  }

  reset(): void {
    this.text.reset();
    this.literals.reset();
    this.isVerbatim = false;
    this.span.sawWordBehind = false;
    this.isCall = false;
    this.isToolkit = false;
    this.sawControl = false;
    this.state = 'text';
    this.inBackticks = false;
    this.inExecutable = false;
    this.mayCall = true;
  }

  /** True inside a string, a quoted name or a comment that may span lines. */
  get isInside(): boolean {
    return (this.state === 'span' && this.span.kind !== 'line-comment') || this.inBackticks;
  }

  /** Only without backslash escapes: true where a string ended before a letter, so that they were escapes after all. */
  get misreadsStrings(): boolean {
    return this.span.sawWordBehind;
  }

  /** What ends the string or quoted name that is being read: its quote; 0 outside and in a comment. */
  get awaitedQuote(): number {
    if (this.inBackticks) return byteOf.backtick;
    return this.state === 'span' && this.span.kind === 'string' ? this.span.quote : 0;
  }

  /**
   * Reads `buffer` from `from` up to `end`, behind which LOOKAHEAD bytes are readable. Returns the first position that
   * it has not read, which may lie a byte or two behind `end`. With `stopsAtEvents` it stops in front of what may end
   * an event of a slow log; called again from there with `passStop`, it takes that byte as part of the statement.
   */
  run(buffer: Uint8Array, from: number, end: number, stopsAtEvents = false, passStop = false): number {
    this.text.makeRoom(end - from);
    this.stop = 'end';
    let at = passStop && from < end ? this.pass(buffer, from) : from;
    while (at < end && this.stop === 'end') {
      if (this.state === 'text') at = this.readText(buffer, at, end, stopsAtEvents);
      else if (this.state === 'span') at = this.readSpan(buffer, at, end, stopsAtEvents);
      else if (this.state === 'number') at = this.readNumber(buffer, at, end);
      else if (this.state === 'word') at = this.readWord(buffer, at, end);
      else at = this.readCall(buffer, at, end);
    }
    return at;
  }

  /** Ends the statement; `text` is complete. */
  finish(): void {
    if (this.state === 'call-name') this.readAgainWithoutCall();
    if (this.state === 'word') this.text.endWord(this.wordStart, this.text.lastOfWord);
    this.state = 'text';
    if (this.isToolkit) this.setVerbatim(toolkit);
    else if (this.isCall) this.setVerbatim(this.call.fingerprint());
    else this.text.finish();
  }

  /** In place of a statement: the bytes of a fingerprint. */
  setVerbatim(fingerprint: Uint8Array): void {
    this.text.set(fingerprint);
    this.isVerbatim = true;
  }

  private pass(buffer: Uint8Array, at: number): number {
    this.literals.areComplete = false;
    if (this.state === 'text') {
      if (buffer[at] === byteOf.newline) this.text.addBlank(byteOf.newline);
      else this.text.addText(buffer[at] as number);
    }
    return at + 1;
  }

  /** The hot loop: words, blanks and numbers, most of any statement, are read in place; the rest is called. */
  private readText(buffer: Uint8Array, from: number, end: number, stopsAtEvents: boolean): number {
    const { text } = this;
    const { bytes } = text;
    let size = text.length;
    let at = from;
    while (at < end) {
      const byte = buffer[at] as number;
      let code = codeOf[byte] as number;
      if (code >= LETTER) {
        const start = size;
        do {
          bytes[size++] = code;
          code = codeOf[buffer[++at] as number] as number;
        } while (code >= LETTER && at < end);
        text.lastOfWord = buffer[at - 1] as number;
        if (at < end && text.list === 0 && startsKeyword[bytes[start] as number] === 0) continue;
        text.length = size;
        this.wordStart = start;
        if (at >= end) {
          this.state = 'word';
          return at;
        }
        this.endWord(code);
        if (this.state !== 'text') return at;
        size = text.length;
      } else if (code === SPACE) {
        if (stopsAtEvents && byte === byteOf.newline && buffer[at + 1] === byteOf.hash) {
          text.length = size;
          this.stop = 'hash-line';
          return at;
        }
        at++;
        if (size === 0) continue;
        if (bytes[size - 1] === byteOf.blank) text.blankIsNewline = false;
        else {
          bytes[size++] = byteOf.blank;
          text.blankIsNewline = byte === byteOf.newline;
        }
      } else if (code === DIGIT) {
        const isPlain =
          size > 0 && beforeNumber[bytes[size - 1] as number] === 1 && byte !== byteOf.zero && (text.list & 1) === 0;
        if (isPlain) {
          const start = at;
          bytes[size++] = byteOf.question;
          do at++;
          while (at < end && goesOnNumber[buffer[at] as number] === 1);
          const next = buffer[at] as number;
          if (at < end && goesOnNumber[next] === 0 && next !== byteOf.e) {
            this.literals.add('number', start, at);
            continue;
          }
          this.number.beginPlain();
          this.state = 'number';
          text.length = size;
          return at;
        }
        text.length = size;
        at = this.startNumber(buffer, at, end);
        if (this.state !== 'text') return at;
        size = text.length;
      } else if (code === TEXT) {
        if (text.list !== 0) text.breakList();
        bytes[size++] = byte;
        at++;
      } else {
        text.length = size;
        at = this.readSign(buffer, at, end, stopsAtEvents);
        if (this.state !== 'text' || this.stop !== 'end') return at;
        size = text.length;
      }
    }
    text.length = size;
    return at;
  }

  private readSign(buffer: Uint8Array, at: number, end: number, stopsAtEvents: boolean): number {
    const { text } = this;
    const byte = buffer[at] as number;
    switch (byte) {
      case byteOf.comma:
        text.addComma();
        return at + 1;
      case byteOf.open:
        text.addOpen();
        return text.isInLiterals ? this.skipLiterals(buffer, at + 1, end) : at + 1;
      case byteOf.close:
        text.addClose();
        return at + 1;
      case byteOf.backtick:
        this.inBackticks = !this.inBackticks;
        break;
      case byteOf.star:
        return this.readStar(buffer, at);
      case byteOf.plus:
        return this.startNumber(buffer, at, end);
      case byteOf.minus:
        // Without a blank behind them, what follows says whether two of them begin a comment.
        if (buffer[at + 1] === byteOf.minus && (buffer[at + 2] as number) > 32) this.literals.areComplete = false;
        if (this.inBackticks || !isDashComment(buffer, at)) return this.startNumber(buffer, at, end);
        return this.skip('line-comment', buffer, at, 2, end, stopsAtEvents);
      case byteOf.quote:
      case byteOf.apostrophe:
        if (!this.inBackticks) return this.skip('string', buffer, at, 1, end, stopsAtEvents);
        break;
      case byteOf.hash:
        if (!this.inBackticks) return this.skip('line-comment', buffer, at, 1, end, stopsAtEvents);
        break;
      case byteOf.slash:
        if (!this.inBackticks) return this.readSlash(buffer, at, end, stopsAtEvents);
        break;
      case byteOf.semicolon:
        if (stopsAtEvents && !this.inBackticks && isLineEnd(buffer, at + 1)) {
          this.stop = 'semicolon';
          return at;
        }
        break;
      default:
        if (codeOf[byte] === CONTROL) this.sawControl = true;
    }
    text.addText(byte);
    return at + 1;
  }

  /** A list of plain literals up to its end, and such rows behind it, are skipped; any other is read from its start. */
  private skipLiterals(buffer: Uint8Array, from: number, end: number): number {
    const { text, backslashEscapes } = this;
    const first = endOfLiterals(buffer, from, end, backslashEscapes);
    if (first < 0) return from;
    text.addClose();
    const last = text.isBehindRow ? endOfRows(buffer, first, end, backslashEscapes) : first;
    if (last > first) text.addRow();
    this.literals.add(last > first ? 'rows' : 'list', from, last);
    return last + 1;
  }

  /** Goes on with a word that the end of a piece has cut. */
  private readWord(buffer: Uint8Array, from: number, end: number): number {
    const { text } = this;
    let at = from;
    let code = codeOf[buffer[at] as number] as number;
    while (code >= LETTER && at < end) {
      text.bytes[text.length++] = code;
      text.lastOfWord = buffer[at] as number;
      code = codeOf[buffer[++at] as number] as number;
    }
    if (at < end) this.endWord(code);
    return at;
  }

  /** The word from `wordStart` is whole; `next` is the code of what follows. */
  private endWord(next: number): void {
    const { text } = this;
    const mayBeCall = text.length === 4 && this.mayCall && next === SPACE && text.endsWith('call');
    this.state = mayBeCall ? 'call-name' : 'text';
    if (mayBeCall) this.call.begin();
    text.endWord(this.wordStart, text.lastOfWord);
  }

  /** At a digit or a sign. */
  private startNumber(buffer: Uint8Array, from: number, end: number): number {
    const { text, number } = this;
    const before = text.length > 0 ? (text.bytes[text.length - 1] as number) : 0;
    const behindFirst = number.begin(buffer, from, before);
    text.addLiteral();
    const at = this.readNumber(buffer, behindFirst, end);
    const isWhole = this.state === 'text' && codeOf[buffer[from] as number] === DIGIT;
    if (isWhole && beforeNumber[before] === 1) this.literals.add('number', from, at);
    return at;
  }

  private readNumber(buffer: Uint8Array, from: number, end: number): number {
    const at = this.number.read(buffer, from, end);
    this.state = at < end ? 'text' : 'number';
    return at;
  }

  /** A string or a comment from `start`, where `opening` bytes open it. */
  private skip(
    kind: Exclude<SpanKind, 'none'>,
    buffer: Uint8Array,
    start: number,
    opening: number,
    end: number,
    stopsAtEvents: boolean,
  ): number {
    if (kind === 'string') this.text.addLiteral();
    else this.mayCall = false;
    this.span.begin(kind, buffer[start]);
    this.state = 'span';
    const at = this.readSpan(buffer, start + opening, end, stopsAtEvents);
    if (this.span.kind === 'none') this.literals.add(kind, start, at);
    return at;
  }

  private readSpan(buffer: Uint8Array, from: number, end: number, stopsAtEvents: boolean): number {
    const at = this.span.read(buffer, from, end, stopsAtEvents);
    if (this.span.kind === 'none') this.state = 'text';
    if (this.span.isAtHashLine) this.stop = 'hash-line';
    if (this.span.isAtSemicolon) this.stop = 'semicolon';
    return at;
  }

  /** A slash, a comment, or the opening of an executable comment, whose content is part of the statement. */
  private readSlash(buffer: Uint8Array, at: number, end: number, stopsAtEvents: boolean): number {
    const opens = buffer[at + 1] === byteOf.star;
    const sign = buffer[at + 2];
    const isExecutable = opens && (sign === 33 || (sign === 77 && buffer[at + 3] === 33));
    if (!opens || isExecutable) {
      if (isExecutable) this.inExecutable = true;
      this.text.addText(byteOf.slash);
      return at + 1;
    }
    if (isToolkitComment(buffer, at + 2)) {
      this.isToolkit = true;
      this.literals.areComplete = false;
    }
    return this.skip('block-comment', buffer, at, 2, end, stopsAtEvents);
  }

  /** The end of an executable comment is read whole, lest the slash of `*\/*` begin another comment. */
  private readStar(buffer: Uint8Array, at: number): number {
    this.text.addText(byteOf.star);
    if (!this.inExecutable || buffer[at + 1] !== byteOf.slash) return at + 1;
    this.inExecutable = false;
    this.text.addText(byteOf.slash);
    return at + 2;
  }

  private readCall(buffer: Uint8Array, from: number, end: number): number {
    const at = this.call.read(buffer, from, end);
    if (this.call.outcome === 'procedure') {
      this.isCall = true;
      this.state = 'text';
    } else if (this.call.outcome === 'other') {
      this.readAgainWithoutCall();
    }
    return at;
  }

  /** It was no plain call: what was put aside is read as any statement. */
  private readAgainWithoutCall(): void {
    this.mayCall = false;
    this.literals.areComplete = false;
    this.state = 'text';
    const { bytes, length } = this.call;
    bytes.fill(0, length);
    this.run(bytes, 0, length);
  }
}
