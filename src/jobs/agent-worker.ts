import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Agent } from '../agents/agent.ts';
import { describeError } from '../errors.ts';
import type { Histories } from '../history/history.ts';
import type { Log } from '../log.ts';
import { metrics } from '../metrics.ts';
import type { RunCall } from '../orchestrator/question.ts';
import { type RunSettings, seesNeighbours } from '../orchestrator/run.ts';
import type { Store } from '../store/store.ts';
import type { SessionCost } from '../targets/connection.ts';
import type { TargetRegistry } from '../targets/registry.ts';
import { openErrands } from './errands.ts';
import {
  type AgentJob,
  agentJob,
  agentQueue,
  jobForm,
  jobOutcomeKind,
  jobPrefix,
  refused,
  runQueue,
  stopChannel,
} from './job.ts';
import type { RedisClients } from './redis-clients.ts';
import { createRunsHere } from './runs-here.ts';
import type { SharedResults } from './shared-results.ts';
import type { ClosableLeases } from './target-leases.ts';

export interface WorkerParts {
  readonly clients: RedisClients;
  readonly agents: readonly Agent[];
  /** What the configuration in force describes. */
  readonly world: () => {
    readonly targets: TargetRegistry;
    readonly histories: Histories | undefined;
    readonly settings: RunSettings & { readonly cacheSeconds: number };
  };
  readonly leases: Pick<ClosableLeases, 'owner' | 'tryHold' | 'release' | 'holderOf'>;
  readonly results: SharedResults;
  readonly store: Store;
  readonly log: Log;
  /** Jobs at a time; they wait for servers, so there may be many. */
  readonly concurrency?: number;
}

export interface AgentWorker {
  /** Takes no further job and lets the running ones finish for so long; what is cut then is done again by another worker. */
  close(finishMs: number): Promise<void>;
}

const defaultConcurrency = 24;
/** A job of a target whose server another process is connected to, and does not do jobs, is tried again after this time. */
const elsewhereMs = 100;
/** A worker that gave no sign of life for so long is dead, and its jobs are done again by another. */
const silentMs = 5_000;
const stalledLookMs = 2_000;
/** A job that has outlived so many workers is what kills them. */
const maxLostWorkers = 2;

/** Does jobs: one agent on one target each. What an agent throws is in its outcome; a job fails only where it cannot be understood. */
export async function startAgentWorker(parts: WorkerParts): Promise<AgentWorker> {
  const { clients, agents, world, leases, results, store, log } = parts;
  const runs = createRunsHere(world, log);
  const listener = await clients.open('patient');
  listener.on('message', (_channel, run: string) => runs.stop(run));
  await listener.subscribe(stopChannel);

  function understood(data: unknown): AgentJob {
    const read = agentJob.safeParse(data);
    if (read.success) return read.data;
    const form = (data as { form?: unknown } | null)?.form;
    throw new UnrecoverableError(
      form === jobForm
        ? `${refused}: a job that is not of its form`
        : `${refused}: a job of another release of dbcheck (form ${String(form)}, this worker knows ${jobForm})`,
    );
  }

  function callOf(data: AgentJob): RunCall {
    const agent = agents.find(({ name }) => name === data.agent);
    if (!agent) throw new UnrecoverableError(`${refused}: this worker knows no agent ${data.agent}`);
    try {
      world().targets.get(data.target);
    } catch (error) {
      throw new UnrecoverableError(`${refused}: ${describeError(error).message}`);
    }
    return { agent, target: data.target, params: data.params };
  }

  async function work(job: Job, token: string | undefined): Promise<object | undefined> {
    const data = understood(job.data);
    if (runs.isStopped(data.run) || Date.now() > data.untilMs) return undefined;
    const call = callOf(data);
    const onStart = () => void job.updateProgress({ started: true }).catch(() => {});
    const id = String(job.id);
    const done = (await doHere(id, data, call, onStart)) ?? (await doElsewhere(id, data, onStart));
    if (done) return done;
    await job.moveToDelayed(Date.now() + elsewhereMs, token);
    throw new DelayedError();
  }

  /** Undefined where another process is connected to the server. */
  async function doHere(
    id: string,
    data: AgentJob,
    call: RunCall,
    onStart: () => void,
  ): Promise<SessionCost | undefined> {
    if (!(await leases.tryHold(data.target))) return undefined;
    try {
      return await underLease(id, data, call, onStart);
    } finally {
      leases.release(data.target);
    }
  }

  async function doElsewhere(id: string, data: AgentJob, onTaken: () => void): Promise<SessionCost | undefined> {
    const holder = await leases.holderOf(data.target);
    if (holder === undefined || holder === leases.owner) return undefined;
    const isHolder = async () => (await leases.holderOf(data.target)) === holder;
    return errands.ask(holder, id, data, { onTaken, isHolder });
  }

  async function underLease(id: string, data: AgentJob, call: RunCall, onStart: () => void): Promise<SessionCost> {
    const { targets, settings } = world();
    const mayAsk = data.mayAsk && ((name: string) => data.mayAsk?.includes(name) ?? true);
    const isShared = seesNeighbours(data.target, { targets, mayAsk });
    const known = isShared && !data.fresh ? await results.get(call, settings.cacheSeconds) : undefined;
    if (known) {
      await store.put(jobOutcomeKind, id, { outcome: known });
      return { statements: 0, connections: 0 };
    }
    onStart();
    const { outcome, cost } = await runs.look(data, call, mayAsk);
    await store.put(jobOutcomeKind, id, { outcome });
    const isNew = outcome.result.ageSeconds === undefined;
    if (isShared && isNew && outcome.result.status === 'completed') await results.set(call, outcome);
    metrics.agents.inc({ agent: data.agent, status: outcome.result.status });
    return cost;
  }

  const errands = await openErrands(
    leases.owner,
    async (id, data) => (runs.isStopped(data.run) ? undefined : doHere(id, data, callOf(data), () => {})),
    clients,
    log,
  );
  const options = { connection: clients.patient, prefix: jobPrefix };
  const agentWorker = new Worker(agentQueue, work, {
    ...options,
    concurrency: parts.concurrency ?? defaultConcurrency,
    lockDuration: silentMs,
    stalledInterval: stalledLookMs,
    maxStalledCount: maxLostWorkers,
  });
  // The parent of a run's jobs: through when all of them are, also those that failed.
  const runWorker = new Worker(
    runQueue,
    async (job) => ({ answered: Object.keys(await job.getChildrenValues()).length }),
    { ...options, concurrency: defaultConcurrency },
  );
  for (const worker of [agentWorker, runWorker]) {
    worker.on('error', (error) => log.debug({ err: error }, 'the worker of jobs'));
    worker.on('stalled', (id) => log.warn({ job: id }, 'a worker died in the middle of a job; it is done again'));
  }
  agentWorker.on('failed', (job, error) => log.error({ job: job?.id, err: error }, 'a job failed'));
  await Promise.all([agentWorker.waitUntilReady(), runWorker.waitUntilReady()]);
  return {
    async close(finishMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, finishMs);
      });
      await Promise.race([Promise.all([agentWorker.close(), runWorker.close()]), late]);
      clearTimeout(timer);
      runs.stopAll();
      await Promise.all([agentWorker.close(true), runWorker.close(true)]);
      errands.close();
      listener.disconnect();
    },
  };
}
