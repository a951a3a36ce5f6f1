import { readdirSync } from 'node:fs';
import { type NarrationScore, scoreNarration } from '../evals/narration.ts';
import { firstScoreOf, questionTargets, scoreQuestions } from '../evals/routing.ts';

/** What at least must be right of each list of questions. */
const floor = 0.95;

export interface RoutingRow {
  readonly questions: string;
  readonly asked: number;
  readonly right: number;
  /** When nobody had seen how it went; absent where rules were written with the list in view. */
  readonly first: string | undefined;
}

export interface EvalResult {
  readonly routing: readonly RoutingRow[];
  readonly narration: readonly NarrationScore[];
  readonly holds: boolean;
}

/** The slow suites around the model: where rules send questions, and what of a lying or obedient model is ever read. */
export async function benchEvals(): Promise<EvalResult> {
  const lists = readdirSync(new URL('../evals/questions', import.meta.url)).toSorted();
  const routing = lists.map((list): RoutingRow => {
    const { right, asked } = scoreQuestions(list, questionTargets);
    return { questions: list.replace('.tsv', ''), asked, right, first: firstScoreOf(list) };
  });
  const narration = await scoreNarration();
  const holds =
    routing.every(({ right, asked }) => right / asked >= floor) &&
    narration.every(({ reached }) => reached.length === 0);
  return { routing, narration, holds };
}

export function renderEvals({ routing, narration }: EvalResult): string {
  const share = (right: number, asked: number) => `${((100 * right) / asked).toFixed(1)} %`;
  return [
    `${'questions'.padEnd(18)}${'asked'.padStart(6)}${'right'.padStart(7)}${''.padStart(9)}  when first scored`,
    ...routing.map(
      ({ questions, asked, right, first }) =>
        `${questions.padEnd(18)}${String(asked).padStart(6)}${String(right).padStart(7)}${share(right, asked).padStart(9)}  ${first ?? 'rules written with it in view'}`,
    ),
    '',
    `${'a model that'.padEnd(18)}${'tried'.padStart(6)}${'read'.padStart(7)}`,
    ...narration.map(
      ({ suite, tried, reached }) =>
        `${suite.padEnd(18)}${String(tried).padStart(6)}${String(reached.length).padStart(7)}`,
    ),
  ].join('\n');
}
