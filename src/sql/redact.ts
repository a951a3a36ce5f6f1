import { type LexicalMode, lexicalMode, tokenize } from './lexer.ts';
import type { Redacted } from './redact-text.ts';

interface Span {
  readonly start: number;
  readonly end: number;
  readonly isComment: boolean;
}

/**
 * The statement with every literal as `?` and every comment as `/*?*\/`, executable ones too. Passwords and account
 * names are literals to the server, so they are gone as well; names of tables, columns and variables stay.
 * Takes statements that were cut anywhere. Without a `sqlMode`, what is a literal in either way of reading backslashes
 * is masked, so a backslash in a string may cost the rest of the statement: pass the mode where it is known. Double
 * quotes count as strings unless the mode says that they are names.
 */
export function redactLiterals(sql: string, sqlMode?: string): string {
  return maskLiterals(sql, sqlMode).text;
}

/** The same, with the number of literals and comments that were masked. `keeps` sees what stands before a number and may let it be. */
export function maskLiterals(sql: string, sqlMode?: string, keeps?: (before: string) => boolean): Redacted {
  const mode = lexicalMode(sqlMode);
  const spans = findSpans(sql, mode);
  if (sqlMode === undefined && sql.includes('\\')) spans.push(...findSpans(sql, { ...mode, noBackslashEscapes: true }));
  spans.sort((a, b) => a.start - b.start);
  let text = '';
  let end = 0;
  let masked = 0;
  for (const span of spans) {
    if (keeps && /^\d+$/.test(sql.slice(span.start, span.end)) && keeps(sql.slice(0, span.start))) continue;
    if (span.start >= end) {
      text += sql.slice(end, span.start) + (span.isComment ? '/*?*/' : '?');
      masked++;
    }
    end = Math.max(end, span.end);
  }
  return { text: text + sql.slice(end), masked };
}

function findSpans(sql: string, mode: LexicalMode): Span[] {
  const spans: Span[] = [];
  for (const { kind, start, end, closed } of tokenize(sql, mode)) {
    const isComment = kind === 'comment' || kind === 'executable-comment' || kind === 'hint';
    const isLiteral = kind === 'string' || kind === 'number';
    // `@'%'`: the host of an account.
    if (kind === 'variable' && /['"]/.test(sql[start + 1] ?? '')) spans.push({ start: start + 1, end, isComment });
    // A name in quotes that never ends may have swallowed anything.
    else if (isComment || isLiteral || !closed) spans.push({ start, end, isComment });
  }
  return spans;
}
