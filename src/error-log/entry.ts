/** The bracketed word of a line, never a word inside its text. */
export type LogSeverity = 'error' | 'warning' | 'note';

export interface LogEntry {
  /** ms since 1970; undefined for what stands before the first time in the text that was read. */
  readonly atMs: number | undefined;
  readonly severity: LogSeverity;
  readonly message: string;
  /** Lines without a time of their own that follow: a stack, a deadlock's transactions. Capped. */
  readonly details: readonly string[];
}

export interface ParseOptions {
  /** What the server's system time zone is ahead of UTC; times in the log are local and do not say so. */
  readonly zoneOffsetSeconds: number;
  readonly maxDetailLines?: number;
}

/** Longer lines are cut: a statement of megabytes may stand in a log. */
const maxLineLength = 2_000;

const fourDigitYear =
  /^(\d{4})-(\d\d)-(\d\d)[T ] ?(\d{1,2}):(\d\d):(\d\d)(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)?\s+(?:(\d+|0x[0-9a-f]+)\s+)?(.*)$/i;
/** The crash handler and mysqld_safe: year in two digits. */
const twoDigitYear = /^(\d\d)(\d\d)(\d\d)\s+(\d{1,2}):(\d\d):(\d\d)()\s+(?:(\d+|0x[0-9a-f]+)\s+)?(.*)$/i;
/** What syslog or the journal puts before each line. */
const collectorPrefix =
  /^(?:[A-Z][a-z]{2} +\d+ [\d:]{8}|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)) \S+ (?:mysqld?|mariadbd?)\S*: /;
const bracketed = /^(?:\[(\w+)\]\s*)+/;

/** Groups the lines of an error log into entries, oldest first. All forms of MariaDB 10.5 to 11.8 and of mysqld_safe. */
export function parseEntries(lines: Iterable<string>, options: ParseOptions): LogEntry[] {
  const entries: { atMs: number | undefined; severity: LogSeverity; message: string; details: string[] }[] = [];
  const maxDetails = options.maxDetailLines ?? 60;
  for (const raw of lines) {
    const line = printable(raw.slice(0, maxLineLength)).replace(collectorPrefix, '');
    const parts = fourDigitYear.exec(line) ?? twoDigitYear.exec(line);
    if (parts) {
      const [, , , , , , , zone, , rest = ''] = parts;
      const atMs = timeOf(parts.slice(1, 7).map(Number), zone ?? '', options.zoneOffsetSeconds);
      entries.push({ atMs, ...splitSeverity(rest), details: [] });
    } else if (line.trim() !== '') {
      const last = entries.at(-1);
      if (!last) entries.push({ atMs: undefined, severity: 'note', message: line, details: [] });
      else if (last.details.length < maxDetails) last.details.push(line);
    }
  }
  return entries;
}

function timeOf(fields: readonly number[], zone: string, zoneOffsetSeconds: number): number {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = fields;
  const local = Date.UTC(year < 100 ? 2_000 + year : year, month - 1, day, hour, minute, second);
  return local - (zone === '' ? zoneOffsetSeconds : zoneSeconds(zone)) * 1_000;
}

function zoneSeconds(zone: string): number {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60);
}

function splitSeverity(rest: string): { severity: LogSeverity; message: string } {
  const words = bracketed.exec(rest)?.[0] ?? '';
  const message = rest.slice(words.length);
  if (/\[(error|fatal)\]/i.test(words)) return { severity: 'error', message };
  if (/\[warning\]/i.test(words)) return { severity: 'warning', message };
  // InnoDB prints an assertion without brackets just before it ends the server.
  if (words === '' && /^InnoDB: (Assertion failure|Failing assertion)/.test(message)) {
    return { severity: 'error', message };
  }
  return { severity: 'note', message };
}

/** Control characters, terminal escapes and text direction marks have no business in a report. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, '');
}
