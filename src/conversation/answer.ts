import type { Finding } from '../report/finding.ts';
import type { Report } from '../report/report.ts';
import { resolveReferences } from './references.ts';

/** Answers a follow-up from the findings of the last report, without asking a server again. */
export function answerFromContext(text: string, report: Report): string {
  if (report.findings.length === 0) {
    return `The last report on ${report.target || 'that'} has no finding (${report.verdict}, taken ${timeOf(report)}). "again" looks once more.`;
  }
  const lower = text.toLowerCase();
  if (
    /\b(which|what)\b.*\b(first|start|root cause)\b|\bwhere to start\b|\broot cause\b/.test(lower) &&
    !/\b(first|1st) (one|finding)\b.*\bmore\b/.test(lower)
  ) {
    return whatFirst(report);
  }
  const meant = resolveReferences(text, report);
  const findings = meant.length > 0 ? meant : report.findings.slice(0, 1);
  return findings
    .slice(0, 3)
    .map((finding) => details(finding, report))
    .join('\n\n');
}

function whatFirst(report: Report): string {
  const first = report.findings.find(({ id }) => report.rootCauses.includes(id)) ?? (report.findings[0] as Finding);
  const number = report.findings.indexOf(first) + 1;
  const effects = report.findings.filter(({ causedBy }) => causedBy.includes(first.id));
  const because =
    effects.length > 0
      ? ` It causes ${effects.map((effect) => `${report.findings.indexOf(effect) + 1} (${effect.title})`).join(', ')}.`
      : '';
  return [
    `${number} first: ${first.title} · ${first.subject} · ${first.target}. ${first.summary}${because}`,
    ...actionLines(first),
  ].join('\n');
}

/** All that is known of one finding: words, picture, table, measured facts, causes, actions, and where the numbers come from. */
export function details(finding: Finding, report: Report, withTable = true): string {
  const number = report.findings.indexOf(finding) + 1;
  const nameOf = (id: string) => {
    const at = report.findings.findIndex((other) => other.id === id);
    return at < 0 ? id : `${at + 1} (${report.findings[at]?.title})`;
  };
  const effects = report.findings.filter(({ causedBy }) => causedBy.includes(finding.id)).map(({ id }) => nameOf(id));
  const sources = report.evidence.filter(({ id }) => finding.evidence.includes(id));
  return [
    `${number}  ${finding.title} · ${finding.subject} on ${finding.target}, ${timeOf(report)}`,
    finding.summary,
    `Severity ${finding.severity}, ${finding.confidence === 'certain' ? 'observed' : `${finding.confidence} (inferred)`}.`,
    ...(finding.picture ?? []).map((line) => `  ${line}`),
    ...(withTable ? tableLines(finding) : []),
    `Measured: ${Object.entries(finding.facts)
      .map(([name, value]) => `${name} ${value ?? 'unknown'}`)
      .join(', ')}`,
    ...(finding.causedBy.length > 0 ? [`Caused by ${finding.causedBy.map(nameOf).join(', ')}`] : []),
    ...(effects.length > 0 ? [`Causes ${effects.join(', ')}`] : []),
    ...actionLines(finding),
    ...sources.map(
      ({ probe, takenAt, windowSeconds }) =>
        `Source: ${probe}, ${takenAt.slice(11, 19)} UTC${windowSeconds > 0 ? `, window ${windowSeconds} s` : ''}`,
    ),
  ].join('\n');
}

function tableLines({ table }: Finding): string[] {
  if (!table) return [];
  return [table.caption, table.columns.join(' | '), ...table.rows.slice(0, 20).map((row) => row.join(' | '))];
}

function actionLines({ recommendations }: Finding): string[] {
  return recommendations.flatMap(({ action, sql, risk, rollback }) => [
    `Do: ${action}`,
    ...(sql ? [`  ${sql}`] : []),
    `  ${risk.replaceAll('_', ' ')}${rollback ? `; rollback: ${rollback}` : ''}`,
  ]);
}

function timeOf(report: Report): string {
  return `${report.takenAt.slice(11, 19)} UTC`;
}
