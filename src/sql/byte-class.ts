/**
 * What a byte means outside strings and comments: for a letter or `_` the letter in lower case, which is at least
 * LETTER, for others one of the codes below. Bytes beyond ASCII are plain text, as they are to pt-fingerprint.
 */
export const codeOf = new Uint8Array(256);
/** 1 for what goes on a number in pt-fingerprint's eyes, 2 for the minus sign, which may begin a comment. */
export const goesOnNumber = new Uint8Array(256);
/** 1 for 0-9, a-f, A-F. */
export const isHexDigit = new Uint8Array(256);

export const LETTER = 95;
/** A sign without a meaning of its own, or a byte beyond ASCII. */
export const TEXT = 0;
export const DIGIT = 1;
export const SPACE = 2;
/** One of the signs in `byteOf`. */
const SIGN = 3;
/** A control character that no SQL has. */
export const CONTROL = 4;

/** Bytes by name. */
export const byteOf = {
  ...{ newline: 10, blank: 32, quote: 34, hash: 35, apostrophe: 39, open: 40, close: 41, star: 42, plus: 43 },
  ...{ comma: 44, minus: 45, dot: 46, slash: 47, zero: 48, semicolon: 59, question: 63, e: 69, backslash: 92 },
  ...{ backtick: 96, x: 120, N: 78, n: 110 },
} as const;

const signs = '"#\'()*+,-/;`';

for (let byte = 0; byte < 256; byte++) {
  const letter = String.fromCharCode(byte);
  codeOf[byte] = classify(letter);
  goesOnNumber[byte] = letter === '-' ? 2 : /[0-9a-fx.+]/.test(letter) ? 1 : 0;
  isHexDigit[byte] = /[0-9a-fA-F]/.test(letter) ? 1 : 0;
}

function classify(letter: string): number {
  if (/[A-Za-z_]/.test(letter)) return letter.toLowerCase().charCodeAt(0);
  if (/[0-9]/.test(letter)) return DIGIT;
  if (/[ \t\n\r\f]/.test(letter)) return SPACE;
  if (letter < ' ' && letter !== '\v') return CONTROL;
  return signs.includes(letter) ? SIGN : TEXT;
}

/** Part of a name, as the server sees it. */
export function isWordByte(byte: number): boolean {
  return byte > 127 || (codeOf[byte] as number) >= LETTER || codeOf[byte] === DIGIT;
}

/** How far `--` without a blank looks for a quote; within what a reader must be able to look ahead. */
const DASH_REACH = 256;

/**
 * `--` begins a comment before a blank. Without one it does to pt-fingerprint, unless a quote follows on the line; the
 * server then sees two minus signs.
 */
export function isDashComment(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 45 || bytes[at + 1] !== 45) return false;
  if ((bytes[at + 2] as number) <= 32) return true;
  for (let i = at + 2; i < at + DASH_REACH; i++) {
    const byte = bytes[i];
    if (byte === 10 || byte === 13) return true;
    if (byte === 39 || byte === 34) return false;
  }
  return true;
}

/** At the end of a line, in Unix's or Windows' way. */
export function isLineEnd(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 10 || (bytes[at] === 13 && bytes[at + 1] === 10);
}

/** Behind the E of a number: digits, with or without a sign. */
export function isExponent(bytes: Uint8Array, at: number): boolean {
  const sign = bytes[at] === 43 || bytes[at] === 45;
  return codeOf[bytes[sign ? at + 1 : at] as number] === DIGIT;
}

/** Behind the opening of a comment: `schema.table:3/9`, by which pt-table-checksum marks its statements. */
export function isToolkitComment(bytes: Uint8Array, at: number): boolean {
  const code = codeOf[bytes[at] as number] as number;
  if (code < LETTER && code !== DIGIT) return false;
  let end = at;
  while (end < at + 200 && bytes[end] !== 42) end++;
  return /^\w+\.\w+:\d\/\d\*\/$/.test(String.fromCharCode(...bytes.subarray(at, end + 2)));
}
