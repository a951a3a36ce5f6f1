import type { Evidence } from '../report/evidence.ts';
import type { Finding } from '../report/finding.ts';
import { measuresIn, numbersIn, unitOfFact } from './measures.ts';

/** What code has written about the findings that a sentence cites. */
export interface Basis {
  /** Everything that code wrote about the cited findings, in lower case. */
  readonly text: string;
  /** Of this what is written as sentences: no fact by itself. */
  readonly prose: string;
  readonly words: ReadonlySet<string>;
  readonly numbers: readonly number[];
  /** Numbers with the kind of their unit: `14 sessions`, `312 s`. */
  readonly measured: ReadonlySet<string>;
}

/** Findings, and the rows behind them. */
export function basisOf(cited: readonly Finding[], evidence: readonly Evidence[]): Basis {
  const written = cited.flatMap((finding) => [
    finding.subject,
    finding.target,
    finding.title,
    finding.summary,
    finding.severity,
    finding.confidence,
    ...Object.values(finding.facts).map(String),
    // "waitedSeconds", "lock.row_chain": what a number or a finding is of.
    ...[...Object.keys(finding.facts), finding.code].map((name) => name.replaceAll(/(?<=[a-z])(?=[A-Z])|[._]/g, ' ')),
    ...finding.recommendations.flatMap(({ action, sql, rollback }) => [action, sql ?? '', rollback ?? '']),
    ...(finding.picture ?? []),
  ]);
  const text = written.join('\n').toLowerCase();
  const ids = new Set(cited.flatMap((finding) => finding.evidence));
  const cells = evidence
    .filter(({ id }) => ids.has(id))
    .flatMap(({ rows }) => rows.slice(0, 200).flatMap((row) => Object.values(row)));
  const measured = new Set(measuresIn(text));
  for (const { facts } of cited) {
    for (const [name, value] of Object.entries(facts)) {
      const unit = unitOfFact(name);
      if (typeof value === 'number' && unit) measured.add(`${value} ${unit}`);
    }
  }
  const prose = cited.flatMap(({ title, summary }) => [title, summary]).join('\n');
  return {
    text,
    prose: prose.toLowerCase(),
    words: new Set(text.split(/[^\p{L}\p{N}_]+/u)),
    numbers: [...numbersIn(text), ...cells.filter((cell): cell is number => typeof cell === 'number')],
    measured,
  };
}
