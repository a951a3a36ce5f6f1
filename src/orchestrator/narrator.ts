import type { ModelUse } from '../report/model-use.ts';
import type { Report } from '../report/report.ts';
import type { Question } from './question.ts';

/** Words a report. It may set `narrative` and `usage` and add notes; findings, order, verdict and numbers are not its to change. */
export interface Narrator {
  /**
   * Rejects with ModelError when the model fails; the caller then uses the template. `onLost` hears what was charged for
   * attempts that brought nothing.
   */
  narrate(
    draft: Omit<Report, 'text'>,
    question: Question,
    onLost?: (use: ModelUse) => void,
  ): Promise<Omit<Report, 'text'>>;
}
