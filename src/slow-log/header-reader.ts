import { EventHeader, skipLine } from './event-header.ts';
import type { LogBuffer } from './log-buffer.ts';
import {
  isAdministratorLine,
  isBannerStart,
  isExplainLine,
  isSettingsLine,
  isTimeLine,
  isUseLine,
  isUserLine,
} from './log-line.ts';

/** More than this before a statement is not a slow log's. */
const HEADER_BYTES = 8 << 20;

const HASH = 35;
/** The letters with which the lines begin that are more than keys and values: Time, User@Host, administrator, explain. */
const [T, U, A, E] = [84, 85, 97, 101];

/** What was found at `at` after the lines of an event's header. */
export type HeaderEnd =
  /** Not all of it is there yet; `at` is where it begins. */
  | 'more'
  | 'statement'
  /** The line `# administrator command: …`. */
  | 'administrator'
  /** Another event, or none: this one has no statement. */
  | 'cut';

/** Reads the lines before a statement as a whole, so that what it notes stands in one buffer. */
export class HeaderReader {
  readonly header = new EventHeader();
  at = 0;

  read(log: LogBuffer): HeaderEnd {
    const { header } = this;
    const { bytes, limit, isComplete } = log;
    const end = log.size + 1;
    header.reset();
    let at = log.at;
    while (at >= 0 && at < limit) {
      this.at = at;
      const isFirst = at === log.at;
      if (bytes[at] === HASH) {
        if (!isFirst && isAdministratorLine(bytes, at)) return skipLine(bytes, at, end) < 0 ? 'more' : 'administrator';
        if (header.hasQueryTime && (isUserLine(bytes, at) || isTimeLine(bytes, at))) return 'cut';
        at = this.readHashLine(bytes, at, end);
      } else if (Number.isNaN(header.timestamp) && isUseLine(bytes, at)) {
        at = skipLine(bytes, at, end);
        if (at > 0) header.noteUse(this.at + 4, at, bytes);
      } else if (Number.isNaN(header.timestamp) && isSettingsLine(bytes, at)) {
        at = header.readSettings(bytes, at, end);
      } else {
        // Behind SET timestamp there is nothing but the statement.
        const isBanner = Number.isNaN(header.timestamp) && isBannerStart(bytes, at);
        return header.hasQueryTime && !isBanner ? 'statement' : 'cut';
      }
    }
    if (!isComplete && log.size - log.at < HEADER_BYTES) return 'more';
    this.at = isComplete ? log.size : log.at + 1;
    return 'cut';
  }

  /** Returns the position behind the line, or -1 when its end is not there yet. */
  private readHashLine(bytes: Uint8Array, at: number, end: number): number {
    const { header } = this;
    if (bytes[at + 1] !== 32) return skipLine(bytes, at, end);
    switch (bytes[at + 2]) {
      case U:
        return isUserLine(bytes, at) ? header.readUser(bytes, at + 13, end) : header.readFields(bytes, at + 2, end);
      case T:
        return isTimeLine(bytes, at) ? header.readTime(bytes, at + 8, end) : header.readFields(bytes, at + 2, end);
      case E:
        return isExplainLine(bytes, at) ? header.noteExplain(bytes, at, end) : header.readFields(bytes, at + 2, end);
      case A:
        return skipLine(bytes, at, end);
      default:
        return header.readFields(bytes, at + 2, end);
    }
  }
}
