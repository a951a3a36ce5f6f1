/** The two settings of `sql_mode` that change where a string or an identifier ends. */
export interface LexicalMode {
  readonly ansiQuotes: boolean;
  readonly noBackslashEscapes: boolean;
}

export type TokenKind =
  /** Keyword, name or number-led name, as written and without quotes. */
  | 'word'
  /** `` `name` ``, and `"name"` under ANSI_QUOTES. */
  | 'quoted'
  /** `'…'` and `"…"`, with a prefix N, X or B where there is one. */
  | 'string'
  | 'number'
  /** `@name`, `@'name'`, `@@name`; a scope as in `@@global.x` stays outside, after a dot. */
  | 'variable'
  | 'placeholder'
  | 'comment'
  /** `/*+ … *\/`: ignored up to MariaDB 11, obeyed later. */
  | 'hint'
  /** `/*! … *\/` and `/*M! … *\/`: the server runs what stands inside. */
  | 'executable-comment'
  /** One character, or `:=`. */
  | 'symbol';

export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** False where the text ends inside a string, a quoted name or a comment. */
  readonly closed: boolean;
}

const DOT = 46;

export const defaultMode: LexicalMode = { ansiQuotes: false, noBackslashEscapes: false };

const modesWithAnsiQuotes = new Set(['ANSI_QUOTES', 'ANSI', 'DB2', 'MAXDB', 'MSSQL', 'ORACLE', 'POSTGRESQL']);

/** Reads what `SELECT @@sql_mode` returns. */
export function lexicalMode(sqlMode: string | undefined): LexicalMode {
  if (sqlMode === undefined) return defaultMode;
  const names = sqlMode.toUpperCase().split(',');
  return {
    ansiQuotes: names.some((name) => modesWithAnsiQuotes.has(name.trim())),
    noBackslashEscapes: names.some((name) => name.trim() === 'NO_BACKSLASH_ESCAPES'),
  };
}

/**
 * Splits SQL as MariaDB's own scanner does; white space is left out, everything else is in one of the tokens.
 * Never throws: text that no scanner accepts comes out as symbols, an open end as a token that is not `closed`.
 */
export function* tokenize(sql: string, mode: LexicalMode = defaultMode): Generator<Token> {
  let position = 0;
  let wordEnd = -1;
  while (position < sql.length) {
    const start = position;
    const code = sql.charCodeAt(start);
    if (isSpace(code)) {
      position++;
      continue;
    }
    const token = scanToken(sql, start, code, mode, wordEnd === start);
    position = token.end;
    if (token.kind === 'word') wordEnd = position;
    yield token;
    // What touches a dot from behind is a name, even `into` or `1e5`.
    if (code === DOT && token.kind === 'symbol' && isNamePart(sql.charCodeAt(position))) {
      const end = skipName(sql, position);
      yield { kind: 'word', start: position, end, closed: true };
      position = end;
      wordEnd = end;
    }
  }
}

function scanToken(sql: string, start: number, code: number, mode: LexicalMode, afterWord: boolean): Token {
  const next = sql.charCodeAt(start + 1);
  if (code === 39) return quotedToken(sql, 'string', start, start, !mode.noBackslashEscapes);
  if (code === 34) {
    return mode.ansiQuotes
      ? quotedToken(sql, 'quoted', start, start, false)
      : quotedToken(sql, 'string', start, start, !mode.noBackslashEscapes);
  }
  if (code === 96) return quotedToken(sql, 'quoted', start, start, false);
  if (code === 35 || (code === 45 && next === 45 && isSpaceOrControl(sql, start + 2))) {
    const newline = sql.indexOf('\n', start);
    return { kind: 'comment', start, end: newline < 0 ? sql.length : newline, closed: true };
  }
  if (code === 47 && next === 42) return blockComment(sql, start);
  if (isDigit(code)) return numberOrName(sql, start);
  if (code === DOT && !afterWord && isDigit(next)) return token('number', start, skipFraction(sql, start + 1));
  if (isNamePart(code)) {
    if (next === 39 && isStringPrefix(code)) {
      return quotedToken(sql, 'string', start, start + 1, (code | 32) === 110 && !mode.noBackslashEscapes);
    }
    return token('word', start, skipName(sql, start));
  }
  if (code === 64) return variable(sql, start, next, mode);
  if (code === 63) return token('placeholder', start, start + 1);
  return token('symbol', start, code === 58 && next === 61 ? start + 2 : start + 1);
}

function token(kind: TokenKind, start: number, end: number): Token {
  return { kind, start, end, closed: true };
}

/** `open` is where the opening quote stands; a doubled quote is part of the text. */
function quotedToken(sql: string, kind: TokenKind, start: number, open: number, backslash: boolean): Token {
  const quote = sql.charCodeAt(open);
  for (let i = open + 1; i < sql.length; i++) {
    const code = sql.charCodeAt(i);
    if (code === 92 && backslash) i++;
    else if (code === quote) {
      if (sql.charCodeAt(i + 1) !== quote) return token(kind, start, i + 1);
      i++;
    }
  }
  return { kind, start, end: sql.length, closed: false };
}

function blockComment(sql: string, start: number): Token {
  const sign = sql.charCodeAt(start + 2);
  const executable = sign === 33 || ((sign | 32) === 109 && sql.charCodeAt(start + 3) === 33);
  const kind = executable ? 'executable-comment' : sign === 43 ? 'hint' : 'comment';
  const close = sql.indexOf('*/', start + 2);
  return close < 0 ? { kind, start, end: sql.length, closed: false } : token(kind, start, close + 2);
}

function numberOrName(sql: string, start: number): Token {
  const end = skipName(sql, start);
  const run = sql.slice(start, end);
  if (/^0x[0-9a-f]+$/i.test(run) || /^0b[01]+$/.test(run)) {
    // The scanner takes only a lower-case x or b as the mark; otherwise the run is a name.
    return token(run.charCodeAt(1) < 97 ? 'word' : 'number', start, end);
  }
  const digits = skipDigits(sql, start);
  if (digits < end) {
    const exponent = exponentEnd(sql, digits);
    return exponent === undefined ? token('word', start, end) : token('number', start, exponent);
  }
  return token('number', start, sql.charCodeAt(end) === DOT ? skipFraction(sql, end + 1) : end);
}

/** From the first character after the decimal point. */
function skipFraction(sql: string, from: number): number {
  const digits = skipDigits(sql, from);
  return exponentEnd(sql, digits) ?? digits;
}

function exponentEnd(sql: string, from: number): number | undefined {
  if ((sql.charCodeAt(from) | 32) !== 101) return undefined;
  const sign = sql.charCodeAt(from + 1);
  const digits = sign === 43 || sign === 45 ? from + 2 : from + 1;
  return isDigit(sql.charCodeAt(digits)) ? skipDigits(sql, digits) : undefined;
}

function variable(sql: string, start: number, next: number, mode: LexicalMode): Token {
  if (next === 64) return token('variable', start, skipVariableName(sql, start + 2));
  if (next === 39 || next === 34 || next === 96) {
    return quotedToken(sql, 'variable', start, start + 1, next !== 96 && !mode.noBackslashEscapes);
  }
  return token('variable', start, skipVariableName(sql, start + 1));
}

/** Dots belong to the name of a user variable, `@a.b`, and separate the scope of a system variable. */
function skipVariableName(sql: string, from: number): number {
  const system = sql.charCodeAt(from - 1) === 64 && sql.charCodeAt(from - 2) === 64;
  let i = skipName(sql, from);
  while (!system && sql.charCodeAt(i) === DOT) i = skipName(sql, i + 1);
  return i;
}

function skipDigits(sql: string, from: number): number {
  let i = from;
  while (isDigit(sql.charCodeAt(i))) i++;
  return i;
}

function skipName(sql: string, from: number): number {
  let i = from;
  while (isNamePart(sql.charCodeAt(i))) i++;
  return i;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

function isSpaceOrControl(sql: string, position: number): boolean {
  return position >= sql.length || sql.charCodeAt(position) <= 32 || sql.charCodeAt(position) === 127;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Letters, digits, `_`, `$` and everything beyond ASCII. False for NaN, which is what lies behind the end. */
function isNamePart(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    isDigit(code) ||
    code === 95 ||
    code === 36 ||
    code >= 128
  );
}

function isStringPrefix(code: number): boolean {
  const lower = code | 32;
  return lower === 110 || lower === 120 || lower === 98;
}
