import type { z } from 'zod';
import type { TypedAgent } from '../../agents/agent.ts';
import type { AgentOutcome } from '../../report/assemble.ts';
import type { LocatedFinding } from '../../report/correlate.ts';
import type { Conclusion, Report, WorkflowName } from '../../report/report.ts';
import type { RunCall } from '../question.ts';

/** What is known when a step decides: everything that was called so far and what it brought. */
export interface Sight {
  /** The servers that the question is about. */
  readonly targets: readonly string[];
  /** The server that a replica follows, where it is a target that may be asked; undefined otherwise. */
  readonly primaryOf: (target: string) => string | undefined;
  readonly calls: readonly RunCall[];
  readonly outcomes: readonly AgentOutcome[];
  /** Calls of the plan that wait for a step to make or skip them. */
  readonly heldBack: readonly RunCall[];
}

/** A call that a step left out, and why a reader may be at ease about it. */
export interface Skip {
  readonly call: RunCall;
  readonly reason: string;
}

export interface Next {
  /** Run side by side; one that was made in just this way already is not made again. */
  readonly calls: readonly RunCall[];
  readonly skips?: readonly Skip[];
}

/** Given the outcomes so far, the next calls. Pure: the same sight gives the same calls. */
export interface Step {
  readonly name: string;
  next(sight: Sight): Next;
}

/** One way of on-call work. The plan's calls are its first step, except for those that it holds back. */
export interface Workflow {
  readonly name: WorkflowName;
  /** Agents of the plan that wait for the first results; a step then calls or skips them. */
  readonly heldBack: readonly string[];
  readonly steps: readonly Step[];
  /** The answer to the question as it was asked, from the finished report. */
  readonly conclude?: (report: Omit<Report, 'text'>) => Conclusion;
}

/** A call whose parameters the compiler checks against the agent's schema. */
export function callOf<Schema extends z.ZodObject>(
  agent: TypedAgent<Schema>,
  target: string,
  params: z.input<Schema>,
): RunCall {
  const set = Object.entries(params).filter(([, value]) => value !== undefined);
  return { agent, target, params: Object.fromEntries(set) };
}

const severityRank = { critical: 0, warning: 1, info: 2 } as const;

/** What hurts on a target, worst first; information does not. */
export function painOn(target: string, { outcomes }: Sight): LocatedFinding[] {
  return findingsOn(target, outcomes).filter(({ severity }) => severity !== 'info');
}

/** All findings on a target, worst first. */
export function findingsOn(target: string, outcomes: readonly AgentOutcome[]): LocatedFinding[] {
  return outcomes
    .flatMap(({ findings }) => findings)
    .filter((finding) => finding.target === target)
    .toSorted((a, b) => severityRank[a.severity] - severityRank[b.severity] || (b.impact ?? 0) - (a.impact ?? 0));
}

/** Whether an agent has been called on a target, in whatever way. */
export function isCalled(agent: string, target: string, { calls }: Sight): boolean {
  return calls.some((call) => call.agent.name === agent && call.target === target);
}

/** Servers that have been looked at and answered somebody. */
export function answeringTargets({ outcomes }: Sight): string[] {
  const answered = outcomes.filter(({ result }) => result.status !== 'failed').map(({ result }) => result.target);
  return [...new Set(answered)];
}

/** The parameters of the first call of an agent on a target, so that a narrower look keeps its window. */
export function paramsOf(agent: string, target: string, { calls }: Sight): RunCall['params'] {
  return calls.find((call) => call.agent.name === agent && call.target === target)?.params ?? {};
}
