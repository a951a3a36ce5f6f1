import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { type LabRedis, startRedis } from '../../lab/redis/server.ts';
import { agents, findAgent } from '../../src/agents/registry.ts';
import { parseConfig } from '../../src/config.ts';
import { agentQueue, jobForm, jobPrefix } from '../../src/jobs/job.ts';
import { openJobDesk } from '../../src/jobs/job-desk.ts';
import { createJobRunner } from '../../src/jobs/job-runner.ts';
import { createRedisClients } from '../../src/jobs/redis-clients.ts';
import { createSharedResults } from '../../src/jobs/shared-results.ts';
import { silentLog } from '../../src/log.ts';
import type { Progress, RunCall } from '../../src/orchestrator/question.ts';
import { createResultCache } from '../../src/orchestrator/result-cache.ts';
import { createRunner, type RunContext, type Runner, type RunnerFactory } from '../../src/orchestrator/run.ts';
import { openRedisStore } from '../../src/store/redis-store.ts';
import { createResilientStore } from '../../src/store/resilient-store.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';

let redis: LabRedis;
let server: LabServer;
beforeAll(async () => {
  [redis, server] = await Promise.all([startRedis(), startServer({ name: 'orders' })]);
}, 120_000);
afterAll(async () => {
  await redis?.stop();
  await server?.stop();
});
const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

const script = fileURLToPath(new URL('worker-process.ts', import.meta.url));

function configText(run: object = {}): string {
  return JSON.stringify({ targets: [targetEntry(server)], run: { windowSeconds: 0.3, ...run } });
}

async function startWorker(run: object = {}): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, redis.url, configText(run)], { stdio: ['ignore', 'pipe', 'inherit'] });
  ending.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

interface Side {
  readonly progress: Progress[];
  begin(options?: Partial<RunContext>): Runner;
}

/** Whoever asks: with the jobs of Redis, or in this process. */
async function asker(engine: 'jobs' | 'process', run: object = {}): Promise<Side> {
  const config = parseConfig(configText(run), 'test.yml', {});
  const targets = createTargetRegistry(config);
  ending.push(() => targets.close());
  const cache = createResultCache(config.run.cacheSeconds);
  let factory: RunnerFactory = createRunner;
  if (engine === 'jobs') {
    const store = createResilientStore(await openRedisStore({ url: redis.url }), silentLog);
    const desk = await openJobDesk(createRedisClients(redis.url, silentLog), store, silentLog);
    ending.push(
      () => store.close(),
      () => desk.close(),
    );
    factory = createJobRunner({ desk, results: createSharedResults(store), cacheSeconds: config.run.cacheSeconds });
  }
  const progress: Progress[] = [];
  return {
    progress,
    begin(options = {}) {
      const runner = factory({
        targets,
        settings: config.run,
        cache,
        log: silentLog,
        fresh: true,
        signal: undefined,
        onProgress: (event) => progress.push(event),
        ...options,
      });
      ending.push(() => runner.finish());
      return runner;
    },
  };
}

function call(name: string, params: Readonly<Record<string, unknown>> = {}): RunCall {
  const agent = findAgent(name);
  if (!agent) throw new Error(`there is no agent ${name}`);
  return { agent, target: 'orders', params };
}

const everything = () => agents.map(({ name }) => call(name));

describe.each(['process', 'jobs'] as const)('a run by the engine "%s"', (engine) => {
  it('brings an outcome for each call in the order of the calls, with pairs of events', async () => {
    if (engine === 'jobs') await Promise.all([startWorker(), startWorker()]);
    const side = await asker(engine);
    const outcomes = await side.begin().run(everything());
    expect(outcomes.map(({ result }) => result.agent)).toEqual(agents.map(({ name }) => name));
    expect(outcomes.filter(({ result }) => result.status === 'failed' || result.status === 'timed_out')).toEqual([]);
    const seen = (type: Progress['type']) => side.progress.filter((event) => event.type === type).length;
    expect(seen('agent_started')).toBe(agents.length);
    expect(seen('agent_finished')).toBe(agents.length);
  }, 60_000);

  it('gives evidence that findings cite, without two pieces under one id', async () => {
    if (engine === 'jobs') await Promise.all([startWorker(), startWorker()]);
    const outcomes = await (await asker(engine)).begin().run(everything());
    for (const { findings, evidence } of outcomes) {
      const ids = new Set(evidence.map(({ id }) => id));
      for (const finding of findings) expect(finding.evidence.filter((id) => !ids.has(id))).toEqual([]);
    }
    const texts = new Map<string, string>();
    for (const one of outcomes.flatMap(({ evidence }) => evidence)) {
      expect(texts.get(one.id) ?? JSON.stringify(one)).toBe(JSON.stringify(one));
      texts.set(one.id, JSON.stringify(one));
    }
  }, 60_000);

  it('ends when it is stopped, and says so per agent', async () => {
    if (engine === 'jobs') await startWorker({ windowSeconds: 15 });
    const stop = new AbortController();
    const side = await asker(engine, { windowSeconds: 15 });
    const running = side.begin({ signal: stop.signal }).run([call('running_query'), call('connections')]);
    await expect.poll(() => side.progress.length, { timeout: 10_000 }).toBeGreaterThan(0);
    stop.abort();
    const outcomes = await running;
    expect(outcomes.map(({ result }) => [result.status, result.reason])).toEqual([
      ['skipped', 'stopped on request'],
      ['skipped', 'stopped on request'],
    ]);
    await expect.poll(() => ourSessions(), { timeout: 10_000 }).toBeLessThanOrEqual(engine === 'jobs' ? 0 : 1);
  }, 60_000);

  it('uses what was measured a moment ago, with its age', async () => {
    if (engine === 'jobs') await startWorker();
    const side = await asker(engine);
    const params = { hours: 5 };
    await side.begin({ fresh: false }).run([call('incident_triage', params)]);
    const [again] = await side.begin({ fresh: false }).run([call('incident_triage', params)]);
    expect(again?.result.ageSeconds).toBeGreaterThanOrEqual(0);
  }, 60_000);
});

async function ourSessions(): Promise<number> {
  const [row] = await server.query<{ n: number }>(
    "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE user = 'dbcheck'",
  );
  return Number(row?.n);
}

describe('jobs of several workers', () => {
  it('go on elsewhere when their worker is killed, and the run ends whole', async () => {
    const [first] = [await startWorker({ windowSeconds: 3 }), await startWorker({ windowSeconds: 3 })];
    const side = await asker('jobs', { windowSeconds: 3 });
    const running = side.begin().run(everything());
    await expect.poll(() => side.progress.length, { timeout: 15_000 }).toBeGreaterThan(2);
    first?.kill('SIGKILL');
    const outcomes = await running;
    expect(outcomes.map(({ result }) => result.status)).not.toContain('failed');
    expect(outcomes.map(({ result }) => result.status)).not.toContain('timed_out');
    expect(outcomes).toHaveLength(agents.length);
  }, 90_000);

  it('never hold more than one connection to a server together', async () => {
    await Promise.all([startWorker(), startWorker(), startWorker()]);
    const sides = await Promise.all([asker('jobs'), asker('jobs')]);
    let isOver = false;
    const running = Promise.all(
      sides.flatMap((side) => [1, 2, 3].map(() => side.begin().run([call('connections'), call('running_query')]))),
    ).finally(() => {
      isOver = true;
    });
    let most = 0;
    while (!isOver) most = Math.max(most, await ourSessions());
    const statuses = (await running).flat().map(({ result }) => result.status);
    expect(new Set(statuses)).toEqual(new Set(['completed']));
    expect(most).toBe(1);
  }, 90_000);

  it('look once for equal questions at the same time, whoever asks and whichever worker is free', async () => {
    await Promise.all([startWorker(), startWorker()]);
    const sides = await Promise.all([asker('jobs'), asker('jobs')]);
    const same = { hours: 7 };
    const runs = sides.flatMap((side) => [1, 2, 3].map(() => side.begin({ fresh: false })));
    const outcomes = await Promise.all(runs.map((runner) => runner.run([call('incident_triage', same)])));
    const looks = new Set(outcomes.flat().map(({ evidence }) => JSON.stringify(evidence.map(({ id }) => id))));
    expect(looks.size).toBe(1);
    expect(outcomes.flat().map(({ result }) => result.status)).toEqual(runs.map(() => 'completed'));
  }, 60_000);

  it('tell what they cost the server', async () => {
    await startWorker();
    const runner = (await asker('jobs')).begin();
    await runner.run([call('connections')]);
    expect(runner.spentElsewhere().statements).toBeGreaterThan(3);
    expect(runner.spentElsewhere().connections).toBe(1);
    expect(runner.notes()).toEqual([]);
  }, 60_000);

  it('of an older release are refused in words', async () => {
    await startWorker();
    const queue = new Queue(agentQueue, {
      connection: createRedisClients(redis.url, silentLog).impatient,
      prefix: jobPrefix,
    });
    ending.push(() => queue.close());
    await queue.waitUntilReady();
    const job = await queue.add('agent', { form: jobForm - 1, agent: 'connections' });
    await expect
      .poll(async () => (await queue.getJob(job.id as string))?.failedReason, { timeout: 15_000 })
      .toMatch(/^refused: a job of another release of dbcheck \(form 0, this worker knows 1\)/);
  }, 60_000);

  it('that a worker does not know are done where they came from', async () => {
    await startWorker();
    const runner = (await asker('jobs')).begin();
    const known = call('connections');
    const [outcome] = await runner.run([{ ...known, agent: { ...known.agent, name: 'of_the_next_release' } }]);
    expect(outcome?.result).toMatchObject({ agent: 'of_the_next_release', status: 'completed' });
    expect(runner.notes()).toEqual([
      'a worker is of another release or configuration: checks ran in the process that answers',
    ]);
  }, 60_000);

  it('are done in the process that answers where no worker runs, and the report is told', async () => {
    const runner = (await asker('jobs')).begin();
    const [outcome] = await runner.run([call('connections')]);
    expect(outcome?.result.status).toBe('completed');
    expect(runner.notes().join()).toMatch(/no worker is running: the checks ran in the process that answers/);
  }, 60_000);

  it('are done in the process that answers where Redis is gone in the middle, and by workers when it is back', async () => {
    await startWorker({ windowSeconds: 3 });
    const side = await asker('jobs', { windowSeconds: 3 });
    const cut = side.begin();
    const running = cut.run([call('running_query'), call('connections')]);
    await expect.poll(() => side.progress.length, { timeout: 15_000 }).toBeGreaterThan(0);
    await redis.kill();
    const outcomes = await running;
    expect(outcomes.map(({ result }) => result.status)).toEqual(['completed', 'completed']);
    expect(cut.notes().join()).toMatch(/Redis cannot be used just now/);
    await redis.restart();
    const back = async () => {
      const runner = side.begin();
      await runner.run([call('connections')]);
      return runner.notes().length;
    };
    await expect.poll(back, { timeout: 30_000 }).toBe(0);
  }, 90_000);
});
