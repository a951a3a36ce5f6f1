import { execFile } from 'node:child_process';
import { agents } from '../../src/agents/registry.ts';
import { composeOrchestrator } from '../../src/bot.ts';
import { type Config, loadConfig, parseConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import { callsFor } from '../../src/orchestrator/orchestrator.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';
import type { World } from '../faults/fault.ts';
import { startWorld } from '../faults/world.ts';
import { findProgram } from '../mariadb/process.ts';
import { type LabServer, startServer } from '../mariadb/server.ts';
import { targetEntry } from '../mariadb/target.ts';
import { addTables } from './cost.ts';
import { type Figure, median, secondsOf } from './figure.ts';
import { meter } from './meter.ts';
import { mysqlTunerArguments } from './mysqltuner.ts';

const rounds = 3;
const fleetTargets = 20;
/** Servers behind the targets of the fleet; each is a process of 160 MB. */
const fleetServers = 5;

/** From question to report: one agent, all nine, a fleet; against the slowest agent by itself and MySQLTuner. */
export async function benchSpeed(): Promise<readonly Figure[]> {
  const world = await startWorld({});
  try {
    const config = configOf(world.targets);
    const alone: { readonly agent: string; readonly seconds: number }[] = [];
    for (const agent of agents) alone.push({ agent: agent.name, seconds: await timeOf(config, [agent.name], 1) });
    const slowest = alone.reduce((most, one) => (one.seconds > most.seconds ? one : most));
    const names = agents.map(({ name }) => name);
    const all: number[] = [];
    const slow: number[] = [];
    // In turns, so that a busy machine slows both.
    for (let round = 0; round < rounds; round++) {
      slow.push(await timeOf(config, [slowest.agent], 1));
      all.push(await timeOf(config, names, 1));
    }
    const one = await timeOf(config, ['running_query'], 1);
    const cost = await meter(world.primary, async () => void (await timeOf(config, names, 1)));
    const peer = await mysqlTuner(world);
    return [
      { name: 'speed: one agent (running_query)', unit: 's', value: one, better: 'lower' },
      {
        name: 'speed: nine agents',
        unit: 's',
        value: median(all),
        better: 'lower',
        ...(peer ? { beside: { name: 'for MySQLTuner', value: peer.seconds } } : {}),
      },
      {
        name: 'speed: parallel efficiency, slowest agent to all nine',
        unit: 's',
        value: median(slow),
        better: 'higher',
        beside: { name: 'for all nine', value: median(all) },
        promise: { of: 'ratio', limit: 0.8 },
      },
      {
        name: 'patient: statements of nine agents',
        unit: '',
        value: cost.statements,
        better: 'lower',
        ...(peer ? { beside: { name: 'for MySQLTuner', value: peer.statements } } : {}),
        promise: { of: 'value', limit: 100 },
      },
      {
        name: 'patient: kB sent for nine agents',
        unit: 'kB',
        value: cost.sentBytes / 1_024,
        better: 'lower',
        ...(peer ? { beside: { name: 'for MySQLTuner', value: peer.sentBytes / 1_024 } } : {}),
      },
    ];
  } finally {
    await world.stop();
  }
}

/** A fleet costs little more time than its slowest server. */
export async function benchFleet(): Promise<readonly Figure[]> {
  const servers: LabServer[] = [];
  try {
    for (let number = 0; number < fleetServers; number++) servers.push(await startServer({ name: `server-${number}` }));
    const entries = Array.from({ length: fleetTargets }, (_, at) =>
      targetEntry(servers[at % fleetServers] as LabServer, { name: `target-${at}` }),
    );
    const config = configOf(entries);
    const single: number[] = [];
    const fleet: number[] = [];
    for (let round = 0; round < rounds; round++) {
      single.push(await timeOf(config, ['incident_triage'], 1));
      fleet.push(await timeOf(config, ['incident_triage'], fleetTargets));
    }
    return [
      {
        name: `speed: one agent on ${fleetTargets} targets (${fleetServers} servers)`,
        unit: 's',
        value: median(fleet),
        better: 'lower',
        beside: { name: 'for one target', value: median(single) },
      },
    ];
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** Ten times the tables: the same statements, and hardly more time. */
export async function benchTables(): Promise<readonly Figure[]> {
  const measured: { readonly seconds: number; readonly statements: number }[] = [];
  for (const tables of [205, 2_205]) {
    const world = await startWorld({ primary: { args: ['--table-open-cache=4000'] } });
    try {
      await addTables(world, tables);
      const config = configOf(world.targets);
      const names = agents.map(({ name }) => name);
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) times.push(await timeOf(config, names, 1));
      const { statements } = await meter(world.primary, async () => void (await timeOf(config, names, 1)));
      measured.push({ seconds: median(times), statements });
    } finally {
      await world.stop();
    }
  }
  const [few, many] = measured;
  if (!few || !many) return [];
  return [
    {
      name: 'growth: nine agents, 2,205 tables',
      unit: 's',
      value: many.seconds,
      better: 'lower',
      beside: { name: 'for 205', value: few.seconds },
      promise: { of: 'ratio', limit: 2 },
    },
    {
      name: 'growth: statements of nine agents, 2,205 tables',
      unit: '',
      value: many.statements,
      better: 'lower',
      beside: { name: 'for 205', value: few.statements },
      promise: { of: 'ratio', limit: 1.1 },
    },
  ];
}

/** More sessions on the server make the report no slower than they make the process list longer. */
export async function benchSessions(): Promise<readonly Figure[]> {
  const server = await startServer({ name: 'orders-prod', args: ['--max-connections=1200'] });
  try {
    const config = configOf([targetEntry(server)]);
    const open = async (count: number) => {
      for (let at = 0; at < count; at++) await server.connect();
    };
    await open(50);
    const few = await timeOf(config, ['running_query', 'connections'], 1);
    await open(450);
    const many = await timeOf(config, ['running_query', 'connections'], 1);
    return [
      {
        name: 'growth: two agents, 500 sessions',
        unit: 's',
        value: many,
        better: 'lower',
        beside: { name: 'for 50', value: few },
        promise: { of: 'ratio', limit: 5 },
      },
    ];
  } finally {
    await server.stop();
  }
}

function configOf(targets: readonly object[]): Config {
  const file = parseConfig(JSON.stringify({ targets, run: { windowSeconds: 1, cacheSeconds: 0 } }), 'bench.yml', {});
  const { environment } = loadConfig(undefined, { DB_HOST: 'unused' });
  return { ...file, path: undefined, environment };
}

/** Seconds of one run of the agents on the first so many targets, connections included. */
async function timeOf(config: Config, names: readonly string[], targetCount: number): Promise<number> {
  const targets = createTargetRegistry(config);
  try {
    const orchestrator = composeOrchestrator(config, targets, silentLog);
    const chosen = agents.filter(({ name }) => names.includes(name));
    const where = targets.targets.slice(0, targetCount).map(({ name }) => name);
    return await secondsOf(() => orchestrator.check({ text: 'bench', fresh: true }, callsFor(chosen), where));
  } finally {
    await targets.close();
  }
}

interface Peer {
  readonly seconds: number;
  readonly statements: number;
  readonly sentBytes: number;
}

async function mysqlTuner(world: World): Promise<Peer | undefined> {
  const program = findProgram('mysqltuner');
  if (!program) return undefined;
  const args = await mysqlTunerArguments(world.primary);
  return meter(
    world.primary,
    () =>
      new Promise<void>((resolve) => {
        execFile(program, args, { timeout: 300_000, maxBuffer: 64 << 20 }, () => resolve());
      }),
  );
}
