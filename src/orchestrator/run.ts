import { randomUUID } from 'node:crypto';
import pLimit from 'p-limit';
import { ZodError } from 'zod';
import type { Diagnosis } from '../agents/agent.ts';
import { thresholdsFor } from '../agents/thresholds.ts';
import {
  describeError,
  ProbeError,
  StoppedError,
  stoppedReason,
  TargetUnreachableError,
  TimedOutError,
} from '../errors.ts';
import type { Histories } from '../history/history.ts';
import type { Log } from '../log.ts';
import { metrics } from '../metrics.ts';
import { type AgentCollector, createAgentCollector, createRunReadings, type RunReadings } from '../probes/collector.ts';
import type { ProbeSource } from '../probes/probe.ts';
import type { AgentOutcome } from '../report/assemble.ts';
import type { AgentResult, AgentStatus } from '../report/report.ts';
import type { SessionCost, TargetSession } from '../targets/connection.ts';
import type { TargetRegistry } from '../targets/registry.ts';
import { serverFacts } from '../targets/server-facts.ts';
import type { Target } from '../targets/target.ts';
import { spanNames, traced } from '../trace.ts';
import { placeOf } from './place.ts';
import type { Progress, RunCall } from './question.ts';
import type { ResultCache } from './result-cache.ts';
import { meetUnreachable, outcomeOfUnreachable, type Unreachable } from './unreachable.ts';

export interface RunSettings {
  readonly windowSeconds: number;
  readonly agentSeconds: number;
  readonly totalSeconds: number;
  readonly concurrency: number;
}

export interface Runner {
  /** Adds calls to the run; outcomes come in the order of the calls, whatever finished first. Never rejects. */
  run(calls: readonly RunCall[]): Promise<AgentOutcome[]>;
  /** Tells of calls that a workflow left out, with the reason; they become results without a look at the server. */
  skip(skips: readonly { readonly call: RunCall; readonly reason: string }[]): AgentOutcome[];
  /** Ends what is still on the servers. */
  finish(): void;
  /** What other processes spent on the servers for this run; what this one spent its own sessions know. */
  spentElsewhere(): SessionCost;
  /** What a reader of the report must know of how the run was done. */
  notes(): readonly string[];
}

/** Agents side by side in this process, or as jobs of many. */
export type RunnerFactory = (context: RunContext) => Runner;

export interface RunContext {
  readonly targets: TargetRegistry;
  /** What is kept of the targets' past; absent where nothing is. */
  readonly histories?: Histories | undefined;
  readonly settings: RunSettings;
  readonly cache: ResultCache;
  readonly log: Log;
  readonly fresh: boolean;
  readonly signal: AbortSignal | undefined;
  /** Which targets may be looked at beside the one that is asked about; all when absent. */
  readonly mayAsk?: ((target: string) => boolean) | undefined;
  readonly onProgress: (event: Progress) => void;
}

let evidenceCounter = 0;
/** Evidence of several processes meets in one report. */
const evidenceSeries = randomUUID().slice(0, 8);

/**
 * One run: agents side by side under p-limit, each with a deadline, all under one. Readings are shared per target.
 * Whatever an agent throws becomes its result; the others go on.
 */
export function createRunner(context: RunContext): Runner {
  const { settings } = context;
  const over = new AbortController();
  const deadline = AbortSignal.timeout(settings.totalSeconds * 1_000);
  const signal = AbortSignal.any([over.signal, deadline, ...(context.signal ? [context.signal] : [])]);
  const limit = pLimit(settings.concurrency);
  const opened = new Map<string, Promise<Opened>>();

  /** Reads the server's variables and our grants once per run and target; every probe stands on them. */
  function open(name: string): Promise<Opened> {
    const known = opened.get(name);
    if (known) return known;
    const opening = openTarget(context.targets.get(name), context.targets.session(name), {
      windowSeconds: settings.windowSeconds,
      measuresAnew: context.fresh,
      history: context.histories?.(name),
      cloudLogs: context.targets.cloudLogs(name),
      signal,
    });
    opened.set(name, opening);
    return opening;
  }

  async function runOne(call: RunCall): Promise<AgentOutcome> {
    const isShared = seesNeighbours(call.target, context);
    if (isShared && !context.fresh) {
      // Nothing may be awaited between the look at the flights and the launch, or two would take off.
      const flying = context.cache.flying(call);
      const known = flying ? await flying : context.cache.get(call);
      // Somebody else's run may have been stopped or late; that is no answer to this question.
      if (known?.result.status === 'completed') return known;
    }
    const flight = fly(call);
    if (isShared) context.cache.launch(call, flight);
    return flight;
  }

  async function fly(call: RunCall): Promise<AgentOutcome> {
    const startedAt = performance.now();
    context.onProgress({ type: 'agent_started', agent: call.agent.name, target: call.target });
    const agent = call.agent.name;
    const outcome = await traced(
      spanNames.agent(agent),
      { operation: 'invoke_agent', agent, target: call.target },
      async (note) => {
        const reached = await attempt(call).catch((error: unknown) => failure(call, error, context, deadline.aborted));
        note({ status: reached.result.status, findings: reached.findings.length });
        return reached;
      },
    );
    const timed = { ...outcome, result: { ...outcome.result, durationMs: Math.round(performance.now() - startedAt) } };
    metrics.agentSeconds.observe({ agent: call.agent.name }, timed.result.durationMs / 1_000);
    if (timed.result.status === 'completed' && seesNeighbours(call.target, context)) context.cache.set(call, timed);
    return timed;
  }

  async function investigate(call: RunCall, readings: RunReadings): Promise<AgentOutcome> {
    const peerOf = async (name: string) => {
      if (context.mayAsk?.(name) === false) return undefined;
      const peer = await open(name);
      return peer.unreachable ? undefined : peer.readings;
    };
    return diagnose(call, createAgentCollector(readings, peerOf), context.targets.get(call.target));
  }

  async function attempt(call: RunCall): Promise<AgentOutcome> {
    const work = open(call.target).then((target) =>
      target.unreachable ? outcomeOfUnreachable(call, target.unreachable) : investigate(call, target.readings),
    );
    return withDeadline(work, settings.agentSeconds, signal);
  }

  return {
    async run(calls) {
      return Promise.all(
        calls.map((call) =>
          limit(async () => {
            const outcome = await runOne(call);
            metrics.agents.inc({ agent: call.agent.name, status: outcome.result.status });
            context.onProgress({ type: 'agent_finished', result: outcome.result });
            return outcome;
          }),
        ),
      );
    },
    skip(skips) {
      return skips.map(({ call, reason }) => {
        const result: AgentResult = { ...placeOf(call), status: 'skipped', durationMs: 0, reason };
        context.onProgress({ type: 'agent_started', agent: call.agent.name, target: call.target });
        context.onProgress({ type: 'agent_finished', result });
        return { result, findings: [], coverage: [], blind: false, evidence: [] };
      });
    },
    finish: () => over.abort(),
    spentElsewhere: () => ({ statements: 0, connections: 0 }),
    notes: () => [],
  };
}

/** Whether the other sides of a target's replication may be seen, as they are in the results that people share. */
export function seesNeighbours(name: string, { targets, mayAsk }: Pick<RunContext, 'targets' | 'mayAsk'>): boolean {
  const { primary, replicas } = targets.get(name);
  return [...(primary === undefined ? [] : [primary]), ...replicas].every((other) => mayAsk?.(other) ?? true);
}

type Opened =
  | { readonly unreachable?: undefined; readonly readings: RunReadings }
  | { readonly unreachable: Unreachable };

async function openTarget(
  target: Target,
  session: TargetSession,
  run: Pick<ProbeSource, 'windowSeconds' | 'measuresAnew' | 'history' | 'cloudLogs'> & { readonly signal: AbortSignal },
): Promise<Opened> {
  const { signal } = run;
  const number = () => `x${evidenceSeries}-${++evidenceCounter}`;
  const startedAt = Date.now();
  try {
    const variables = await session.query('SHOW GLOBAL VARIABLES', { probe: 'variables', signal });
    const grants = await session.query('SHOW GRANTS', { probe: 'grants', signal });
    const source: ProbeSource = {
      target,
      facts: serverFacts(variables.rows, grants.rows),
      ...run,
      query: (sql, options) => session.query(sql, { probe: 'query', signal, ...options }),
      wait: (seconds) => wait(seconds, signal),
      now: () => Date.now(),
      ownStatements: () => session.cost().statements,
    };
    return { readings: createRunReadings(source, number) };
  } catch (error) {
    if (!(error instanceof TargetUnreachableError)) throw error;
    const seen = await meetUnreachable(target, error, startedAt, { cloudLogs: run.cloudLogs, signal, number });
    return { unreachable: seen };
  }
}

async function diagnose(call: RunCall, collector: AgentCollector, target: Target): Promise<AgentOutcome> {
  const nowMs = Date.now();
  const work = await call.agent.investigate(collector, call.params, {
    target,
    thresholds: thresholdsFor(target.thresholds),
    nowMs,
  });
  const here = { agent: call.agent.name, target: call.target };
  // What the verdict rests on first.
  const gaps = collector.blindness().toSorted((a, b) => Number(b.essential) - Number(a.essential));
  const coverage = gaps.map(({ code, summary, fix }) => ({ ...here, code, summary, fix }));
  const evidence = collector.used();
  if (work.notApplicable !== undefined) {
    const result = { ...placeOf(call), status: 'not_applicable', durationMs: 0, reason: work.notApplicable } as const;
    return { result, findings: [], coverage, blind: false, evidence };
  }
  const diagnosis: Diagnosis = work.diagnose();
  return {
    result: { ...placeOf(call), status: 'completed', durationMs: 0, headline: diagnosis.headline },
    findings: diagnosis.findings.map((finding) => ({ ...finding, ...here })),
    coverage,
    blind: gaps.some(({ essential }) => essential),
    evidence,
  };
}

/** The first of the three places that catch: an agent's error becomes its result. */
function failure(call: RunCall, error: unknown, context: RunContext, outOfTime: boolean): AgentOutcome {
  const here = { agent: call.agent.name, target: call.target };
  const stopped = error instanceof StoppedError && !outOfTime;
  // A statement that ran into its own limit before any probe was asked, such as SHOW GLOBAL VARIABLES.
  const slow = error instanceof ProbeError && error.code === 'timed_out' ? error.message : undefined;
  const late = error instanceof TimedOutError || (error instanceof StoppedError && outOfTime);
  const status: AgentStatus = stopped ? 'skipped' : late || slow ? 'timed_out' : 'failed';
  const reason = stopped
    ? stoppedReason
    : late
      ? `no answer within ${context.settings.agentSeconds} s`
      : error instanceof ZodError
        ? `a parameter is not valid: ${error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')}`
        : describeError(error).message;
  if (status === 'failed') context.log.error({ ...here, err: error }, 'an agent failed');
  const instead = status === 'skipped' ? undefined : call.agent.instead;
  return {
    result: { ...placeOf(call), status, durationMs: 0, reason, ...(instead === undefined ? {} : { instead }) },
    findings: [],
    coverage: slow === undefined ? [] : [{ ...here, code: 'coverage.timed_out', summary: slow, fix: askLater }],
    blind: true,
    evidence: [],
  };
}

const askLater = 'ask again when the server is less busy, or raise run.statementSeconds in dbcheck.yml';

async function withDeadline<T>(work: Promise<T>, seconds: number, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOutError(`no answer within ${seconds} s`)), seconds * 1_000);
    stop = () => reject(new StoppedError());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
    if (stop) signal.removeEventListener('abort', stop);
  }
}

function wait(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new StoppedError());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, seconds * 1_000);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
