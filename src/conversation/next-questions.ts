import { matchesCode } from '../report/causes.ts';
import type { Report, Suggestion } from '../report/report.ts';

/** A question that often comes after a finding, and the agent that answers it. */
interface NextQuestion {
  readonly agent: string;
  readonly ask: (target: string) => string;
}

const running: NextQuestion = { agent: 'running_query', ask: (target) => `What is running on ${target} right now?` };
const slow: NextQuestion = { agent: 'slow_query', ask: (target) => `Slow queries of the last hour on ${target}` };
const connections: NextQuestion = { agent: 'connections', ask: (target) => `Who uses the connections of ${target}?` };
const indexes: NextQuestion = { agent: 'schema_health', ask: (target) => `Unused and duplicate indexes on ${target}?` };
const settings: NextQuestion = {
  agent: 'configuration',
  ask: (target) => `Is the configuration of ${target} optimal?`,
};
const disk: NextQuestion = { agent: 'capacity', ask: (target) => `When will the disk of ${target} be full?` };
const backups: NextQuestion = { agent: 'backup', ask: (target) => `Are the backups of ${target} working?` };
const replicas: NextQuestion = { agent: 'replication_health', ask: (target) => `Is replication healthy on ${target}?` };
const health: NextQuestion = { agent: 'incident_triage', ask: (target) => `Is ${target} healthy?` };

/** Every question that can be suggested. */
export const nextQuestions = [running, slow, connections, indexes, settings, disk, backups, replicas, health] as const;

/** What to look at next after a kind of finding, the most telling first. */
const after: readonly (readonly [string, readonly NextQuestion[]])[] = [
  ['lock.*', [slow, connections, indexes]],
  ['tx.*', [slow, running, connections]],
  ['ddl.*', [running, replicas, disk]],
  ['query.*', [indexes, running, settings]],
  ['conn.*', [running, slow, settings]],
  ['repl.*', [running, backups, disk]],
  ['schema.*', [slow, disk, backups]],
  ['config.*', [health, disk, backups]],
  ['security.*', [connections, settings, backups]],
  ['capacity.*', [disk, indexes, backups]],
  ['backup.*', [disk, replicas, settings]],
  ['incident.*', [backups, replicas, settings]],
];

/** After so many next questions in a channel after findings of one kind, its own habits come first. */
export const enoughToLearnFrom = 5;
/** A habit is what at least this share of them asked. */
const habitShare = 0.3;
const maxSuggestions = 3;

/** How often each agent was asked next in a channel after a finding. */
export type Habits = Readonly<Record<string, number>>;

/**
 * Up to three next questions that make sense for what a report found: first what people of the channel asked next after
 * findings like its first root cause, where there is enough to learn from, then what the kind of finding suggests.
 * An agent that has just answered is not suggested.
 */
export function suggestNext(report: Report, habits: Habits = {}): readonly Suggestion[] {
  const root = rootOf(report);
  const target = root?.target;
  if (!root || target === undefined) return [];
  const asked = new Set(report.results.map(({ agent }) => agent));
  const total = Object.values(habits).reduce((sum, count) => sum + count, 0);
  const learned = Object.entries(habits)
    .filter(([agent, count]) => total >= enoughToLearnFrom && count >= total * habitShare && !asked.has(agent))
    .toSorted(([, a], [, b]) => b - a)
    .flatMap(([agent, count]): Suggestion[] => {
      const next = nextQuestions.find((one) => one.agent === agent);
      return next ? [{ question: next.ask(target), learnedFrom: count }] : [];
    });
  const ruled = (after.find(([seen]) => matchesCode(seen, root.code))?.[1] ?? [])
    .filter(({ agent }) => !asked.has(agent))
    .map(({ ask }): Suggestion => ({ question: ask(target) }));
  const first: Suggestion[] = report.findings.length > 1 ? [{ question: 'What should we do first?' }] : [];
  const all = [...learned, ...ruled, ...first];
  return all
    .filter(({ question }, index) => all.findIndex((other) => other.question === question) === index)
    .slice(0, maxSuggestions);
}

/** The finding that next questions are about: the first root cause that asks for something. */
export function rootOf({ findings, rootCauses }: Report): Report['findings'][number] | undefined {
  const hurting = findings.filter(({ severity }) => severity !== 'info');
  return hurting.find(({ id }) => rootCauses.includes(id)) ?? hurting[0];
}
