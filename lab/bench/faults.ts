import { type Ask, askByCheck } from '../faults/ask.ts';
import type { Fault } from '../faults/fault.ts';
import { faults } from '../faults/registry.ts';
import { type Scenario, scoreReport, type Totals, totals } from '../faults/score.ts';
import { startWorld } from '../faults/world.ts';
import type { Series } from '../mariadb/series.ts';

export type BenchFaultsOptions = {
  /** Ids of faults; `backup-*` takes all that begin so. Every fault when empty. */
  readonly only?: readonly string[];
  /** How a report is got; by `dbcheck check` when absent. */
  readonly ask?: Ask;
  /** Another series than the machine's own. */
  readonly series?: Series;
  /** Inject and prove only, ask nothing. */
  readonly gatesOnly?: boolean;
  /** Called with each finished scenario, for progress. */
  readonly onScenario?: (result: ScenarioResult) => void;
};

export type ScenarioResult = Scenario & {
  readonly seconds: number;
  /** What the gate saw. */
  readonly gate?: string;
  /** Why there is no score. */
  readonly error?: string;
};

export type BenchFaultsResult = { readonly scenarios: readonly ScenarioResult[]; readonly totals: Totals };

/** Breaks a world per fault, proves that it is broken, asks, and scores the report; one world at a time. */
export async function benchFaults(options: BenchFaultsOptions = {}): Promise<BenchFaultsResult> {
  const scenarios: ScenarioResult[] = [];
  for (const fault of selectFaults(options.only ?? [])) {
    const result = await runScenario(fault, options);
    options.onScenario?.(result);
    scenarios.push(result);
  }
  return { scenarios, totals: totals(scenarios) };
}

function selectFaults(only: readonly string[]): readonly Fault[] {
  if (only.length === 0) return faults;
  const selected = faults.filter(({ id }) =>
    only.some((name) => (name.endsWith('*') ? id.startsWith(name.slice(0, -1)) : id === name)),
  );
  if (selected.length === 0) throw new Error(`no fault is called ${only.join(' or ')}`);
  return selected;
}

async function runScenario(fault: Fault, options: BenchFaultsOptions): Promise<ScenarioResult> {
  const begun = performance.now();
  const base = { id: fault.id, healthy: fault.healthy === true };
  const seconds = (): number => Math.round((performance.now() - begun) / 100) / 10;
  let stop = async (): Promise<void> => {};
  try {
    const world = await startWorld(fault, options.series ? { series: options.series } : {});
    stop = world.stop;
    const injection = await fault.inject(world);
    const gate = await injection.gate();
    await world.quiet();
    if (options.gatesOnly) return { ...base, gate, score: undefined, seconds: seconds() };
    const report = await (options.ask ?? askByCheck)(world, fault);
    return { ...base, gate, score: scoreReport(injection.expect, report), seconds: seconds() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...base, score: undefined, error: message, seconds: seconds() };
  } finally {
    await stop();
  }
}

/** One scenario as a line of the table, and below it what was not perfect. */
export function renderScenario(result: ScenarioResult): string {
  const { score } = result;
  const columns = (strict: string, root: string): string =>
    `${result.id.padEnd(32)} ${strict.padStart(6)} ${root.padStart(6)} ${result.seconds.toFixed(1).padStart(6)} s`;
  if (result.error !== undefined) return `${columns('error', '-')}\n    ${result.error}`;
  if (!score) return `${columns('gate', '-')}  ${result.gate}`;
  const root = score.rootAtOne === undefined ? '-' : score.rootAtOne ? 'yes' : 'no';
  const details = [
    ...score.missing.map((name) => `missing  ${name}`),
    ...score.extra.map((name) => `extra    ${name}`),
    ...score.evidence.unsourced.map((text) => `no source for ${text}`),
  ];
  return [
    `${columns(score.strict.toFixed(2), root)}  ${score.found.join(', ')}`,
    ...details.map((line) => `    ${line}`),
  ].join('\n');
}

export const scenarioHeader = `${'scenario'.padEnd(32)} strict root@1    time  found`;

export function renderTotals(sums: Totals): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return [
    `${sums.scenarios} scenarios, ${sums.errors} errors`,
    `strict ${sums.strict.toFixed(3)}`,
    `root@1 ${sums.rootAtOne.toFixed(3)}`,
    `false alarms on healthy controls ${sums.falseAlarms}`,
    `numbers with a source ${percent(sums.evidence)}`,
  ].join(' · ');
}
