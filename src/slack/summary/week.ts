import type { AuditEntry } from '../../actions/audit.ts';
import { quantile } from '../../history/statistics.ts';
import type { LoggedRun } from '../turns/run-log.ts';

/** Whose week it is: these targets, and what concerns no target in this channel. */
export interface Scope {
  readonly targets: readonly string[];
  readonly channel: string;
}

type Counts = readonly (readonly [name: string, count: number])[];

/** A week in numbers. They hold names of targets, agents and kinds of findings, and no word of a question or a server. */
export interface Week {
  /** Runs and answers from a thread's findings that people asked for, and how many people that were. */
  readonly questions: number;
  readonly people: number;
  /** Runs of schedules, alerts, workflows and the watch. */
  readonly unasked: number;
  /** Runs by agent, the most first. */
  readonly agents: Counts;
  /** From the question until its report was there; absent where nobody had one made. */
  readonly answerMs?: { readonly median: number; readonly p95: number };
  readonly tokens: number;
  readonly costUsd: number;
  readonly useful: number;
  readonly notUseful: number;
  /** Reasons for the latter. */
  readonly reasons: Counts;
  /** Codes of findings by the runs that saw them. */
  readonly findings: Counts;
  readonly refused: number;
  readonly failed: number;
}

export function countWeek(runs: readonly LoggedRun[], entries: readonly AuditEntry[], scope: Scope): Week {
  const seen = runs.filter((run) => isOurs(run.target, run.channel, scope));
  const noted = entries.filter((entry) => isOurs(entry.target ?? '', entry.channel ?? '', scope));
  const asked = seen.filter(({ unasked }) => !unasked);
  const answers = noted.filter(
    ({ did, result, about }) => did === 'ask' && result === 'done' && about?.['kind'] === 'context',
  );
  const times = asked.map(({ answerMs, durationMs }) => answerMs ?? durationMs);
  const feedback = [...lastWords(noted).values()];
  const people = new Set([...asked.map(({ user }) => user), ...answers.map(({ who }) => who)]);
  return {
    questions: asked.length + answers.length,
    people: people.size,
    unasked: seen.length - asked.length,
    agents: counted(seen.flatMap(({ agents }) => agents)),
    ...(times.length > 0 ? { answerMs: { median: quantile(times, 0.5), p95: quantile(times, 0.95) } } : {}),
    tokens: sum(seen.map(({ tokens = 0 }) => tokens)),
    costUsd: sum(seen.map(({ costUsd }) => costUsd)),
    useful: feedback.filter(({ did }) => did === 'useful').length,
    notUseful: feedback.filter(({ did }) => did === 'not_useful').length,
    reasons: counted(
      feedback.flatMap(({ did, about }) => (did === 'not_useful' ? [String(about?.['reason'] ?? 'no reason')] : [])),
    ),
    // What one run saw on many subjects is one sighting.
    findings: counted(seen.flatMap((run) => [...new Set(run.findings.map((one) => one.split(' ', 1)[0] ?? ''))])),
    refused: noted.filter(({ result }) => result === 'refused').length,
    failed:
      noted.filter(({ result }) => result === 'failed').length +
      seen.filter(({ verdict }) => verdict === 'unknown').length,
  };
}

/** Whether there is anything to tell. */
export function isQuiet({ questions, unasked, refused, failed }: Week): boolean {
  return questions + unasked + refused + failed === 0;
}

function isOurs(target: string, channel: string, scope: Scope): boolean {
  if (target === '') return channel === scope.channel;
  return target.split(', ').some((name) => scope.targets.includes(name));
}

/** Whoever presses both buttons under a report means the last. */
function lastWords(entries: readonly AuditEntry[]): ReadonlyMap<string, AuditEntry> {
  const given = entries.filter(({ did, result }) => result === 'done' && (did === 'useful' || did === 'not_useful'));
  return new Map(given.map((one) => [`${one.channel} ${one.thread} ${one.about?.['turn']} ${one.who}`, one]));
}

function counted(names: readonly string[]): Counts {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].toSorted(([one, many], [other, more]) => more - many || (one < other ? -1 : 1));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
