import { noUsage, type Plan, type Report } from './report.ts';
import { renderText } from './text.ts';

/** A report without a run: help, a question back, an answer from what is known. Its text is the plan's answer. */
export function reportInWords(question: string, plan: Plan, given: Partial<Report> = {}): Report {
  const draft: Omit<Report, 'text'> = {
    question,
    target: plan.targets.join(', '),
    takenAt: new Date().toISOString(),
    durationMs: 0,
    windowSeconds: 0,
    plan,
    verdict: 'unknown',
    results: [],
    findings: [],
    rootCauses: [],
    coverage: [],
    evidence: [],
    usage: noUsage,
    notes: [],
    ...given,
  };
  return { ...draft, text: renderText(draft) };
}
