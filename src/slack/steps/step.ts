import { z } from 'zod';
import { outlineReport } from '../../report/outline.ts';
import type { Report } from '../../report/report.ts';
import { clamp, escapeText } from '../posting/escape.ts';
import { limits } from '../posting/limits.ts';

/** What the workflow's author filled in, as the manifest declares it. */
export const stepInputs = z.object({
  question: z.string().trim().min(1, 'The step needs a question.').max(4_000, 'The question is too long.'),
  target: z.string().trim().optional(),
  channel: z
    .string()
    .regex(/^[CG][A-Z0-9]{5,}$/, 'The step needs the id of a channel.')
    .optional(),
});

/** What the workflow goes on with, as the manifest declares it. */
export interface StepOutputs {
  readonly [name: string]: string | number;
  readonly verdict: Report['verdict'];
  /** Headline, conclusion and first action; nothing in it is live where the workflow posts it. */
  readonly summary: string;
  readonly findings: number;
  /** Where the report stands; empty where no channel was given. */
  readonly permalink: string;
}

export function outputsOf(report: Report, permalink: string): StepOutputs {
  const { headline, conclusion, firstAction } = outlineReport(report);
  const summary = [headline, conclusion, firstAction].filter((line) => line !== undefined && line !== '').join('\n');
  return {
    verdict: report.verdict,
    summary: clamp(escapeText(summary), limits.text),
    findings: report.findings.length,
    permalink,
  };
}
