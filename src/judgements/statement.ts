import { tokenize } from '../sql/lexer.ts';

/**
 * A statement on one line for people: literals and comments blanked, white space folded, cut.
 * Query text is written by strangers, so it is only ever shown in this form.
 */
export function shortStatement(sql: string | null, maxCharacters = 160): string {
  if (sql === null || sql === '') return '';
  const parts: string[] = [];
  let end = 0;
  for (const token of tokenize(sql)) {
    if (token.kind === 'comment' || token.kind === 'executable-comment' || token.kind === 'hint') continue;
    const text = token.kind === 'string' || token.kind === 'number' ? '?' : sql.slice(token.start, token.end);
    parts.push(token.start > end && parts.length > 0 ? ` ${text}` : text);
    end = token.end;
    if (parts.length > 200) break;
  }
  const line = parts
    .join('')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\?(, ?\?)+/g, '?, …');
  return line.length > maxCharacters ? `${line.slice(0, maxCharacters - 1)}…` : line;
}

/** 312 s as people say it: `5 min 12 s`. */
export function inWords(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  if (whole < 7_200) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 172_800) return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3_600)} h`;
}

/** The length of a window: `5 min` below an hour, `1.5 h` from there on. */
export function hoursInWords(hours: number): string {
  return hours < 1 ? `${Math.max(1, Math.round(60 * hours))} min` : `${hours} h`;
}
