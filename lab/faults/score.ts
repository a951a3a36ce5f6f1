import type { Finding } from '../../src/report/finding.ts';
import type { Report } from '../../src/report/report.ts';
import { type EvidenceShare, evidenceShare } from './evidence-share.ts';
import type { Expectation, ExpectedFinding, OneOf } from './fault.ts';

/** How true one report is about one injected fault. */
export type Score = {
  /** 0 when something required is missing, else found ÷ (found + extra); for a control 1 or 0. */
  readonly strict: number;
  /** Whether the first root cause is the right one; undefined where the fault names none. */
  readonly rootAtOne: boolean | undefined;
  readonly found: readonly string[];
  readonly missing: readonly string[];
  /** Warnings and criticals that are neither required nor allowed, as `code subject`. */
  readonly extra: readonly string[];
  readonly evidence: EvidenceShare;
};

export function scoreReport(expectation: Expectation, report: Report): Score {
  const found: string[] = [];
  const missing: string[] = [];
  const note = (name: string, there: boolean): void => void (there ? found : missing).push(name);

  const explained = new Set<Finding>();
  for (const expected of expectation.required) {
    const match = report.findings.find((finding) => matches(finding, expected));
    if (match) explained.add(match);
    note(nameOf(expected), match !== undefined);
    if (match && expected.root) note(`${nameOf(expected)} is a root cause`, report.rootCauses.includes(match.id));
  }
  for (const gap of expectation.coverage ?? []) {
    const fix = gap.fix?.toLowerCase() ?? '';
    const there = report.coverage.some(
      (seen) => isOneOf(seen.code, gap.code ?? seen.code) && seen.fix.toLowerCase().includes(fix),
    );
    note([either(gap.code ?? 'coverage'), gap.fix && `(fix: ${gap.fix})`].filter(Boolean).join(' '), there);
  }
  for (const code of expectation.effects ?? []) {
    const there = report.findings.some((finding) => finding.code === code && finding.causedBy.length > 0);
    note(`${code} is caused by something`, there);
  }
  for (const lie of expectation.absent ?? []) {
    const told = report.findings.filter(
      (finding) => finding.code === (lie.code ?? finding.code) && finding.subject === (lie.subject ?? finding.subject),
    );
    missing.push(...told.map((finding) => `not true: ${finding.code} ${finding.subject}`));
  }
  // A wrong verdict is a missing truth; a right one alone is not a find.
  if (expectation.verdict && !expectation.verdict.includes(report.verdict)) {
    missing.push(`verdict ${expectation.verdict.join(' or ')} instead of ${report.verdict}`);
  }

  const extra = report.findings
    .filter((finding) => finding.severity !== 'info' && !explained.has(finding) && !isAllowed(finding, expectation))
    .map((finding) => `${finding.code} ${finding.subject}`);
  const total = found.length + extra.length;
  // A control asks for nothing: one false alarm spoils it.
  const share = found.length === 0 ? Number(extra.length === 0) : found.length / total;
  return {
    strict: missing.length > 0 ? 0 : share,
    rootAtOne: rootAtOne(expectation, report),
    found,
    missing,
    extra,
    evidence: evidenceShare(report),
  };
}

function matches(finding: Finding, expected: ExpectedFinding): boolean {
  if (!isOneOf(finding.code, expected.code)) return false;
  if (expected.subject !== undefined && !isOneOf(finding.subject, expected.subject)) return false;
  return Object.entries(expected.facts ?? {}).every(([name, value]) => {
    const measured = finding.facts[name];
    if (typeof value === 'object') return typeof measured === 'number' && measured >= value.atLeast;
    return measured === value;
  });
}

function isOneOf(value: string, right: OneOf): boolean {
  return typeof right === 'string' ? value === right : right.includes(value);
}

function isAllowed(finding: Finding, { allowed, rootCause }: Expectation): boolean {
  if (allowed?.includes(finding.code)) return true;
  return rootCause?.codes.includes(finding.code) === true && (rootCause.subject ?? finding.subject) === finding.subject;
}

function rootAtOne({ rootCause }: Expectation, report: Report): boolean | undefined {
  if (!rootCause) return undefined;
  const first = report.findings.find((finding) => finding.id === report.rootCauses[0]);
  if (!first) return false;
  return rootCause.codes.includes(first.code) && (rootCause.subject ?? first.subject) === first.subject;
}

function either(values: OneOf): string {
  return typeof values === 'string' ? values : values.join(' or ');
}

function nameOf({ code, subject, facts }: ExpectedFinding): string {
  return [either(code), subject && either(subject), facts && JSON.stringify(facts)].filter(Boolean).join(' ');
}

export type Totals = {
  readonly scenarios: number;
  readonly errors: number;
  /** Mean over the faults. */
  readonly strict: number;
  /** Share of the faults that name a root cause. */
  readonly rootAtOne: number;
  /** Warnings and criticals on the healthy controls. */
  readonly falseAlarms: number;
  /** Share of all numbers in all texts. */
  readonly evidence: number;
};

export type Scenario = {
  readonly id: string;
  readonly healthy: boolean;
  /** Undefined where the scenario is an error: the fault was not there, or nothing answered. */
  readonly score: Score | undefined;
};

/** An error counts as a score of 0 and a wrong root cause, never as a scenario left out. */
export function totals(scenarios: readonly Scenario[]): Totals {
  const broken = scenarios.filter((scenario) => !scenario.healthy);
  const judged = broken.filter((scenario) => scenario.score === undefined || scenario.score.rootAtOne !== undefined);
  const alarms = scenarios.filter((scenario) => scenario.healthy).map((scenario) => scenario.score?.extra.length ?? 0);
  const evidence = scenarios.flatMap((scenario) => scenario.score?.evidence ?? []);
  return {
    scenarios: scenarios.length,
    errors: scenarios.filter((scenario) => scenario.score === undefined).length,
    strict: mean(broken.map((scenario) => scenario.score?.strict ?? 0)),
    rootAtOne: mean(judged.map((scenario) => Number(scenario.score?.rootAtOne === true))),
    falseAlarms: sum(alarms),
    evidence: ratio(sum(evidence.map((share) => share.sourced)), sum(evidence.map((share) => share.numbers))),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((left, right) => left + right, 0);
}

function mean(values: readonly number[]): number {
  return ratio(sum(values), values.length);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}
