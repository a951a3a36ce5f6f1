import type { Plan } from '../report/report.ts';
import type { Question } from './question.ts';

/** Decides what a question needs. Never rejects: where a model fails, the rules answer. */
export interface Planner {
  plan(question: Question): Promise<Planned>;
}

export interface Planned {
  readonly plan: Plan;
  /** What a reader must know: "the model did not answer, the rules planned". */
  readonly notes: readonly string[];
  readonly llmCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
}

/** What planning by rules costs. */
export const freePlanning = { notes: [], llmCalls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 } as const;
