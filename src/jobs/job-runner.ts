import { randomUUID } from 'node:crypto';
import { describeError, stoppedReason } from '../errors.ts';
import { placeOf } from '../orchestrator/place.ts';
import type { RunCall } from '../orchestrator/question.ts';
import { createRunner, type RunContext, type Runner, type RunnerFactory, seesNeighbours } from '../orchestrator/run.ts';
import type { AgentOutcome } from '../report/assemble.ts';
import type { AgentStatus } from '../report/report.ts';
import { refused } from './job.ts';
import type { JobDesk, JobEnd } from './job-desk.ts';
import type { SharedResults } from './shared-results.ts';

export interface JobRunnerParts {
  readonly desk: JobDesk;
  readonly results: SharedResults;
  readonly cacheSeconds: number;
}

/** After a run's time jobs may still be on their way back. */
const graceMs = 500;

/**
 * Runs whose agents work as jobs on whichever worker is free. What the workers cannot do just now (Redis is away, none
 * is there, one died with the answer) is done in this process, and the report says so.
 */
export function createJobRunner(jobs: JobRunnerParts): RunnerFactory {
  return (context) => runnerOf(context, jobs);
}

function runnerOf(context: RunContext, { desk, results, cacheSeconds }: JobRunnerParts): Runner {
  const { settings, targets, mayAsk, fresh } = context;
  const local = createRunner(context);
  const run = randomUUID();
  const untilMs = Date.now() + settings.totalSeconds * 1_000;
  const over = AbortSignal.timeout(settings.totalSeconds * 1_000 + graceMs);
  const signal = AbortSignal.any([over, ...(context.signal ? [context.signal] : [])]);
  const notes = new Set<string>();
  let spent = { statements: 0, connections: 0 };
  let isOut = false;

  function dataOf({ agent, target, params }: RunCall) {
    const others = mayAsk && targets.targets.map(({ name }) => name).filter(mayAsk);
    return { run, agent: agent.name, target, params, fresh, untilMs, ...(others ? { mayAsk: others } : {}) };
  }

  async function here(calls: readonly RunCall[], why: string): Promise<AgentOutcome[]> {
    notes.add(`${why}: the checks ran in the process that answers, not on the workers`);
    return local.run(calls);
  }

  async function sharedResult(call: RunCall): Promise<AgentOutcome | undefined> {
    if (fresh || !seesNeighbours(call.target, context)) return undefined;
    return results.get(call, cacheSeconds).catch(() => undefined);
  }

  async function outcomeOf(call: RunCall, ending: Promise<JobEnd>): Promise<AgentOutcome> {
    const end = await ending;
    if (end.kind === 'done') {
      spent = {
        statements: spent.statements + end.cost.statements,
        connections: spent.connections + end.cost.connections,
      };
      if (end.outcome) return end.outcome;
    }
    const isRefused = end.kind === 'failed' && end.reason.startsWith(refused);
    if (end.kind === 'failed' && !isRefused) return without(call, 'failed', end.reason);
    if (context.signal?.aborted) return without(call, 'skipped', stoppedReason);
    if (over.aborted) return without(call, 'timed_out', `no answer within ${settings.totalSeconds} s`);
    const [outcome] = await local.run([call]);
    notes.add(`${whyHere(end)}: checks ran in the process that answers`);
    return outcome as AgentOutcome;
  }

  async function runOne(call: RunCall, ending: Promise<JobEnd>): Promise<AgentOutcome> {
    const outcome = await outcomeOf(call, ending);
    context.onProgress({ type: 'agent_finished', result: outcome.result });
    return outcome;
  }

  return {
    ...local,
    async run(calls) {
      if (calls.length === 0) return [];
      const known = await Promise.all(calls.map(sharedResult));
      for (const outcome of known) if (outcome) context.onProgress({ type: 'agent_finished', result: outcome.result });
      const open = calls.filter((_, at) => !known[at]);
      if (open.length === 0) return known.filter((outcome) => outcome !== undefined);
      const looked = await look(open);
      return calls.map((_, at) => known[at] ?? (looked.shift() as AgentOutcome));
    },
    finish() {
      // What is still under way is of no use to anybody.
      if (isOut) void desk.stop(run);
      local.finish();
    },
    spentElsewhere: () => spent,
    notes: () => [...notes],
  };

  async function look(calls: readonly RunCall[]): Promise<AgentOutcome[]> {
    const why = await desk.trouble();
    if (why !== undefined) return here(calls, why);
    isOut = true;
    const onStart = (at: number) => {
      const call = calls[at] as RunCall;
      context.onProgress({ type: 'agent_started', agent: call.agent.name, target: call.target });
    };
    try {
      const endings = await desk.send(run, calls.map(dataOf), { signal, onStart });
      signal.addEventListener('abort', () => void desk.stop(run), { once: true });
      return await Promise.all(calls.map((call, at) => runOne(call, endings[at] as Promise<JobEnd>)));
    } catch (error) {
      context.log.warn({ err: error }, 'the jobs of a run could not be handed out');
      return here(calls, describeError(error).message);
    }
  }
}

function whyHere(end: JobEnd): string {
  if (end.kind === 'lost') return end.why;
  return end.kind === 'failed' ? 'a worker is of another release or configuration' : 'an answer of a worker was lost';
}

function without(call: RunCall, status: AgentStatus, reason: string): AgentOutcome {
  return {
    result: { ...placeOf(call), status, durationMs: 0, reason },
    findings: [],
    coverage: [],
    blind: true,
    evidence: [],
  };
}
