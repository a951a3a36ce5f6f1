import { z } from 'zod';
import type { RunCall } from '../orchestrator/question.ts';
import type { AgentOutcome } from '../report/assemble.ts';
import type { Kind } from '../store/store.ts';

/** The form of a job; raised when an older worker would misread it. */
export const jobForm = 1;
export const agentQueue = 'agents';
export const runQueue = 'runs';
/** Of every key that BullMQ keeps in Redis. */
export const jobPrefix = 'dbcheck-jobs';
/** How the failure of a job begins that a worker will not do because it is of another release or configuration. */
export const refused = 'refused';
/** On which a run that is over or stopped is called out, by its id. */
export const stopChannel = 'dbcheck-jobs:stop';

/** One agent on one target, as a job. It holds parameters of a plan, never a question's text or a credential. */
export const agentJob = z.object({
  form: z.literal(jobForm),
  run: z.string(),
  agent: z.string(),
  target: z.string(),
  params: z.record(z.string(), z.unknown()),
  fresh: z.boolean(),
  /** Targets that may be looked at beside; all where it is left out. */
  mayAsk: z.array(z.string()).optional(),
  /** Nobody waits for the answer after this time, ms since 1970. */
  untilMs: z.number(),
});
export type AgentJob = z.infer<typeof agentJob>;

/** What a finished job returns: what it cost the server. The outcome itself lies in the store. */
export const jobCost = z.object({ statements: z.number(), connections: z.number() });

const outcome = z.custom<AgentOutcome>(
  (value) => typeof value === 'object' && value !== null && 'result' in value && 'evidence' in value,
);
const minuteDays = 1 / 1_440;

/** What a job brought home, by the job's id, until whoever asked has fetched it. */
export const jobOutcomeKind: Kind<{ readonly outcome: AgentOutcome }> = {
  name: 'job-outcome',
  schema: z.object({ outcome }),
  keepDays: 10 * minuteDays,
};

/** What agents found lately, by target, agent and parameters, for all processes. */
export const agentResultKind: Kind<{ readonly outcome: AgentOutcome; readonly takenAtMs: number }> = {
  name: 'agent-result',
  schema: z.object({ outcome, takenAtMs: z.number() }),
  keepDays: 60 * minuteDays,
};

/** The same call has the same key in every process. */
export function callKey({ target, agent, params }: RunCall): string {
  return JSON.stringify([target, agent.name, Object.entries(params).toSorted()]);
}
