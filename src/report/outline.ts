import type { Finding, Recommendation } from './finding.ts';
import { mergeGaps } from './merge-gaps.ts';
import type { AgentResult, CoverageGap, Inspection, ModelUsage, Report, Usage, Verdict } from './report.ts';

/** A finding with the number by which people call it. */
export interface NumberedFinding {
  readonly number: number;
  readonly finding: Finding;
}

export interface NumberedAction {
  /** `a`, `b`, `c` …, so that people can say "do b". */
  readonly letter: string;
  readonly recommendation: Recommendation;
  /** The number of the finding that it mends. */
  readonly number: number;
}

/** A report in reading order; the terminal and Slack render the same outline. */
export interface Outline {
  /** Verdict, target and the one fact. Also the notification. */
  readonly headline: string;
  /** The first thing to do, or undefined where nothing must be done. */
  readonly firstAction: string | undefined;
  /** Yes or no, where that was asked. */
  readonly conclusion: string | undefined;
  /** Words of the model, already verified. */
  readonly narrative: string | undefined;
  readonly rootCauses: readonly NumberedFinding[];
  readonly consequences: readonly NumberedFinding[];
  readonly others: readonly NumberedFinding[];
  readonly actions: readonly NumberedAction[];
  /** What the verdict rests on, a line per agent that looked. */
  readonly restsOn: readonly string[];
  readonly gaps: readonly CoverageGap[];
  readonly asked: string;
  /** What the answer took from servers and models. */
  readonly used: string;
  readonly notes: readonly string[];
}

export const verdictWords: Readonly<Record<Verdict, { readonly icon: string; readonly word: string }>> = {
  critical: { icon: '🔴', word: 'Critical' },
  degraded: { icon: '🟠', word: 'Degraded' },
  healthy: { icon: '🟢', word: 'Healthy' },
  unknown: { icon: '⚪', word: 'Unknown' },
};

const maxActions = 8;

export function outlineReport(report: Omit<Report, 'text'>): Outline {
  const numbered = report.findings.map((finding, index) => ({ number: index + 1, finding }));
  const isRoot = ({ finding }: NumberedFinding) => report.rootCauses.includes(finding.id);
  const rootCauses = numbered.filter(isRoot);
  const consequences = numbered.filter(({ finding }) => finding.causedBy.length > 0);
  const others = numbered.filter((one) => !isRoot(one) && one.finding.causedBy.length === 0);
  return {
    headline: headlineOf(report, rootCauses),
    firstAction:
      firstActionOf(rootCauses, report) ??
      firstActionOf(hasOnlyInfo(rootCauses) ? consequences : [], report) ??
      wayToSee(report),
    conclusion: report.conclusion?.text,
    narrative: report.narrative,
    rootCauses,
    consequences,
    others,
    actions: actionsOf([...rootCauses, ...consequences, ...others], report),
    restsOn: [...new Set(report.results.flatMap(({ headline }) => (headline ? [headline] : [])))],
    gaps: mergeGaps(report.coverage).toSorted((a, b) => Number(isPast(b)) - Number(isPast(a))),
    asked: askedLine(report),
    used: usedLine(report.usage),
    notes: [...report.notes, ...maskedNote(report)],
  };
}

function maskedNote({ masked }: Omit<Report, 'text'>): string[] {
  if (!masked) return [];
  return [
    `Masked: ${masked} ${masked === 1 ? 'value' : 'values'} (literals, comments, secrets) that nobody needs to see`,
  ];
}

function headlineOf(report: Omit<Report, 'text'>, rootCauses: readonly NumberedFinding[]): string {
  const { icon, word } = verdictWords[report.verdict];
  const start = `${icon} ${word} · ${report.target}`;
  const [first] = rootCauses;
  if (first) {
    const more = rootCauses.length - 1;
    const where = first.finding.subject === report.target ? '' : ` · ${first.finding.subject}`;
    return `${start} · ${first.finding.title}${where}${more > 0 ? ` (and ${more} more)` : ''}`;
  }
  if (report.results.length === 0 && report.inspections?.length) return inspectedHeadline(report.inspections);
  if (report.verdict === 'healthy') return `${start} · nothing above its threshold${unanswered(report)}`;
  const [alone, another] = report.results;
  if (alone?.status === 'not_applicable' && !another)
    return `${start} · ${alone.agent.replaceAll('_', ' ')} does not apply here: ${alone.reason ?? 'nothing to look at'}`;
  const failed = report.results.find(({ status }) => status === 'failed' || status === 'timed_out');
  if (failed) return `${start} · ${failed.reason ?? failed.status}`;
  const gap = firstGapOf(report);
  if (!gap) return `${start} · nothing found in what could be seen; not everything could be seen`;
  const others = mergeGaps(report.coverage).length - 1;
  const where = gap.target === report.target ? '' : ` on ${gap.target}`;
  return `${start} · nothing found, but not seen${where}: ${gap.summary}${others > 0 ? ` (and ${others} more)` : ''}`;
}

/** What an unknown verdict is unknown for: gaps that a verdict needs closed stand first in the coverage. */
function firstGapOf({ verdict, coverage, results }: Omit<Report, 'text'>): CoverageGap | undefined {
  return verdict === 'unknown' && results.some(({ status }) => status === 'completed') ? coverage[0] : undefined;
}

function wayToSee(report: Omit<Report, 'text'>): string | undefined {
  const gap = firstGapOf(report);
  return gap && `To see it: ${oneLine(gap.fix)}`;
}

/** Too little history, where the past is what was asked about: "healthy" alone would pass for "not slower than yesterday". */
function unanswered({ coverage, plan }: Omit<Report, 'text'>): string {
  const asked = plan.agents.filter(({ params }) => params['compare_to_previous'] === true || plan.agents.length === 1);
  const gap = coverage.find((one) => isPast(one) && asked.some(({ agent }) => agent === one.agent));
  return gap ? `; unknown is ${gap.summary}` : '';
}

function isPast({ code }: CoverageGap): boolean {
  return code === 'coverage.no_history';
}

/** True where one statement is all that was asked for; the headline then tells what became of it. */
export function isLoneInspection({ results, inspections }: Omit<Report, 'text'>): boolean {
  return results.length === 0 && inspections?.length === 1;
}

/** A result of a statement is judged by nobody, so it has no verdict. */
function inspectedHeadline(inspections: readonly Inspection[]): string {
  return inspections.map((one) => `${one.target} · ${outcomeOf(one)}`).join('; ');
}

/** "12 rows in 0.02 s", "not run: …": what became of a statement, without saying which. */
export function outcomeOf({ status, reason, rowCount, truncated, durationMs }: Inspection): string {
  if (status === 'refused') return `not run: ${reason}`;
  if (status === 'failed') return `no result: ${reason}`;
  const cut = truncated ? ' (cut: there are more)' : '';
  return `${rowCount} ${rowCount === 1 ? 'row' : 'rows'}${cut} in ${durationMs} ms`;
}

type About = Pick<Report, 'target'>;

function firstActionOf(rootCauses: readonly NumberedFinding[], about: About): string | undefined {
  for (const { finding } of rootCauses) {
    const [action] = finding.recommendations;
    if (action && finding.severity !== 'info') {
      const { action: what, sql } = withPlace(action, finding, about);
      return `Do first: ${sentence(what)}${sql ? ` ${oneLine(sql)}` : ''}`;
    }
  }
  return undefined;
}

/** What is only background to a symptom is not acted on; the symptom is. */
function hasOnlyInfo(rootCauses: readonly NumberedFinding[]): boolean {
  return rootCauses.every(({ finding }) => finding.severity === 'info');
}

/** Whoever asked about the primary, or about several servers, must not run a statement on the wrong one. */
function withPlace(recommendation: Recommendation, { target }: Finding, about: About): Recommendation {
  // What is done in the application is done on no server.
  return target === about.target || recommendation.action.startsWith('In the application')
    ? recommendation
    : { ...recommendation, action: `On ${target}: ${recommendation.action}` };
}

function actionsOf(findings: readonly NumberedFinding[], about: About): NumberedAction[] {
  const seen = new Set<string>();
  const actions: Omit<NumberedAction, 'letter'>[] = [];
  for (const { number, finding } of findings) {
    for (const recommendation of finding.recommendations) {
      const key = `${finding.target} ${recommendation.sql ?? recommendation.action}`;
      if (seen.has(key)) continue;
      seen.add(key);
      actions.push({ number, recommendation: withPlace(recommendation, finding, about) });
    }
  }
  return actions.slice(0, maxActions).map((action, index) => ({ ...action, letter: String.fromCharCode(97 + index) }));
}

function askedLine(report: Omit<Report, 'text'>): string {
  const several = new Set(report.results.map(({ target }) => target)).size > 1;
  const asked = report.results.map((result) => inWords(result, several)).join(' · ');
  const time = `${report.takenAt.slice(11, 19)} UTC`;
  const window = report.windowSeconds > 0 ? `, window ${round(report.windowSeconds)} s` : '';
  return `${asked === '' ? 'Read-only' : `Asked: ${asked}`}   taken ${time}${window}`;
}

/** "Used: 31 statements; model gpt-5-mini: 2 calls, 5,312 tokens (5,100 in, 212 out), $0.0017" */
function usedLine({ statements, ...model }: Usage): string {
  const taken = `Used: ${statements} ${statements === 1 ? 'statement' : 'statements'}`;
  return `${taken}; ${model.llmCalls === 0 ? 'no model' : modelLine(model)}`;
}

export function modelLine({ llmCalls, inputTokens, outputTokens, costUsd, models, thread }: ModelUsage): string {
  const names = [...new Set(models.map(({ model }) => model))].join(', ');
  const calls = `${llmCalls} ${llmCalls === 1 ? 'call' : 'calls'}`;
  const count = (tokens: number) => tokens.toLocaleString('en-US');
  const tokens = `${count(inputTokens + outputTokens)} tokens (${count(inputTokens)} in, ${count(outputTokens)} out)`;
  const price = (usd: number) => (usd > 0 ? `$${usd.toFixed(usd < 0.01 ? 5 : 2)}` : 'no price known');
  const before = thread ? `; the thread so far: ${count(thread.tokens)} tokens, ${price(thread.costUsd)}` : '';
  return `model ${names}: ${calls}, ${tokens}, ${price(costUsd)}${before}`;
}

function inWords(result: AgentResult, several: boolean): string {
  const name = `${result.agent.replaceAll('_', ' ')}${several ? ` on ${result.target}` : ''}${narrowedTo(result)}`;
  const age = result.ageSeconds === undefined ? '' : `, measured ${result.ageSeconds} s ago`;
  switch (result.status) {
    case 'completed':
      return `${name} ${round(result.durationMs / 1_000)} s${age}`;
    case 'not_applicable':
      return `${name} not applicable (${result.reason})`;
    default: {
      const instead = result.instead ? `; ask ${result.instead.replaceAll('_', ' ')} instead` : '';
      return `${name} ${result.status.replaceAll('_', ' ')} (${result.reason ?? 'unknown'}${instead})`;
    }
  }
}

/** Tells the calls of one agent apart: " (table shop.orders)". */
function narrowedTo({ params = {} }: AgentResult): string {
  const set = Object.entries(params).map(([name, value]) => `${name.replaceAll('_', ' ')} ${shortId(String(value))}`);
  return set.length > 0 ? ` (${set.join(', ')})` : '';
}

/** The first eight of the thirty-two digits of a fingerprint id tell enough. */
function shortId(text: string): string {
  return /^[0-9A-F]{32}$/.test(text) ? `${text.slice(0, 8)}…` : text;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function sentence(text: string): string {
  return /[.:]$/.test(text) ? text : `${text}.`;
}

export function oneLine(sql: string): string {
  return sql.replaceAll(/\s+/g, ' ').trim();
}
