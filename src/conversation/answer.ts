import type { Finding } from '../report/finding.ts';
import { mergeGaps } from '../report/merge-gaps.ts';
import { oneLine } from '../report/outline.ts';
import type { Report } from '../report/report.ts';
import { durationInWords, shortNumber, sizeInWords } from '../report/units.ts';
import { numbersIn, resolveReferences } from './references.ts';

/** What of findings a follow-up may ask for. */
export const aspects = ['details', 'actions', 'evidence', 'what_first', 'list', 'relation'] as const;
export type Aspect = (typeof aspects)[number];

/** The answer about findings that somebody has chosen already; what is asked of them is read from the words where it is not said. */
export function answerAbout(text: string, report: Report, chosen: readonly Finding[], aspect?: Aspect): string {
  if (report.findings.length === 0 || (chosen.length === 0 && aspect === undefined))
    return answerFromContext(text, report);
  if (aspect === 'what_first') return whatFirst(report);
  if (aspect === 'list') return listed(report);
  if (aspect === 'relation' && chosen.length > 1) return relation(chosen, report);
  const say = aspect === undefined ? aspectOf(text.toLowerCase()) : sayings[aspect];
  return (chosen.length > 0 ? chosen : [mostPressing(report)])
    .slice(0, 3)
    .map((finding) => say(finding, report))
    .join('\n\n');
}

/** Answers a follow-up from the findings of the last report, without asking a server again. */
export function answerFromContext(text: string, report: Report): string {
  const { findings } = report;
  if (findings.length === 0) {
    return `The last report on ${report.target || 'that'} has no finding (${report.verdict}, taken ${timeOf(report)}). "again" looks once more.`;
  }
  const lower = text.toLowerCase();
  const numbers = numbersIn(lower);
  const meant = resolveReferences(text, report);
  if (meant.length === 0 && numbers.length > 0) {
    return `The last report has ${findings.length === 1 ? 'one finding' : `${findings.length} findings`}, no ${numbers.join(', ')}:\n${listed(report)}`;
  }
  if (meant.length > 1 && /\b(related|connected|same|because of|caused?|due to|why)\b/.test(lower))
    return relation(meant, report);
  if (
    meant.length === 0 &&
    /\b(not|n't|never|un)\s?(you )?(check|look|see|saw)|\b(missed|gaps?|unseen|left out)\b/.test(lower)
  )
    return unseen(report);
  if (
    meant.length === 0 &&
    /\b(summary|summari[sz]e|overview|tl;?dr|list|anything else|what else|more (findings|problems|issues))\b/.test(
      lower,
    )
  )
    return listed(report);
  const severity = /\b(critical|warning|info)s?\b/.exec(lower)?.[1];
  if (meant.length === 0 && severity !== undefined && report.findings.some((finding) => finding.severity === severity))
    return listed(report, severity);
  const asksFirst =
    /\bwhat first\b|\b(which|what|who|where)\b.*\b(first|start|begin)\b|\broot cause\b|\bwhat (do|can|should|must) (i|we) do\b|\b(recommend\w*|advice|suggest\w*)\b/;
  if (numbers.length === 0 && asksFirst.test(lower)) return whatFirst(report);
  const chosen = meant.length > 0 ? meant : [mostPressing(report)];
  const say = aspectOf(lower);
  return chosen
    .slice(0, 3)
    .map((finding) => say(finding, report))
    .join('\n\n');
}

/** What of a finding is asked for: its statements, where it comes from, or all of it. */
function aspectOf(lower: string): (finding: Finding, report: Report) => string {
  if (
    /\b(sql|commands?|statements? to|roll ?back|roll (it|that|this|them) back|way back|risk|how (do|can|should) (i|we) (fix|solve|resolve)|fix)\b/.test(
      lower,
    )
  )
    return sayings.actions;
  if (/\b(how (sure|certain)|are you sure|evidence|proof|prove|how do you know|numbers)\b/.test(lower))
    return sayings.evidence;
  return sayings.details;
}

const sayings: Readonly<Record<Aspect, (finding: Finding, report: Report) => string>> = {
  actions: (finding, report) => [headOf(finding, report), ...actionLines(finding)].join('\n'),
  evidence: (finding, report) =>
    [headOf(finding, report), finding.summary, seenLine(finding), factsLine(finding), ...sourceLines(finding, report)]
      .filter(Boolean)
      .join('\n'),
  details: (finding, report) => details(finding, report),
  relation: (finding, report) => details(finding, report),
  list: (_, report) => listed(report),
  what_first: (_, report) => whatFirst(report),
};

function whatFirst(report: Report): string {
  const first = mostPressing(report);
  const effects = effectsOf(first, report);
  const because = effects.length > 0 ? ` It causes ${effects.join(', ')}.` : '';
  return [
    `${numberOf(first, report)} first: ${first.title} · ${first.subject} · ${first.target}. ${first.summary}${because}`,
    ...actionLines(first),
  ].join('\n');
}

function relation(meant: readonly Finding[], report: Report): string {
  const lines = meant.flatMap((finding) =>
    finding.causedBy
      .filter((id) => meant.some((other) => other.id === id))
      .map((id) => `${callOf(finding.id, report)} is caused by ${callOf(id, report)}.`),
  );
  const names = meant.map(({ id }) => callOf(id, report)).join(' and ');
  return lines.length > 0 ? lines.join('\n') : `Nothing measured ties ${names} together. Each stands by itself.`;
}

/** What the report could not see, each with the way to see it. */
function unseen({ coverage }: Report): string {
  if (coverage.length === 0) return 'The last report saw all that its agents look at.';
  return mergeGaps(coverage)
    .map(({ summary, fix }) => `Could not see: ${summary}. To see it: ${fix}`)
    .join('\n');
}

function listed(report: Report, severity?: string): string {
  return report.findings
    .filter((finding) => severity === undefined || finding.severity === severity)
    .map((finding) => {
      const causes = finding.causedBy.map((id) => callOf(id, report)).join(', ');
      return ` ${headOf(finding, report)} · ${finding.severity}${causes ? ` · because of ${causes}` : ''}`;
    })
    .join('\n');
}

/** All that is known of one finding: words, picture, table, measured facts, causes, actions, and where the numbers come from. */
export function details(finding: Finding, report: Report, withTable = true): string {
  const effects = effectsOf(finding, report);
  return [
    `${headOf(finding, report)}, ${timeOf(report)}`,
    finding.summary,
    seenLine(finding),
    ...(finding.picture ?? []).map((line) => `  ${line}`),
    ...(withTable ? tableLines(finding) : []),
    factsLine(finding),
    finding.causedBy.length > 0 ? `Caused by ${finding.causedBy.map((id) => callOf(id, report)).join(', ')}.` : '',
    effects.length > 0 ? `Causes ${effects.join(', ')}.` : '',
    ...actionLines(finding),
    ...sourceLines(finding, report),
  ]
    .filter(Boolean)
    .join('\n');
}

function headOf(finding: Finding, report: Report): string {
  const subject = finding.subject === finding.target ? '' : ` · ${finding.subject}`;
  return `${numberOf(finding, report)}  ${finding.title}${subject} on ${finding.target}`;
}

function seenLine({ severity, confidence }: Finding): string {
  const words = {
    certain: 'observed',
    likely: 'likely: inferred, not seen directly',
    possible: 'possible: one of several explanations',
  };
  return `Severity ${severity}, ${words[confidence]}.`;
}

function mostPressing({ findings, rootCauses }: Report): Finding {
  return findings.find(({ id }) => rootCauses.includes(id)) ?? (findings[0] as Finding);
}

function numberOf(finding: Finding, report: Report): number {
  return report.findings.indexOf(finding) + 1;
}

function callOf(id: string, report: Report): string {
  const at = report.findings.findIndex((other) => other.id === id);
  return at < 0 ? id : `${at + 1} (${report.findings[at]?.title})`;
}

function effectsOf(finding: Finding, report: Report): string[] {
  return report.findings.filter(({ causedBy }) => causedBy.includes(finding.id)).map(({ id }) => callOf(id, report));
}

function factsLine({ facts }: Finding): string {
  const words = Object.entries(facts).map(([name, value]) => factInWords(name, value));
  return words.length > 0 ? `Measured: ${words.join(', ')}` : '';
}

const factUnits: readonly (readonly [RegExp, (value: number) => string])[] = [
  [/Seconds$/, durationInWords],
  [/Bytes$/, sizeInWords],
  [/Percent$/, (value) => `${shortNumber(value)} %`],
  [/PerSecond$/, (value) => `${shortNumber(value)}/s`],
  [/Ms$/, (value) => `${shortNumber(value)} ms`],
];

/** `waitedSeconds: 312` as "waited 5 min 12 s". */
function factInWords(name: string, value: string | number | boolean | null): string {
  const unit = typeof value === 'number' ? factUnits.find(([suffix]) => suffix.test(name)) : undefined;
  const label = (unit ? name.replace(unit[0], '') : name).replaceAll(
    /(?<=[a-z\d])([A-Z])/g,
    (letter) => ` ${letter.toLowerCase()}`,
  );
  return `${label} ${unit && typeof value === 'number' ? unit[1](value) : (value ?? 'unknown')}`;
}

const maxTableRows = 20;

function tableLines({ table }: Finding): string[] {
  if (!table) return [];
  const more = table.rows.length - maxTableRows;
  return [
    table.caption,
    table.columns.join(' | '),
    ...table.rows.slice(0, maxTableRows).map((row) => row.join(' | ')),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

function actionLines({ recommendations }: Finding): string[] {
  if (recommendations.length === 0) return ['Nothing to do about it is known.'];
  return recommendations.flatMap(({ action, sql, risk, rollback }) => [
    `Do: ${action}`,
    ...(sql ? [`  ${sql}`] : []),
    `  Risk: ${risk.replaceAll('_', ' ')}${rollback ? `; way back: ${rollback}` : ''}`,
  ]);
}

const maxSourceCharacters = 240;

function sourceLines(finding: Finding, report: Report): string[] {
  return report.evidence
    .filter(({ id }) => finding.evidence.includes(id))
    .map(({ probe, sql, takenAt, windowSeconds, truncated, rows }) => {
      const statement = oneLine(sql);
      const cut = statement.length > maxSourceCharacters ? `${statement.slice(0, maxSourceCharacters)}…` : statement;
      const window = windowSeconds > 0 ? `, window ${shortNumber(windowSeconds)} s` : '';
      return `Source: ${probe}, ${takenAt.slice(11, 19)} UTC${window}, rows ${rows.length}${truncated ? ' (cut)' : ''}: ${cut}`;
    });
}

function timeOf(report: Report): string {
  return `${report.takenAt.slice(11, 19)} UTC`;
}
