import { execFile } from 'node:child_process';
import { type Ask, askByCheck } from '../faults/ask.ts';
import type { World } from '../faults/fault.ts';
import { startWorld } from '../faults/world.ts';
import { findProgram } from '../mariadb/process.ts';
import { meter, type ServerCost } from './meter.ts';
import { mysqlTunerArguments } from './mysqltuner.ts';

export type CostOptions = {
  readonly ask?: Ask;
  /** Numbers of tables to try; the issue's 205 and 2,205 when absent. */
  readonly tables?: readonly number[];
  readonly onRow?: (row: CostRow) => void;
};

export type CostRow = {
  readonly tables: number;
  readonly performanceSchema: boolean;
  readonly tool: 'dbcheck' | 'mysqltuner' | 'mysqltuner --verbose';
  /** Its seconds are those of the whole process. */
  readonly cost: ServerCost;
  /** Seconds from the question to the report, without the start of the process; for mysqltuner the same as the cost's. */
  readonly reportSeconds: number;
  /** Seconds between two samples of the counters, part of `reportSeconds`; none for mysqltuner. */
  readonly windowSeconds: number;
  /** Agents that did not complete. */
  readonly incomplete: readonly string[];
};

/** What all agents take from a server, beside MySQLTuner on the same server; a server per size and setting. */
export async function benchCost(options: CostOptions = {}): Promise<readonly CostRow[]> {
  const rows: CostRow[] = [];
  const note = (row: CostRow): void => {
    rows.push(row);
    options.onRow?.(row);
  };
  for (const tables of options.tables ?? [205, 2205]) {
    for (const performanceSchema of [false, true]) {
      const setting = `--performance-schema=${performanceSchema ? 'ON' : 'OFF'}`;
      // MySQLTuner 1.9.9 divides by the chunk size, which MariaDB 10.11 reports as 0 unless it is set.
      const args = [setting, '--table-open-cache=4000', '--loose-innodb-buffer-pool-chunk-size=16M'];
      const world = await startWorld({ primary: { args } });
      try {
        await addTables(world, tables);
        note({ tables, performanceSchema, ...(await costOfDbcheck(world, options.ask ?? askByCheck)) });
        // Verbose, it takes minutes on the large server, and tells nothing more about the comparison.
        for (const verbose of tables <= 205 ? [false, true] : [false]) {
          const peer = await costOfMysqlTuner(world, verbose);
          if (peer) note({ tables, performanceSchema, ...peer });
        }
      } finally {
        await world.stop();
      }
    }
  }
  return rows;
}

/** Fills up to so many user tables, each with two keys and a few rows, spread over ten schemas. */
export async function addTables(world: World, total: number): Promise<void> {
  const { primary } = world;
  const connection = await primary.connect({
    initSql: ['SET SESSION sql_log_bin = OFF', 'SET GLOBAL innodb_flush_log_at_trx_commit = 0'],
  });
  const [existing] = await connection.query<{ n: number }[]>(
    "SELECT COUNT(*) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop'",
  );
  for (let schema = 0; schema < 10; schema++) await connection.query(`CREATE DATABASE tenant_${schema}`);
  for (let table = existing?.n ?? 0; table < total; table++) {
    const name = `tenant_${table % 10}.t${table}`;
    await connection.query(
      `CREATE TABLE ${name} (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, a INT NOT NULL, b VARCHAR(40) NOT NULL,
         created_at DATETIME NOT NULL, KEY a (a), KEY created (created_at, a)) ENGINE=InnoDB`,
    );
    await connection.query(`INSERT INTO ${name} (a, b, created_at) VALUES (1, 'x', NOW()), (2, 'y', NOW())`);
  }
  await connection.query('SET GLOBAL innodb_flush_log_at_trx_commit = 1');
  await connection.end();
  await world.quiet();
}

async function costOfDbcheck(world: World, ask: Ask): Promise<Omit<CostRow, 'tables' | 'performanceSchema'>> {
  let windowSeconds = 0;
  let reportSeconds = 0;
  let incomplete: string[] = [];
  const cost = await meter(world.primary, async () => {
    const report = await ask(world, { id: 'cost', title: '', question: '', inject: () => Promise.reject() });
    reportSeconds = report.durationMs / 1000;
    // A look into a log covers a longer window than the run; only the wait between two samples is part of it.
    windowSeconds = report.windowSeconds < reportSeconds ? report.windowSeconds : 0;
    incomplete = report.results
      .filter(({ status }) => status !== 'completed')
      .map(({ agent, status }) => `${agent} ${status}`);
  });
  return { tool: 'dbcheck', cost, reportSeconds, windowSeconds, incomplete };
}

/** Undefined where MySQLTuner is not installed (Debian package `mysqltuner`). */
async function costOfMysqlTuner(
  world: World,
  verbose: boolean,
): Promise<Omit<CostRow, 'tables' | 'performanceSchema'> | undefined> {
  const program = findProgram('mysqltuner');
  if (!program) return undefined;
  const args = [...(await mysqlTunerArguments(world.primary)), ...(verbose ? ['--verbose'] : [])];
  const cost = await meter(
    world.primary,
    () =>
      new Promise<void>((resolve, reject) => {
        execFile(program, args, { timeout: 300_000, maxBuffer: 64 << 20 }, (error, stdout) => {
          if (stdout.includes('-------- Recommendations')) resolve();
          else reject(error ?? new Error(`mysqltuner gave no recommendations: ${stdout.slice(-300)}`));
        });
      }),
  );
  const tool = verbose ? 'mysqltuner --verbose' : 'mysqltuner';
  return { tool, cost, reportSeconds: cost.seconds, windowSeconds: 0, incomplete: [] };
}

/** The limits that a run of all agents holds, whatever the number of tables. */
const costLimits = { statements: 100, connections: 2, seconds: { 205: 2, 2205: 3 } } as const;

/** What a row breaks of the limits; empty when it holds them. Times are judged with performance_schema off. */
export function brokenLimits(row: CostRow): readonly string[] {
  if (row.tool !== 'dbcheck') return [];
  const { statements, connections, writes } = row.cost;
  const broken: string[] = [];
  if (statements > costLimits.statements) broken.push(`${statements} statements`);
  if (connections > costLimits.connections) broken.push(`${connections} connections`);
  if (Object.keys(writes).length > 0) broken.push(`writes ${JSON.stringify(writes)}`);
  const limit = row.tables <= 205 ? costLimits.seconds[205] : costLimits.seconds[2205];
  const working = row.reportSeconds - row.windowSeconds;
  if (!row.performanceSchema && working > limit) broken.push(`${working.toFixed(1)} s without the window`);
  return broken;
}

export const costHeader =
  'tables  perf. schema  tool                  statements  connections  writes   sent kB   process s  report s  window s  limits';

export function renderCost(row: CostRow): string {
  const { cost } = row;
  const writes = Object.values(cost.writes).reduce((left, right) => left + right, 0);
  const broken = brokenLimits(row);
  return [
    String(row.tables).padEnd(7),
    (row.performanceSchema ? 'on' : 'off').padEnd(13),
    row.tool.padEnd(21),
    String(cost.statements).padStart(10),
    String(cost.connections).padStart(12),
    String(writes).padStart(7),
    (cost.sentBytes / 1024).toFixed(0).padStart(9),
    cost.seconds.toFixed(2).padStart(11),
    row.reportSeconds.toFixed(2).padStart(9),
    row.windowSeconds.toFixed(1).padStart(9),
    ` ${row.tool === 'dbcheck' ? broken.join(', ') || 'held' : ''}${row.incomplete.map((name) => `; ${name}`).join('')}`,
  ].join(' ');
}
