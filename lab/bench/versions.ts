import { type Ask, askByCheck } from '../faults/ask.ts';
import type { World } from '../faults/fault.ts';
import { metadataLocksInstrumented } from '../faults/locks/instrument.ts';
import { openSession, openTransaction, startStatement, waitForRowLockWaits } from '../faults/steps.ts';
import { startWorld } from '../faults/world.ts';
import { allSeries, type Series } from '../mariadb/series.ts';
import { benchFaults, type ScenarioResult } from './faults.ts';

/** Faults of every domain that are quick to make; the whole list is run on the machine's own series. */
const quickFaults = [
  'row-lock-chain',
  'metadata-lock-decoys',
  'deadlocks',
  'missing-index-partitioned',
  'near-limit',
  'refused-logins',
  'crash',
  'replica-1062',
  'errant-writes',
  'broken-channel',
  'semisync-off',
  'duplicate-index',
  'autoinc',
  'durability',
  'sql-mode-lax',
  'open-door',
  'binlog-unbounded',
  'pitr-gap',
  'none',
];

export type VersionsOptions = {
  readonly series?: readonly Series[];
  readonly ask?: Ask;
  readonly onSections?: (series: Series, sections: Sections) => void;
  readonly onScenario?: (series: Series, result: ScenarioResult) => void;
};

/** What a run of all agents saw of one busy server. */
type Sections = {
  /** Rows of each probe. */
  readonly rows: Readonly<Record<string, number>>;
  /** Coverage gaps, each as `code agent`. */
  readonly gaps: readonly string[];
  /** Agents that did not complete. */
  readonly incomplete: readonly string[];
};

export type VersionResult = {
  readonly series: Series;
  readonly sections: Sections;
  /** Sections that are empty, gaps that are open and agents that fail here and not on every other series. */
  readonly lost: readonly string[];
  readonly scenarios: readonly ScenarioResult[];
};

/** The same busy server and the same faults on each series; what is empty on one and not on the others is lost. */
export async function benchVersions(options: VersionsOptions = {}): Promise<readonly VersionResult[]> {
  const ask = options.ask ?? askByCheck;
  const seen = new Map<Series, Sections>();
  for (const series of options.series ?? allSeries) {
    const sections = await lookAtBusyServer(series, ask);
    options.onSections?.(series, sections);
    seen.set(series, sections);
  }
  const results: VersionResult[] = [];
  for (const [series, sections] of seen) {
    const { scenarios } = await benchFaults({
      only: quickFaults,
      ask,
      series,
      onScenario: (result) => options.onScenario?.(series, result),
    });
    results.push({ series, sections, lost: lostSections([...seen.values()], sections), scenarios });
  }
  return results;
}

async function lookAtBusyServer(series: Series, ask: Ask): Promise<Sections> {
  const args = [
    ...metadataLocksInstrumented,
    '--userstat=ON',
    '--long-query-time=0',
    '--innodb-print-all-deadlocks=ON',
  ];
  const world = await startWorld({ primary: { args }, replicas: [{ args, semiSync: true }] }, { series });
  try {
    await makeBusy(world);
    await world.quiet();
    const report = await ask(world, { id: 'versions', title: '', question: '', inject: () => Promise.reject() });
    const rows: Record<string, number> = {};
    for (const { probe, target, rows: read } of report.evidence) {
      // A second look is taken when the first was too quick, and shows the same section.
      const section = `${probe.replace(/-again$/, '')} of ${target}`;
      rows[section] = Math.max(rows[section] ?? 0, read.length);
    }
    const unfinished = report.results.filter(({ status }) => status !== 'completed');
    return {
      rows,
      gaps: [...new Set(report.coverage.map((gap) => `${gap.code} ${gap.agent}`))],
      incomplete: unfinished.map(({ agent, status, reason }) => `${agent} ${status}: ${reason ?? ''}`),
    };
  } finally {
    await world.stop();
  }
}

/** Gives every section something to show: open and waiting transactions, slow statements, reads by index, a table scan. */
async function makeBusy({ primary }: World): Promise<void> {
  const reader = await openSession(primary);
  for (let turn = 1; turn <= 30; turn++) {
    await reader.connection.query('SELECT total FROM orders WHERE customer_id = ?', [turn]);
    await reader.connection.query('SELECT COUNT(*) FROM orders WHERE note = ?', [`${turn}`]);
  }
  await openTransaction(primary, ["UPDATE orders SET note = 'held' WHERE id = 10"]);
  const waiting = startStatement(await openSession(primary), "UPDATE orders SET note = 'waits' WHERE id = 10");
  await waitForRowLockWaits(primary, [waiting]);
  await primary.connect({ user: 'nobody', password: 'wrong' }).catch(() => {});
}

function lostSections(all: readonly Sections[], own: Sections): string[] {
  const full = new Set(all.flatMap(({ rows }) => Object.keys(rows).filter((section) => rows[section])));
  const isNewTo = (list: (sections: Sections) => readonly string[]) => (entry: string) =>
    all.some((other) => !list(other).includes(entry));
  return [
    ...[...full].filter((section) => !own.rows[section]).map((section) => `no rows of ${section}`),
    ...own.gaps.filter(isNewTo(({ gaps }) => gaps)),
    ...own.incomplete.filter(isNewTo(({ incomplete }) => incomplete)),
  ];
}
