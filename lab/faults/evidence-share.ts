import type { Report } from '../../src/report/report.ts';

/** How many of the numbers that a report states were measured. */
export type EvidenceShare = {
  readonly numbers: number;
  readonly sourced: number;
  /** Numbers of the text that nothing measured, each with its sentence. */
  readonly unsourced: readonly string[];
};

/** Numbers as words of their own: not the 8 of utf8, not a date, not a time of day. */
const statedPattern = /(?<![\w.:@`-])\d[\d,]*(?:\.\d+)?(?![\w:`]|\.\d|-\d)/g;

/** Looks up every number of the findings' titles and summaries, and of the model's narrative, in what was measured. */
export function evidenceShare(report: Report): EvidenceShare {
  const measured = measuredValues(report);
  const sentences = report.findings.flatMap((finding) => [finding.title, finding.summary]);
  if (report.narrative) sentences.push(report.narrative);
  let numbers = 0;
  const unsourced: string[] = [];
  for (const sentence of sentences) {
    for (const [stated] of sentence.matchAll(statedPattern)) {
      numbers++;
      if (!isMeasured(stated, measured)) unsourced.push(`${stated} in "${sentence}"`);
    }
  }
  return { numbers, sourced: numbers - unsourced.length, unsourced };
}

function measuredValues(report: Report): Set<number> {
  const values = new Set<number>([report.windowSeconds]);
  const add = (numbers: Iterable<number>): void => {
    for (const number of numbers) values.add(number);
  };
  for (const finding of report.findings) {
    add(numbersOf(finding.subject));
    for (const [name, value] of Object.entries(finding.facts)) {
      add(typeof value === 'number' ? asPeopleSay(name, value) : numbersOf(String(value)));
    }
  }
  for (const evidence of report.evidence) {
    add([evidence.windowSeconds, evidence.rows.length, ...numbersOf(evidence.sql)]);
    for (const cell of evidence.rows.flatMap((row) => Object.values(row))) add(numbersOf(String(cell)));
  }
  return values;
}

/** A fact's value in the units that a sentence may state it in. The name of a fact says its unit. */
function asPeopleSay(name: string, value: number): number[] {
  if (/seconds$/i.test(name)) {
    // "5 min 12 s" is made of the parts, "0.3 ms" of the whole.
    const parts = [value % 60, (value / 60) % 60, (value / 3600) % 24].map(Math.floor);
    return [value, value * 1000, value / 60, value / 3600, value / 86_400, Math.floor(value / 86_400), ...parts];
  }
  if (/(ms|us)$/i.test(name)) return [value, value / 1000, value / 1e6, value / 60_000];
  if (/hours$/i.test(name)) return [value, value * 60];
  if (/bytes$/i.test(name)) return [0, 10, 20, 30, 40].map((power) => value / 2 ** power);
  if (/(share|ratio)$/i.test(name)) return [value, value * 100];
  return [value];
}

/** A stated number may be rounded: 95 stands for 95.3, and 95.3 for 95.28. */
function isMeasured(stated: string, measured: ReadonlySet<number>): boolean {
  const value = Number(stated.replaceAll(',', ''));
  if (measured.has(value)) return true;
  const decimals = stated.split('.')[1]?.length ?? 0;
  const tolerance = 0.501 * 10 ** -decimals;
  return [...measured].some((number) => Math.abs(number - value) <= tolerance);
}

function numbersOf(text: string): number[] {
  return [...text.matchAll(/\d[\d,]*(?:\.\d+)?/g)].map(([number]) => Number(number.replaceAll(',', '')));
}
