import { decimalsOf, fieldNames, fieldOfKey, hashKey, SCHEMA_KEY } from './field.ts';
import { readLogTime } from './log-time.ts';
import { placeOfLine, QuietLines } from './quiet-lines.ts';

const NEWLINE = 10;
const RETURN = 13;
const BLANK = 32;
const DOT = 46;
const COLON = 58;

/** A piece of the buffer. */
export interface Range {
  start: number;
  end: number;
}

/** What the lines before a statement say. Ranges point into the buffer that was read last. */
export class EventHeader {
  /** One value per field, in the order of `fieldNames`. */
  readonly values = new Float64Array(fieldNames.length);
  readonly user: Range = { start: 0, end: 0 };
  readonly schema: Range = { start: 0, end: 0 };
  /** The whole lines with `# explain:`; empty when there are none. */
  readonly explain: Range = { start: 0, end: 0 };
  hasQueryTime = false;
  /** Seconds since 1970, from SET timestamp; NaN before that line. */
  timestamp = Number.NaN;
  /** The line `# Time:`, which also stands for the events behind it that have none; read only where it is needed. */
  private readonly timeText = new Uint8Array(40);
  private timeLength = 0;
  /** For each field, which one came next on its line, how long its key is, and its first and last letter. */
  private readonly followers = new Int8Array(fieldNames.length).fill(-1);
  private readonly keyLengths = new Uint8Array(fieldNames.length);
  private readonly keyStarts = new Uint8Array(fieldNames.length);
  private readonly keyEnds = new Uint8Array(fieldNames.length);
  /** The field whose key a line begins with, at a place that a few of its letters choose. */
  private readonly lineStarts = new Int8Array(32).fill(-1);
  private readonly quietLines = new QuietLines();
  /** Whether the line that is being read has added nothing so far. */
  private isQuiet = false;
  private lastField = -1;
  private lastEnd = -1;

  reset(): void {
    this.values.fill(0);
    this.hasQueryTime = false;
    this.timestamp = Number.NaN;
    clear(this.user);
    clear(this.schema);
    clear(this.explain);
  }

  /** For another log. */
  forgetTime(): void {
    this.timeLength = 0;
  }

  /** Reads a line of keys and values from behind its `# `; returns the position behind its line break, or -1. */
  readFields(buffer: Uint8Array, from: number, end: number): number {
    const behind = this.quietLines.skip(buffer, from, end);
    if (behind !== from) return behind;
    this.isQuiet = true;
    const next = this.readKeys(buffer, from, end);
    if (this.isQuiet && next > 0) this.quietLines.note(buffer, from, next);
    return next;
  }

  private readKeys(buffer: Uint8Array, from: number, end: number): number {
    let at = this.readExpected(buffer, from, end);
    let keyStart = at;
    let hash = 0;
    while (at < end) {
      const byte = buffer[at] as number;
      if (byte === COLON) {
        const field = fieldOfKey(hash);
        if (field === SCHEMA_KEY) at = this.readSchema(buffer, at + 2, end);
        else if (field >= 0) {
          if (keyStart === from) this.lineStarts[placeOfLine(buffer, from)] = field;
          at = this.readSum(buffer, keyStart, at, end, field);
        } else at++;
        hash = 0;
      } else if (byte === NEWLINE) {
        return at + 1;
      } else if (byte === BLANK) {
        hash = 0;
        keyStart = ++at;
      } else {
        hash = hashKey(hash, byte);
        at++;
      }
    }
    return -1;
  }

  /** Reads a line whose first key is the one that began such a line before; returns `from` where it is not. */
  private readExpected(buffer: Uint8Array, from: number, end: number): number {
    const field = this.lineStarts[placeOfLine(buffer, from)] as number;
    if (field < 0) return from;
    const colon = from + (this.keyLengths[field] as number);
    const isKey = buffer[colon] === COLON && colon < end;
    if (!isKey || buffer[from] !== this.keyStarts[field] || buffer[colon - 1] !== this.keyEnds[field]) return from;
    return this.readSum(buffer, from, colon, end, field);
  }

  /**
   * The value of the field whose key ends at `colon`, and of those that follow as they did when the key was last seen:
   * a log's lines are all alike, so most keys need not be read.
   */
  private readSum(buffer: Uint8Array, keyStart: number, colon: number, end: number, field: number): number {
    const previous = this.lastField;
    if (previous >= 0 && this.lastEnd === keyStart) this.followers[previous] = field;
    this.keyLengths[field] = colon - keyStart;
    this.keyStarts[field] = buffer[keyStart] as number;
    this.keyEnds[field] = buffer[colon - 1] as number;
    let at = this.readValue(buffer, colon + 1, end, field);
    let last = field;
    for (;;) {
      const next = this.followers[last] as number;
      const nextStart = at + 2;
      const nextColon = nextStart + (this.keyLengths[next] as number);
      const isKey = buffer[nextColon] === COLON && buffer[nextStart - 1] === BLANK;
      if (!isKey || buffer[nextStart] !== this.keyStarts[next] || buffer[nextColon - 1] !== this.keyEnds[next]) break;
      at = this.readValue(buffer, nextColon + 1, end, next);
      last = next;
    }
    this.lastField = last;
    this.lastEnd = at + 2;
    return at;
  }

  /** `name[login] @ host [address]`: the account's name, or the login where the account has none. */
  readUser(buffer: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end && buffer[at] !== 91 && buffer[at] !== NEWLINE) at++;
    this.user.start = from;
    this.user.end = at;
    if (at === from) {
      this.user.start = ++at;
      while (at < end && buffer[at] !== 93 && buffer[at] !== NEWLINE) at++;
      this.user.end = at;
    }
    return skipLine(buffer, at, end);
  }

  /** Reads what is behind `# Time: `. Percona's log goes on with the user on the same line. */
  readTime(buffer: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end && buffer[at] !== NEWLINE) at++;
    if (at >= end) return -1;
    this.timeLength = Math.min(at - from, this.timeText.length);
    for (let i = 0; i < this.timeLength; i++) this.timeText[i] = buffer[from + i] as number;
    return at + 1;
  }

  /** Notes the line `# explain:` at `from`, and those that follow it. */
  noteExplain(buffer: Uint8Array, from: number, end: number): number {
    const next = skipLine(buffer, from, end);
    if (this.explain.end === 0) this.explain.start = from;
    this.explain.end = next;
    return next;
  }

  /** `use shop;`, with or without backticks: the schema, where the log has no other word for it. */
  noteUse(start: number, lineEnd: number, buffer: Uint8Array): void {
    if (this.schema.end > this.schema.start) return;
    let end = lineEnd;
    while (end > start && (buffer[end - 1] === NEWLINE || buffer[end - 1] === RETURN || buffer[end - 1] === 59)) end--;
    const quoted = buffer[start] === 96 && buffer[end - 1] === 96;
    this.schema.start = quoted ? start + 1 : start;
    this.schema.end = quoted ? end - 1 : end;
  }

  /** `SET timestamp=1705312800;`, perhaps with other settings before it. */
  readSettings(buffer: Uint8Array, from: number, end: number): number {
    let at = from;
    let equals = from;
    while (at < end && buffer[at] !== NEWLINE) if (buffer[at++] === 61) equals = at;
    if (at >= end) return -1;
    let value = 0;
    for (
      let digit = (buffer[equals] as number) - 48;
      digit >= 0 && digit <= 9;
      digit = (buffer[++equals] as number) - 48
    ) {
      value = value * 10 + digit;
    }
    this.timestamp = value;
    return at + 1;
  }

  /** Fills in the time of an event without SET timestamp. */
  completeTime(): void {
    if (Number.isNaN(this.timestamp) && this.timeLength > 0) {
      this.timestamp = readLogTime(Buffer.from(this.timeText.subarray(0, this.timeLength)).toString('latin1'));
    }
  }

  /** Empty when two blanks follow at once, as in `Schema:   QC_hit: No`; otherwise up to two blanks or the line's end. */
  private readSchema(buffer: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end) {
      const byte = buffer[at];
      if (byte === NEWLINE || byte === RETURN || (byte === BLANK && buffer[at + 1] === BLANK)) break;
      at++;
    }
    this.isQuiet = false;
    this.schema.start = from;
    this.schema.end = Math.max(from, at);
    return at;
  }

  private readValue(buffer: Uint8Array, from: number, end: number, field: number): number {
    let at = from;
    while (at < end && buffer[at] === BLANK) at++;
    const first = buffer[at] as number;
    if (first < 48 || first > 57) {
      // Yes or No. Anything else is not what this field holds.
      if (first === 89) this.set(field, 1);
      return at;
    }
    let value = 0;
    for (let digit = first - 48; digit >= 0 && digit <= 9; digit = (buffer[++at] as number) - 48)
      value = value * 10 + digit;
    let decimals = decimalsOf[field] as number;
    if (decimals < 0) value = value > 0 ? 1 : 0;
    if (buffer[at] === DOT) {
      at++;
      for (let digit = (buffer[at] as number) - 48; digit >= 0 && digit <= 9; digit = (buffer[++at] as number) - 48) {
        if (decimals > 0) {
          value = value * 10 + digit;
          decimals--;
        }
      }
    }
    for (; decimals > 0; decimals--) value *= 10;
    this.set(field, value);
    if (field === 0) this.hasQueryTime = true;
    return at;
  }

  private set(field: number, value: number): void {
    if (value === 0 && field !== 0) return;
    this.values[field] = value;
    this.isQuiet = false;
  }
}

function clear(range: Range): void {
  range.start = 0;
  range.end = 0;
}

/** The position behind the next line break, or -1 when there is none before `end`. */
export function skipLine(buffer: Uint8Array, from: number, end: number): number {
  const newline = buffer.indexOf(NEWLINE, from);
  return newline < 0 || newline >= end ? -1 : newline + 1;
}
