import { StatementReducer } from '../sql/statement-reducer.ts';
import { type EventHeader, skipLine } from './event-header.ts';
import { HeaderReader } from './header-reader.ts';
import { LogBuffer } from './log-buffer.ts';
import {
  isBannerEnd,
  isBannerRest,
  isBannerStart,
  isCutEventStart,
  isEventStart,
  isSectionStart,
  SECTION_LOOK_BACK,
} from './log-line.ts';
import type { EventNames } from './name-table.ts';
import { endOfLine, OpenString } from './open-string.ts';
import type { QueryClass } from './query-class.ts';
import { StatementSample } from './statement-sample.ts';
import { StatementShapes } from './statement-shapes.ts';

/** One `write` is read in pieces of this size, so that a large one does not need as much memory again. */
const PIECE_BYTES = 1 << 18;

/** A line between events that is longer is no line of a banner. */
const LONGEST_LINE = 1 << 16;

const NEWLINE = 10;
const RETURN = 13;
const HASH = 35;
const SEMICOLON = 59;

/** Takes each event when its statement is complete; what it needs it must copy before it returns. */
export type OnEvent = (event: EventReader) => void;

export interface Section {
  /** Where in the log the first byte stands. */
  readonly offset: number;
  /** Ends with the first event at this place or behind it that may begin a section; with the log when absent. */
  readonly end?: number;
  /** Skips everything before the first event that may begin a section: the section before has it. */
  readonly isContinued?: boolean;
}

/** Finds the events of slow logs, one log after the other, in their bytes, which come in pieces of any size. */
export class EventReader {
  /** The statement, reduced; not where its class is known. */
  reducer = new StatementReducer();
  /** The class of a statement whose shape was met before. */
  knownClass: QueryClass | undefined;
  readonly sample: StatementSample;
  readonly log = new LogBuffer();
  /** Where the statement ends in the buffer. */
  statementEnd = 0;
  /** The user and the schema, as `names` counts them. */
  user = 0;
  schema = 0;

  /** Where the first event begins and where the section ended, once known. */
  firstEventAt: number | undefined;
  endedAt: number | undefined;
  /** Events without a whole statement: the log was cut there. */
  cutEvents = 0;
  /** Bytes that belong to no event, leaving out what a server writes when it opens a log. */
  skippedBytes = 0;
  sawBanner = false;

  private readonly names: EventNames;
  private readonly onEvent: OnEvent;
  private end = Number.POSITIVE_INFINITY;
  private isContinued = false;
  private readonly headers = new HeaderReader();
  private readonly usual = this.reducer;
  private readonly openString = new OpenString();
  private state: 'between' | 'header' | 'statement' = 'between';
  private passStop = false;
  private readonly shapes = new StatementShapes();
  /** Nothing of the statement is read yet. */
  private isAtStart = false;
  /** The reduced length at the first semicolon at the end of a line that no event followed. */
  private lengthAtSemicolon: number | undefined;

  /** `sampleBytes` is how much of a statement a sample may take. */
  constructor(names: EventNames, sampleBytes: number, onEvent: OnEvent) {
    this.names = names;
    this.onEvent = onEvent;
    this.sample = new StatementSample(sampleBytes);
  }

  /** Begins a log, or a section of one. */
  begin(section: Section): void {
    this.log.reset(section.offset);
    this.end = section.end ?? Number.POSITIVE_INFINITY;
    this.isContinued = section.isContinued ?? false;
    this.headers.header.forgetTime();
    this.state = 'between';
    this.firstEventAt = undefined;
    this.endedAt = undefined;
    this.cutEvents = 0;
    this.skippedBytes = 0;
    this.sawBanner = false;
  }

  get header(): EventHeader {
    return this.headers.header;
  }

  get isDone(): boolean {
    return this.endedAt !== undefined;
  }

  write(chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length && !this.isDone; from += PIECE_BYTES) {
      this.advance(() => this.log.append(chunk.subarray(from, from + PIECE_BYTES)));
      this.read();
    }
  }

  /** There is no more. */
  finish(): void {
    if (this.isDone) return;
    this.advance(() => this.log.complete());
    this.read();
    this.endedAt ??= this.log.offset + this.log.size;
  }

  private advance(move: () => void): void {
    const inStatement = this.state === 'statement';
    if (inStatement) this.sample.detach(this.log);
    move();
    if (inStatement) this.sample.attach(this.log);
  }

  private read(): void {
    let goesOn = true;
    while (goesOn && !this.isDone) {
      if (this.state === 'header') goesOn = this.readHeader();
      else if (this.state === 'statement') goesOn = this.readStatement();
      else goesOn = this.findEvent();
    }
  }

  /** Goes to the next line that begins an event. */
  private findEvent(): boolean {
    const { log } = this;
    const { bytes, limit, at: from } = log;
    const isGuess = this.isContinued && this.firstEventAt === undefined;
    for (let at = bytes.indexOf(HASH, from); at >= 0 && at < limit; at = bytes.indexOf(HASH, at + 1)) {
      const beginsLine = at === 0 || bytes[at - 1] === NEWLINE || bytes[at - 1] === 0;
      if (!beginsLine || !(isGuess ? at >= SECTION_LOOK_BACK && isSectionStart(bytes, at) : isEventStart(bytes, at)))
        continue;
      if (!isGuess) this.countSkipped(from, at);
      log.at = at;
      this.state = 'header';
      return true;
    }
    const to = log.isComplete ? log.size : this.lastLineStart(from, limit);
    if (!isGuess) this.countSkipped(from, to);
    log.at = to;
    return false;
  }

  /** A line that is not whole is looked at again, unless it is longer than any that matters. */
  private lastLineStart(from: number, limit: number): number {
    if (limit <= from) return from;
    const newline = this.log.bytes.lastIndexOf(NEWLINE, limit - 1);
    if (newline >= from) return newline + 1;
    return limit - from > LONGEST_LINE ? limit : from;
  }

  private countSkipped(from: number, to: number): void {
    const { bytes } = this.log;
    let at = from;
    while (at < to) {
      const isBanner = isBannerStart(bytes, at);
      if (isBanner) this.sawBanner = true;
      if (isBanner || isBannerRest(bytes, at)) at = skipLine(bytes, at, bytes.length);
      else if ((bytes[at] as number) <= 32) at++;
      else break;
      if (at < 0) return;
    }
    this.skippedBytes += Math.max(0, to - at);
  }

  private readHeader(): boolean {
    const { log, headers } = this;
    if (log.at >= log.limit) {
      if (log.isComplete) this.state = 'between';
      return log.isComplete;
    }
    if (log.offset + log.at >= this.end && isSectionStart(log.bytes, log.at)) {
      this.endedAt = log.offset + log.at;
      return false;
    }
    const found = headers.read(log);
    if (found === 'more') return false;
    this.firstEventAt ??= log.offset + log.at;
    log.at = headers.at;
    if (found === 'cut') {
      this.cutEvents++;
      this.state = 'between';
      return log.at < log.limit;
    }
    this.noteHeader(headers.header);
    this.reducer = this.usual;
    this.reducer.reset();
    this.sample.begin(log, headers.at, headers.header.explain);
    if (found === 'administrator') {
      this.endAdministrator();
      return true;
    }
    this.passStop = false;
    this.isAtStart = true;
    this.lengthAtSemicolon = undefined;
    this.openString.reset();
    this.state = 'statement';
    return true;
  }

  /** What points into the buffer is read now: the statement may take more than one. */
  private noteHeader(header: EventHeader): void {
    const { bytes } = this.log;
    header.completeTime();
    this.user = this.names.users.keyOfBytes(bytes, header.user.start, header.user.end);
    this.schema = this.names.schemas.keyOfBytes(bytes, header.schema.start, header.schema.end);
  }

  /** `# administrator command: Ping;` stands in place of a statement. */
  private endAdministrator(): void {
    const { log } = this;
    const start = log.at + 2;
    const next = skipLine(log.bytes, start, log.size + 1);
    let end = next - 1;
    while (log.bytes[end - 1] === RETURN || log.bytes[end - 1] === SEMICOLON) end--;
    this.sample.begin(log, start, this.header.explain);
    this.reducer.setVerbatim(log.bytes.subarray(start, end));
    this.emit(end, next);
  }

  private readStatement(): boolean {
    if (this.isAtStart && this.readKnown()) return true;
    const { log } = this;
    const { bytes } = log;
    const at = this.reducer.run(bytes, log.at, log.limit, true, this.passStop);
    this.passStop = false;
    log.at = at;
    if (this.reducer.stop === 'end') {
      if (log.isComplete) this.endWithoutSemicolon(log.size);
      return log.isComplete;
    }
    if (this.reducer.stop === 'semicolon') {
      const newline = bytes[at] === SEMICOLON ? at + (bytes[at + 1] === RETURN ? 2 : 1) : at;
      if (this.beginsSomethingElse(newline + 1)) {
        this.reducer.finish();
        this.emit(bytes[at] === SEMICOLON ? at : endOfLine(bytes, at), newline + 1);
        return true;
      }
      this.lengthAtSemicolon ??= this.reducer.text.length;
    } else if (isEventStart(bytes, at + 1)) {
      const verdict = this.openString.judge(log, this.sample, this.usual, at);
      if (verdict === 'more') return false;
      if (verdict !== 'inside') {
        this.reducer = verdict;
        this.reducer.finish();
        this.emit(endOfLine(bytes, at), at + 1);
        return true;
      }
      if (!this.reducer.isInside || this.reducer.sawControl || isBannerEnd(bytes, at)) {
        this.endWithoutSemicolon(at + 1);
        return true;
      }
    }
    this.passStop = true;
    return at < log.limit;
  }

  /** Reads a statement of a known shape whole, or nothing. */
  private readKnown(): boolean {
    this.isAtStart = false;
    const { log, shapes } = this;
    const { bytes } = log;
    const known = shapes.find(bytes, log.at, log.limit);
    if (known === undefined) return false;
    const next = shapes.end + (bytes[shapes.end + 1] === RETURN ? 3 : 2);
    if (!this.beginsSomethingElse(next)) return false;
    this.knownClass = known;
    this.emit(shapes.end, next);
    this.knownClass = undefined;
    return true;
  }

  /** Remembers the shape of the statement that is being taken, if it was read in one piece. */
  learnShape(queryClass: QueryClass): void {
    const { log, reducer, sample, shapes, statementEnd: end } = this;
    const isWhole = reducer === this.usual && sample.isAttached && log.bytes[end] === SEMICOLON;
    if (isWhole) shapes.learn(queryClass, log.bytes, sample.startInBuffer, end, reducer.literals);
  }

  /** What stands behind a semicolon and a line break ends the statement: an event, a banner, the end, or nothing. */
  private beginsSomethingElse(next: number): boolean {
    const { bytes, size, isComplete } = this.log;
    if (isComplete && next >= size) return true;
    return bytes[next] === 0 || this.beginsEvent(next) || isBannerStart(bytes, next);
  }

  private beginsEvent(next: number): boolean {
    const { bytes, size, isComplete } = this.log;
    return isEventStart(bytes, next) || (isComplete && isCutEventStart(bytes, next, size));
  }

  /** Cut, unless what follows a former semicolon is garbage: then that one was the end. */
  private endWithoutSemicolon(next: number): void {
    if (this.lengthAtSemicolon !== undefined && this.reducer.sawControl) {
      this.reducer.finish();
      this.reducer.text.length = Math.min(this.reducer.text.length, this.lengthAtSemicolon);
      this.emit(next, next);
      return;
    }
    this.cutEvents++;
    this.log.at = next;
    this.state = isEventStart(this.log.bytes, next) ? 'header' : 'between';
  }

  private emit(statementEnd: number, next: number): void {
    this.statementEnd = statementEnd;
    this.onEvent(this);
    this.log.at = Math.min(next, this.log.size);
    this.state = this.beginsEvent(next) ? 'header' : 'between';
  }
}
