import { inspectionLines } from './inspection-lines.ts';
import { isLoneInspection, modelLine, type NumberedAction, type NumberedFinding, outlineReport } from './outline.ts';
import type { Report } from './report.ts';

/** The report as a person reads it in a terminal: plain text, no markup, no control characters. */
export function renderText(report: Omit<Report, 'text'>): string {
  const text = report.plan.kind === 'run' ? runText(report) : (report.plan.answer ?? '');
  const cost = report.usage.llmCalls === 0 ? [] : [`Used: ${modelLine(report.usage)}`];
  const foot = report.plan.kind === 'run' ? [] : [...report.notes, ...cost];
  return printable([text, ...foot].filter((part) => part !== '').join('\n'));
}

function runText(report: Omit<Report, 'text'>): string {
  const outline = outlineReport(report);
  const several = new Set(report.results.map(({ target }) => target)).size > 1;
  const parts: string[][] = [
    [
      outline.headline,
      ...(outline.conclusion ? [outline.conclusion] : []),
      ...(outline.firstAction ? [outline.firstAction] : []),
    ],
    outline.narrative ? [outline.narrative] : [],
    ...(report.inspections ?? []).map((one) => inspectionLines(one, !isLoneInspection(report))),
    section('Root cause', outline.rootCauses, several),
    section('Because of it', outline.consequences, several),
    section(outline.rootCauses.length > 0 ? 'Also seen, not the cause' : 'Also seen', outline.others, several),
    outline.actions.length > 0 ? ['Actions', ...outline.actions.flatMap(actionLines)] : [],
    outline.rootCauses.length === 0 && outline.restsOn.length > 0 && !outline.conclusion
      ? [`${outline.restsOn.join('; ')}.`]
      : [],
    [
      ...outline.gaps.map(({ summary, fix }) => `Could not see: ${summary}. To see it: ${fix}`),
      ...outline.notes,
      outline.asked,
      outline.used,
    ],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function section(title: string, findings: readonly NumberedFinding[], several: boolean): string[] {
  if (findings.length === 0) return [];
  return [title, ...findings.flatMap((one) => findingLines(one, several))];
}

function findingLines({ number, finding }: NumberedFinding, several: boolean): string[] {
  const where = several ? `${finding.target}: ` : '';
  const sure = finding.confidence === 'certain' ? '' : ` (${finding.confidence})`;
  return [
    ` ${number}  ${where}${finding.title} · ${finding.subject}${sure} [${finding.severity}]`,
    `      ${finding.summary}`,
    ...(finding.picture ?? []).map((line) => `      ${line}`),
  ];
}

function actionLines({ letter, recommendation, number }: NumberedAction): string[] {
  const { action, sql, risk, rollback } = recommendation;
  const way = rollback ? `; rollback: ${rollback}` : '';
  return [
    ` ${letter}  ${action} (for ${number})`,
    ...(sql ? [`      ${sql.replaceAll('\n', '\n      ')}`] : []),
    `      ${risk.replaceAll('_', ' ')}${way}`,
  ];
}

/** A terminal obeys control characters, and this text holds words of strangers. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD').replaceAll(/[\u202A-\u202E\u2066-\u2069]/g, '');
}
