import { createRedactor, type Redacted, type RedactOptions } from '../sql/redact-text.ts';
import type { Evidence } from './evidence.ts';
import type { Finding, Recommendation } from './finding.ts';
import type { Inspection, Report } from './report.ts';

/**
 * The report as it may leave the process: e-mail addresses, passwords, tokens, card numbers, and hosts if asked, are
 * masked in everything that came from a server. Literals and comments are gone already: no evidence ever holds them.
 * Equal values have equal marks in the whole report.
 */
export function maskReport(draft: Omit<Report, 'text'>, options: RedactOptions = {}): Omit<Report, 'text'> {
  const redactor = createRedactor({ ...options, except: [...(options.except ?? []), ...ownNames(draft)] });
  let masked = draft.evidence.reduce((sum, evidence) => sum + (evidence.masked ?? 0), 0);
  // The same names stand in many rows.
  const known = new Map<string, Redacted>();
  const words = (text: string): string => {
    const clean = known.get(text) ?? redactor.redact(text);
    known.set(text, clean);
    masked += clean.masked;
    return clean.text;
  };
  const findings = draft.findings.map((finding) => maskFinding(finding, words));
  const evidence = draft.evidence.map(
    (one): Evidence => ({ ...one, sql: words(one.sql), rows: deep(one.rows, words) }),
  );
  const results = draft.results.map((result) => ({
    ...result,
    ...(result.headline === undefined ? {} : { headline: words(result.headline) }),
    ...(result.reason === undefined ? {} : { reason: words(result.reason) }),
  }));
  const coverage = draft.coverage.map((gap) => ({ ...gap, summary: words(gap.summary), fix: words(gap.fix) }));
  const inspections = draft.inspections?.map((one) => maskInspection(one, words));
  const notes = draft.notes.map(words);
  return { ...draft, findings, evidence, results, coverage, ...(inspections ? { inspections } : {}), notes, masked };
}

/** Fingerprint ids, which we made, and directories of volumes, which name a finding: they look opaque and are no secret. */
function ownNames({ findings, evidence }: Pick<Report, 'findings' | 'evidence'>): string[] {
  const ids = findings
    .filter(({ code }) => code.startsWith('query.'))
    .flatMap(({ subject, facts }) => [subject, facts['fingerprintId'], facts['listId']])
    .filter((id) => /^[0-9A-F]{32}$/.test(String(id)));
  const paths = evidence.filter(({ probe }) => probe === 'volumes').flatMap(({ rows }) => rows.map(({ path }) => path));
  const named = findings.filter(({ code }) => code.startsWith('capacity.')).map(({ facts }) => facts['path']);
  return [...ids, ...paths, ...named].filter((name) => name != null).map(String);
}

function maskFinding(finding: Finding, words: (text: string) => string): Finding {
  const { subject, title, summary, facts, recommendations, picture, table, chart, ...rest } = finding;
  return {
    ...rest,
    subject: words(subject),
    title: words(title),
    summary: words(summary),
    facts: deep(facts, words),
    recommendations: recommendations.map((one) => maskRecommendation(one, words)),
    ...(picture ? { picture: deep(picture, words) } : {}),
    ...(table ? { table: deep(table, words) } : {}),
    ...(chart ? { chart: deep(chart, words) } : {}),
  };
}

/** A session whose account's name is a secret cannot be told by name to whoever approves its end, so no button offers it. */
function maskRecommendation({ kill, ...rest }: Recommendation, words: (text: string) => string): Recommendation {
  const clean = deep(rest, words);
  const isTold = kill !== undefined && createRedactor().redact(kill.user).masked === 0;
  return isTold ? { ...clean, kill } : clean;
}

function maskInspection(
  { statement, reason, table, ...rest }: Inspection,
  words: (text: string) => string,
): Inspection {
  return {
    ...rest,
    statement: words(statement),
    ...(reason === undefined ? {} : { reason: words(reason) }),
    ...(table ? { table: deep(table, words) } : {}),
  };
}

/** Every string inside, however deep. */
function deep<T>(value: T, words: (text: string) => string): T {
  const walk = (one: unknown): unknown => {
    if (typeof one === 'string') return words(one);
    if (Array.isArray(one)) return one.map(walk);
    if (one === null || typeof one !== 'object') return one;
    return Object.fromEntries(Object.entries(one).map(([key, item]) => [key, walk(item)]));
  };
  return walk(value) as T;
}
