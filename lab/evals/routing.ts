import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { agents } from '../../src/agents/registry.ts';
import { planLines } from '../../src/orchestrator/plan-by-rules.ts';

const planned = z.object({
  kind: z.string(),
  agents: z.array(z.string()),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

export interface Score {
  readonly right: number;
  readonly asked: number;
  /** A line for each question that went elsewhere, for the person who mends the rules. */
  readonly misses: readonly string[];
}

/** The targets that exist for the questions. */
export const questionTargets: readonly string[] = [
  'shop-prod',
  'shop-replica-1',
  'shop-replica-2',
  'ledger-prod',
  'crm-main',
  'reports-1',
  'dr-shop-1',
];

function textOf(list: string): string {
  return readFileSync(new URL(`questions/${list}`, import.meta.url), 'utf8');
}

/** How a list scored when nobody had seen its misses, as its head tells; undefined where it never was held out. */
export function firstScoreOf(list: string): string | undefined {
  const told = /^# First scores?: (.*)\.$/m.exec(textOf(list))?.[1];
  const scores = [...(told ?? '').matchAll(/(\d+) of (\d+)/g)].map(([, right, asked]) => [
    Number(right),
    Number(asked),
  ]);
  if (scores.length < 2) return told;
  const [right, asked] = [0, 1].map((at) => scores.reduce((sum, score) => sum + (score[at] ?? 0), 0));
  return `${right?.toLocaleString('en-US')} of ${asked?.toLocaleString('en-US')}, in ${scores.length} lists`;
}

/** Plans every question of a fixture as `dbcheck plan` does and compares agents and parameters with the labels. */
export function scoreQuestions(fixture: string, targets: readonly string[]): Score {
  const rows = textOf(fixture)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));
  const lines = planLines(rows.map(([question]) => question).join('\n'), targets, agents);
  const misses = rows.flatMap(([question = '', sets = '', labels = ''], index) => {
    const plan = planned.parse(JSON.parse(lines[index] as string));
    const faults = judge(plan, sets, labels);
    return faults.length > 0
      ? [`${question}: ${placeOf(plan)} ${JSON.stringify(plan.params)}: ${faults.join('; ')}`]
      : [];
  });
  return { right: rows.length - misses.length, asked: rows.length, misses };
}

function judge(plan: z.infer<typeof planned>, sets: string, labels: string): string[] {
  const everyone = agents.map(({ name }) => name).toSorted();
  const wanted = sets.split('|').map((set) => (set === '*' ? everyone.join(',') : set));
  const place = placeOf(plan);
  const faults = wanted.includes(place) ? [] : [`not ${sets}`];
  const left = { ...plan.params };
  for (const [name = '', value] of labels
    .split(';')
    .filter(Boolean)
    .map((label) => label.split('='))) {
    const had = left[name];
    delete left[name];
    if (value === '~' || (place === 'clarify' && wanted.includes('clarify'))) continue;
    if (value === '*' ? had === undefined : String(had) !== value) faults.push(`${name} is ${had}, not ${value}`);
  }
  // A target that goes on from an earlier turn is no parameter where nothing runs.
  if (plan.kind !== 'run') delete left['target'];
  return [...faults, ...Object.keys(left).map((name) => `${name} is not in the question`)];
}

function placeOf({ kind, agents: names }: z.infer<typeof planned>): string {
  if (kind === 'run') return names.toSorted().join(',');
  if (kind === 'clarify') return kind;
  return `none:${kind === 'help' ? 'smalltalk' : kind}`;
}
