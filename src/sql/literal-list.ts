import { byteOf, codeOf, DIGIT, isWordByte } from './byte-class.ts';

/** What a byte says inside the parentheses of a list of literals, outside strings; 0 for what no such list holds. */
const codes = new Uint8Array(256);
const GOES_ON = 1;
for (const letter of '0123456789, \t\r') codes[letter.charCodeAt(0)] = GOES_ON;
const MINUS = 2;
codes[byteOf.minus] = MINUS;
const DOT = 3;
codes[byteOf.dot] = DOT;
const NEWLINE = 4;
codes[byteOf.newline] = NEWLINE;
const NULL = 5;
codes[byteOf.n] = NULL;
codes[byteOf.N] = NULL;

/** 1 for what may end a string or hide its end. */
const stopsString = new Uint8Array(256);
for (const letter of '"\'\\\n') stopsString[letter.charCodeAt(0)] = 1;

/**
 * The closing parenthesis of a list that holds decimal numbers, strings and NULL only, from behind its opening one;
 * -1 where it holds anything else, does not end before `end`, or has a line that may begin an event of a slow log.
 */
export function endOfLiterals(buffer: Uint8Array, from: number, end: number, backslashEscapes: boolean): number {
  let at = from;
  while (at < end) {
    const byte = buffer[at] as number;
    const code = codes[byte] as number;
    if (code === GOES_ON) at++;
    else if (byte === byteOf.apostrophe || byte === byteOf.quote) {
      at = endOfString(buffer, at, end, backslashEscapes);
      if (at < 0) return -1;
    } else if (byte === byteOf.close) return at;
    else if (code === MINUS) {
      if (codeOf[buffer[at + 1] as number] !== DIGIT) return -1;
      at += 2;
    } else if (code === DOT) {
      if (at === from || codeOf[buffer[at - 1] as number] !== DIGIT) return -1;
      at++;
    } else if (code === NEWLINE) {
      if (buffer[at + 1] === byteOf.hash) return -1;
      at++;
    } else if (code === NULL && isNull(buffer, at)) at += 4;
    else return -1;
  }
  return -1;
}

/** The closing parenthesis of the last of the lists that follow the one that `close` closes; `close` if none does. */
export function endOfRows(buffer: Uint8Array, close: number, end: number, backslashEscapes: boolean): number {
  let last = close;
  for (;;) {
    let at = skipBlanks(buffer, last + 1, end);
    if (at >= end || buffer[at] !== byteOf.comma) return last;
    at = skipBlanks(buffer, at + 1, end);
    if (at >= end || buffer[at] !== byteOf.open) return last;
    const next = endOfLiterals(buffer, at + 1, end, backslashEscapes);
    if (next < 0) return last;
    last = next;
  }
}

/** Behind the string that begins at `from`; -1 where it does not end before `end`, or has a line that may be an event's. */
function endOfString(buffer: Uint8Array, from: number, end: number, backslashEscapes: boolean): number {
  const quote = buffer[from];
  let at = from + 1;
  while (at < end) {
    const byte = buffer[at] as number;
    if (stopsString[byte] === 0) at++;
    else if (byte === quote) {
      if (buffer[at + 1] !== quote) return at + 1;
      at += 2;
    } else if (byte === byteOf.backslash && backslashEscapes) at += 2;
    else if (byte === byteOf.newline && buffer[at + 1] === byteOf.hash) return -1;
    else at++;
  }
  return -1;
}

function skipBlanks(buffer: Uint8Array, from: number, end: number): number {
  let at = from;
  while (
    at < end &&
    (buffer[at] === byteOf.blank || (buffer[at] === byteOf.newline && buffer[at + 1] !== byteOf.hash))
  ) {
    at++;
  }
  return at;
}

function isNull(buffer: Uint8Array, at: number): boolean {
  const isWord = codeOf[buffer[at + 1] as number] === 117 && codeOf[buffer[at + 2] as number] === 108;
  return isWord && codeOf[buffer[at + 3] as number] === 108 && !isWordByte(buffer[at + 4] as number);
}
