import { randomUUID } from 'node:crypto';
import { FlowProducer, Queue, QueueEvents } from 'bullmq';
import { StoreUnavailableError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { AgentOutcome } from '../report/assemble.ts';
import type { Store } from '../store/store.ts';
import type { SessionCost } from '../targets/connection.ts';
import {
  type AgentJob,
  agentQueue,
  jobCost,
  jobForm,
  jobOutcomeKind,
  jobPrefix,
  runQueue,
  stopChannel,
} from './job.ts';
import type { RedisClients } from './redis-clients.ts';

/** How a job ended, as far as whoever asked can see. */
export type JobEnd =
  /** `outcome` is missing where the store lost it. */
  | { readonly kind: 'done'; readonly cost: SessionCost; readonly outcome: AgentOutcome | undefined }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'lost'; readonly why: string }
  | { readonly kind: 'aborted' };

/** Hands jobs out and gathers what comes back. */
export interface JobDesk {
  /** Why nothing can be handed out just now, for people; undefined where it can. */
  trouble(): Promise<string | undefined>;
  /** One flow: a parent with a job for each call. Rejects where Redis does not take it; the ends never reject. */
  send(
    run: string,
    jobs: readonly Omit<AgentJob, 'form'>[],
    how: { readonly signal: AbortSignal; readonly onStart: (at: number) => void },
  ): Promise<Promise<JobEnd>[]>;
  /** Calls out to all workers that nobody waits for this run any more. Never rejects. */
  stop(run: string): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly end: (end: JobEnd) => void;
  readonly start: () => void;
}

const redisAway = 'Redis cannot be used just now';
const nobodyWorks = 'no worker is running';
/** Events are what tells; this look finds what was lost with a connection. */
const lookMs = 1_000;
const keptSeconds = 600;
/** A worker that is started again is away for a moment. */
const looksWithoutWorker = 5;

export async function openJobDesk(clients: RedisClients, store: Store, log: Log): Promise<JobDesk> {
  const redis = await clients.open('impatient');
  const handing = { connection: clients.impatient, prefix: jobPrefix };
  const queue = new Queue(agentQueue, { ...handing, streams: { events: { maxLen: 5_000 } } });
  const flows = new FlowProducer(handing);
  const events = new QueueEvents(agentQueue, { connection: clients.patient, prefix: jobPrefix });
  const onError = (error: Error) => log.debug({ err: error }, 'the jobs');
  queue.on('error', onError);
  flows.on('error', onError);
  events.on('error', onError);
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);

  const waiting = new Map<string, Waiting>();
  let withoutWorker = 0;

  async function fetched(id: string, returned: unknown): Promise<JobEnd> {
    const cost = jobCost.safeParse(returned).data ?? { statements: 0, connections: 0 };
    const kept = await store.get(jobOutcomeKind, id).catch(() => undefined);
    return { kind: 'done', cost, outcome: kept?.outcome };
  }

  function settle(id: string, ending: JobEnd | Promise<JobEnd>): void {
    const found = waiting.get(id);
    if (!found) return;
    waiting.delete(id);
    void Promise.resolve(ending).then(found.end);
  }

  events.on('progress', ({ jobId }) => waiting.get(jobId)?.start());
  events.on('completed', ({ jobId, returnvalue }) => {
    if (waiting.has(jobId)) settle(jobId, fetched(jobId, returnvalue));
  });
  events.on('failed', ({ jobId, failedReason }) => settle(jobId, { kind: 'failed', reason: failedReason }));

  async function lookAfter(id: string): Promise<void> {
    const job = await queue.getJob(id);
    if (!job) return settle(id, fetched(id, undefined));
    const state = await job.getState();
    if (state === 'completed') settle(id, fetched(id, job.returnvalue));
    if (state === 'failed') settle(id, { kind: 'failed', reason: job.failedReason });
  }

  async function lookAround(): Promise<void> {
    if (waiting.size === 0) return;
    const ids = [...waiting.keys()];
    try {
      await redis.ping();
      withoutWorker = (await queue.getWorkersCount()) === 0 ? withoutWorker + 1 : 0;
      if (withoutWorker >= looksWithoutWorker) for (const id of ids) settle(id, { kind: 'lost', why: nobodyWorks });
      await Promise.all(ids.map(lookAfter));
    } catch (error) {
      log.debug({ err: error }, 'the jobs under way could not be looked after');
      for (const id of ids) settle(id, { kind: 'lost', why: redisAway });
    }
  }

  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    await lookAround();
    isLooking = false;
  }, lookMs).unref();

  return {
    async trouble() {
      try {
        await redis.ping();
        return (await queue.getWorkersCount()) === 0 ? nobodyWorks : undefined;
      } catch {
        return redisAway;
      }
    },
    async send(run, jobs, { signal, onStart }) {
      const ids = jobs.map(() => randomUUID());
      const ends = ids.map((id, at) => {
        const { promise, resolve } = Promise.withResolvers<JobEnd>();
        let isStarted = false;
        const start = () => {
          if (!isStarted) onStart(at);
          isStarted = true;
        };
        waiting.set(id, { end: resolve, start });
        return promise;
      });
      const kept = { removeOnComplete: { age: keptSeconds }, removeOnFail: { age: keptSeconds } };
      const children = jobs.map((job, at) => ({
        name: 'agent',
        queueName: agentQueue,
        data: { form: jobForm, ...job },
        opts: { ...kept, jobId: ids[at] as string, ignoreDependencyOnFailure: true, attempts: 2 },
      }));
      try {
        await flows.add({ name: 'run', queueName: runQueue, data: { form: jobForm, run }, opts: kept, children });
      } catch (cause) {
        for (const id of ids) waiting.delete(id);
        throw new StoreUnavailableError(redisAway, { cause });
      }
      const give = () => {
        for (const id of ids) settle(id, { kind: 'aborted' });
      };
      if (signal.aborted) give();
      else signal.addEventListener('abort', give, { once: true });
      return ends;
    },
    async stop(run) {
      await redis.publish(stopChannel, run).catch(() => {});
    },
    async close() {
      clearInterval(timer);
      for (const id of [...waiting.keys()]) settle(id, { kind: 'aborted' });
      await Promise.allSettled([events.close(), flows.close(), queue.close()]);
      redis.disconnect();
    },
  };
}
