const letters = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

const TIME = letters('# Time: ');
const USER = letters('# User@Host: ');
const QUERY_TIME = letters('# Query_time: ');
const THREAD = letters('# Thread_id: ');
const ADMINISTRATOR = letters('# administrator command: ');
const EXPLAIN = letters('# explain: ');
const USE = letters('use ');
const BANNER_END = letters('Argument');
const BANNER_REST = ['Tcp port: ', 'TCP Port: ', 'Time\t', 'Time  '].map(letters);
const VERSION = letters(', Version: ');
/** The server may restore an id before it sets the time: `SET last_insert_id=5,insert_id=6,timestamp=7;`. */
const SETTINGS = ['SET timestamp=', 'SET last_insert_id=', 'SET insert_id='].map(letters);

/** How far a line must be readable to be recognized. */
const BANNER_REACH = 400;

export function isTimeLine(buffer: Uint8Array, at: number): boolean {
  return startsWith(buffer, at, TIME);
}

export function isUserLine(buffer: Uint8Array, at: number): boolean {
  return startsWith(buffer, at, USER);
}

export function isAdministratorLine(buffer: Uint8Array, at: number): boolean {
  return startsWith(buffer, at, ADMINISTRATOR);
}

export function isExplainLine(buffer: Uint8Array, at: number): boolean {
  return startsWith(buffer, at, EXPLAIN);
}

export function isUseLine(buffer: Uint8Array, at: number): boolean {
  return startsWith(buffer, at, USE);
}

export function isSettingsLine(buffer: Uint8Array, at: number): boolean {
  return SETTINGS.some((line) => startsWith(buffer, at, line));
}

/** The first line of an event; `at` is the start of a line. */
export function isEventStart(buffer: Uint8Array, at: number): boolean {
  return (
    isUserLine(buffer, at) ||
    (isTimeLine(buffer, at) && isDigit(buffer[at + TIME.length])) ||
    (startsWith(buffer, at, QUERY_TIME) && isDigit(buffer[at + QUERY_TIME.length])) ||
    (startsWith(buffer, at, THREAD) && isDigit(buffer[at + THREAD.length]))
  );
}

/** How far the lines of a header are looked at to tell whether a section may begin with it. */
const HEADER_REACH = 400;
/** How much in front of an event is looked at for that. */
export const SECTION_LOOK_BACK = 3;

/**
 * An event at which a log is divided: it has a `# Time:` line, stands behind a semicolon at the end of a line, and its
 * next lines are those of a header too. Text about a slow log, inside a string, is hardly all of that.
 */
export function isSectionStart(buffer: Uint8Array, at: number): boolean {
  if (!isTimeLine(buffer, at) || !isDigit(buffer[at + TIME.length])) return false;
  const behind = buffer[at - 2] === 13 ? at - 3 : at - 2;
  if (buffer[behind] !== 59) return false;
  const user = nextLine(buffer, at, at + HEADER_REACH);
  if (!isUserLine(buffer, user)) return false;
  const third = nextLine(buffer, user, at + HEADER_REACH);
  return startsWith(buffer, third, THREAD) || startsWith(buffer, third, QUERY_TIME);
}

function nextLine(buffer: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && buffer[at] !== 10) at++;
  return at + 1;
}

/** The log ends at `end`, within the first words of an event. */
export function isCutEventStart(buffer: Uint8Array, at: number, end: number): boolean {
  return [TIME, USER].some(
    (line) => at < end && end - at < line.length && startsWith(buffer, at, line.subarray(0, end - at)),
  );
}

/** The first of the three lines that a server writes when it opens the log: path, `, Version: …started with:`. */
export function isBannerStart(buffer: Uint8Array, at: number): boolean {
  for (let i = at; i < at + BANNER_REACH; i++) {
    const byte = buffer[i];
    if (byte === 10 || byte === undefined) return false;
    if (byte === 44 && startsWith(buffer, i, VERSION)) return true;
  }
  return false;
}

/** One of the other two lines: `Tcp port: 3306  Unix socket: …` and `Time  Id Command  Argument`. */
export function isBannerRest(buffer: Uint8Array, at: number): boolean {
  return BANNER_REST.some((line) => startsWith(buffer, at, line));
}

/** The line break at `at` ends the last line of such a banner: `Time  Id Command  Argument`. */
export function isBannerEnd(buffer: Uint8Array, at: number): boolean {
  const lineEnd = buffer[at - 1] === 13 ? at - 1 : at;
  return startsWith(buffer, lineEnd - BANNER_END.length, BANNER_END);
}

function startsWith(buffer: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (buffer[at + i] !== text[i]) return false;
  return true;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}
