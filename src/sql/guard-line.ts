import { type GuardOptions, guardStatement } from './guard.ts';

/** One statement a line: `\n`, `\t` and `\\` stand for newline, tab and backslash; any other backslash for itself. */
export function unescapeLine(line: string): string {
  return line.replace(/\\([nt\\])/g, (_, sign: string) => (sign === 'n' ? '\n' : sign === 't' ? '\t' : '\\'));
}

/** `allow`, or `deny`, a tab and the reason, for an escaped statement. */
export function guardLine(line: string, options: GuardOptions = {}): string {
  const verdict = guardStatement(unescapeLine(line), options);
  return verdict.allow ? 'allow' : `deny\t${verdict.reason.replace(/\s+/g, ' ')}`;
}

/** The whole of a file of escaped statements; one line out for each line in. */
export function guardLines(text: string, options: GuardOptions = {}): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${guardLine(line.replace(/\r$/, ''), options)}\n`).join('');
}
