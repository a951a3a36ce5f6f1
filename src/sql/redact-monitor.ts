import type { Redacted } from './redact-text.ts';

/** Sections that hold statements and images of rows. */
const riskySections = /^(LATEST DETECTED DEADLOCK|LATEST FOREIGN KEY ERROR|TRANSACTIONS)$/;
const rule = /^-{3,}$/;

/** Lines of those sections that say nothing of what is in a row or a statement. */
const plainLines = [
  /^\d{4}-\d\d-\d\d +\d{1,2}:\d\d:\d\d 0x[\da-f]+$/,
  /^\*\*\* (\(\d+\) )?(TRANSACTION|WAITING FOR THIS LOCK TO BE GRANTED|HOLDS THE LOCK\(S\)|CONFLICTING WITH|WE ROLL BACK TRANSACTION \(\d+\)):?$/,
  /^Trx id counter \d+$/,
  /^Purge done for trx's n:o < \d+ undo n:o < \d+ state: [a-z ]+$/,
  /^History list length \d+$/,
  /^LIST OF TRANSACTIONS FOR EACH SESSION:$/,
  /^-*TRANSACTION \(?(0x)?[\da-f]+\)?, (not started|ACTIVE( \([A-Z]+\))? \d+ sec)( [a-z ]+)?$/,
  /^mysql tables in use \d+, locked \d+$/,
  /^(LOCK WAIT )?\d+ lock struct\(s\), heap size \d+, \d+ row lock\(s\)(, undo log entries \d+)?$/,
  /^(RECORD LOCKS space id \d+ page no \d+ n bits \d+ index \S+ of|TABLE LOCK) table `[^`]+`\.`[^`]+` trx id \d+ lock[ _]mode [A-Z]+[a-z ]*$/i,
  /^-* ?TRX HAS BEEN WAITING \d+ (us|ns|sec) FOR THIS LOCK TO BE GRANTED:?$/i,
];

export function isMonitor(text: string): boolean {
  return /INNODB MONITOR OUTPUT/.test(text);
}

/** SHOW ENGINE INNODB STATUS without statements, clients and row images; each line that is left out counts as masked. */
export function redactMonitor(text: string): Redacted {
  const kept: string[] = [];
  let risky = false;
  let masked = 0;
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    // A section's name stands between two lines of dashes.
    if (rule.test(lines[index - 1] ?? '') && rule.test(lines[index + 1] ?? '')) risky = riskySections.test(line);
    const isHead = rule.test(line) || riskySections.test(line);
    if (!risky || isHead || line === '' || plainLines.some((pattern) => pattern.test(line))) kept.push(line);
    else masked++;
  }
  return { text: kept.join('\n'), masked };
}
