import type { AgentOutcome } from '../report/assemble.ts';
import { type ModelUsage, noModelUsage, type Plan } from '../report/report.ts';
import type { Question, RunCall } from './question.ts';

/** Decides what a question needs. Never rejects: where a model fails, the rules answer. */
export interface Planner {
  plan(question: Question): Promise<Planned>;
  /**
   * Looks at what the first round of a run brought and may ask for more, once. Absent where rules plan: the
   * steps of a workflow need nobody. Never rejects.
   */
  replan?(round: FirstRound): Promise<Replanned>;
}

export interface Planned extends ModelUsage {
  readonly plan: Plan;
  /** The statements of the plan as they were written: they go to the guard and never into a report. */
  readonly statements?: readonly string[];
  /** What a reader must know: "the model did not answer, the rules planned". */
  readonly notes: readonly string[];
}

export interface FirstRound {
  readonly question: Question;
  readonly planned: Planned;
  readonly calls: readonly RunCall[];
  readonly outcomes: readonly AgentOutcome[];
  /** Where a second round may look: the targets of the first one and their replicas. */
  readonly targets: readonly string[];
}

export interface Replanned extends ModelUsage {
  readonly calls: readonly RunCall[];
  /** Statements that only read, as the model wrote them. */
  readonly statements?: readonly string[];
  readonly notes: readonly string[];
}

/** What planning by rules costs. */
export const freePlanning = { notes: [], ...noModelUsage } as const;
