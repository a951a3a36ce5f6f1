import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { LabServer } from '../mariadb/server.ts';
import { startRedis } from '../redis/server.ts';
import type { Message } from '../slack/nouns.ts';
import type { Workspace } from '../slack/workspace.ts';
import { type Figure, percentile } from './figure.ts';
import { type Site, startServers, startSite } from './site.ts';

export interface LoadSizes {
  /** Threads in which a question is always under way. */
  readonly threads: number;
  readonly servers: number;
  readonly seconds: number;
}

export const loadSizes: LoadSizes = { threads: 200, servers: 20, seconds: 60 };
const workerCounts = [1, 2, 4] as const;
/** A connection to a server that all processes together may hold. */
const connectionLimit = 1;
const lookMs = 100;
/** No shared results, so that every question is work. */
const settings = { run: { windowSeconds: 0.3, cacheSeconds: 0 } };
const pageBytes = 4_096;

interface Load {
  readonly answers: number;
  readonly answersPerSecond: number;
  readonly acknowledgedMs: readonly number[];
  /** Resident memory of the process that talks with Slack, in MB, every second. */
  readonly memory: readonly number[];
  /** Connections that the fullest server saw at the same time. */
  readonly mostConnections: number;
}

/** One process under load, then a process for Slack with 1, 2 and 4 workers. `told` hears each figure when it is known. */
export async function benchLoad(sizes: LoadSizes, told: (figure: Figure) => void): Promise<readonly Figure[]> {
  const servers: LabServer[] = [];
  const figures: Figure[] = [];
  const tell = (...some: readonly Figure[]) => {
    figures.push(...some);
    for (const figure of some) told(figure);
  };
  try {
    await startServers(sizes.servers, servers);
    const site = await startSite({ settings, on: servers });
    tell(...alone(sizes, await underLoad(site, sizes)));
    for (const workers of workerCounts) tell(...together(workers, await withWorkers(servers, workers, sizes)));
    return figures;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

function alone({ threads, servers }: LoadSizes, load: Load): Figure[] {
  const what = `load: ${threads} threads, ${servers} servers`;
  const quarter = Math.floor(load.memory.length / 4);
  const [before, after] = [load.memory.slice(quarter, 2 * quarter), load.memory.slice(-quarter)];
  return [
    {
      name: `${what}, acknowledgement, p99`,
      unit: 'ms',
      value: percentile(load.acknowledgedMs, 99),
      better: 'lower',
      promise: { of: 'value', limit: 500 },
    },
    { name: `${what}, answers a second`, unit: '/s', value: load.answersPerSecond, better: 'higher' },
    connections(`${what}, connections of a server`, load),
    {
      name: `${what}, memory in the last quarter`,
      unit: 'MB',
      value: percentile(after, 50),
      better: 'lower',
      beside: { name: 'in the second', value: percentile(before, 50) },
      promise: { of: 'ratio', limit: 1.2 },
    },
  ];
}

function together(workers: number, load: Load): Figure[] {
  const what = `load: ${workers} worker${workers === 1 ? '' : 's'}`;
  return [
    { name: `${what}, answers a second`, unit: '/s', value: load.answersPerSecond, better: 'higher' },
    connections(`${what}, connections of a server`, load),
  ];
}

function connections(name: string, { mostConnections }: Load): Figure {
  return {
    name,
    unit: '',
    value: mostConnections,
    better: 'lower',
    promise: { of: 'value', limit: connectionLimit },
  };
}

async function withWorkers(servers: readonly LabServer[], workers: number, sizes: LoadSizes): Promise<Load> {
  const redis = await startRedis();
  try {
    const site = await startSite({ settings, on: servers, variables: { REDIS_URL: redis.url, DBCHECK_ROLE: 'slack' } });
    await Promise.all(Array.from({ length: workers }, () => site.startAnother({ DBCHECK_ROLE: 'worker' })));
    return await underLoad(site, { ...sizes, seconds: sizes.seconds / 2 });
  } finally {
    await redis.stop();
  }
}

/** Every thread asks again as soon as it is answered. Closes the site. */
async function underLoad(site: Site, { threads, seconds }: LoadSizes): Promise<Load> {
  const { workspace, servers, bot } = site;
  try {
    for (const server of servers) {
      await server.query('FLUSH STATUS');
      await server.quiet();
    }
    const text = (thread: number) => `what runs on server-${(thread % servers.length) + 1}?`;
    const roots = Array.from({ length: threads }, (_, thread) => workspace.user('ada').mention('dba', text(thread)));
    const threadOf = new Map(roots.map(({ ts }, thread) => [ts, thread]));
    const memory: number[] = [];
    const begun = performance.now();
    let answers = 0;
    let seen = 0;
    while (performance.now() - begun < seconds * 1_000) {
      await wait(lookMs);
      const calls = workspace.calls('chat.postMessage');
      for (const { args } of calls.slice(seen)) {
        const thread = isAnswer(args['metadata']) ? threadOf.get(String(args['thread_ts'])) : undefined;
        if (thread === undefined) continue;
        answers += 1;
        workspace.user('ada').reply(roots[thread] as Message, text(thread));
      }
      seen = calls.length;
      if (performance.now() - begun > memory.length * 1_000) memory.push(residentMegabytes(bot.pid));
    }
    const tookSeconds = (performance.now() - begun) / 1_000;
    const acknowledgedMs = acknowledgements(workspace);
    await site.close();
    return {
      answers,
      answersPerSecond: answers / tookSeconds,
      acknowledgedMs,
      memory,
      mostConnections: Math.max(...(await Promise.all(servers.map(mostConnections)))),
    };
  } finally {
    await site.close();
  }
}

/** The first message of an answer carries the key of its question. */
function isAnswer(metadata: unknown): boolean {
  const { event_payload: payload } = (metadata ?? {}) as { readonly event_payload?: { readonly key?: string } };
  return payload?.key?.endsWith('/0') ?? false;
}

function acknowledgements(workspace: Workspace): number[] {
  return workspace
    .ackLatencies()
    .filter(({ name }) => name === 'app_mention' || name === 'message')
    .map(({ afterMs }) => afterMs);
}

/** Since the counters were reset; asked when nobody else is connected any more. */
async function mostConnections(server: LabServer): Promise<number> {
  const [row] = await server.query<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Max_used_connections'");
  await server.quiet();
  return Number(row?.Value);
}

function residentMegabytes(pid: number): number {
  const [, resident] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return (Number(resident) * pageBytes) / 1e6;
}
