import { type LexicalMode, type Token, type TokenKind, tokenize } from './lexer.ts';

/** A token that means something to the server, read once: comments are gone, quotes resolved. */
export interface Part {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  readonly closed: boolean;
  /** A comment stands directly before it. */
  readonly afterComment: boolean;
  /** Upper case for an unquoted word that can be a keyword (not one that touches a dot), else the text of a symbol, else ''. */
  readonly keyword: string;
  /** The name for a word, a quoted name, and a string in double quotes, which is a name under ANSI_QUOTES; else ''. */
  readonly name: string;
}

export function readParts(sql: string, mode: LexicalMode): Part[] {
  const parts: Part[] = [];
  let afterComment = false;
  for (const token of tokenize(sql, mode)) {
    if (token.kind === 'comment' && token.closed) {
      afterComment = true;
      continue;
    }
    const previous = parts.at(-1);
    const afterDot = previous !== undefined && previous.keyword === '.' && previous.end === token.start;
    parts.push({ ...readPart(sql, token, afterDot), afterComment });
    afterComment = false;
  }
  return parts;
}

function readPart(sql: string, token: Token, afterDot: boolean): Omit<Part, 'afterComment'> {
  const text = sql.slice(token.start, token.end);
  const { kind, start, end, closed } = token;
  const part = { kind, start, end, closed, keyword: '', name: '' };
  if (kind === 'symbol') return { ...part, keyword: text };
  if (kind === 'word') return { ...part, keyword: afterDot ? '' : text.toUpperCase(), name: text };
  const quote = text[0] ?? '';
  if (kind === 'quoted' || (kind === 'string' && quote === '"')) {
    return { ...part, name: text.slice(1, -1).replaceAll(quote + quote, quote) };
  }
  return part;
}

/** The form in which two names that the server might take for one are equal. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
