import { type Thresholds, thresholdsFor } from '../agents/thresholds.ts';
import type { Collector } from '../probes/collector.ts';
import { type Counters, counters } from '../probes/counters.ts';
import { type HostMemory, hostMemory } from '../probes/host-memory.ts';
import { dataOf, evidenceOf, type Reading } from '../probes/probe.ts';
import { type Setting, systemVariables } from '../probes/system-variables.ts';
import { type TableSize, tableSizes } from '../probes/table-sizes.ts';
import type { FindingDraft } from '../report/finding.ts';
import type { ServerFacts } from '../targets/server-facts.ts';
import type { Target } from '../targets/target.ts';
import { judgeBufferPool } from './buffer-pool.ts';
import { judgeRedoLog } from './redo-log.ts';
import type { SettingView } from './setting.ts';
import { judgeSortMerge, judgeTemporaryTables } from './spills.ts';
import { judgeStatementLimit } from './statement-limit.ts';

export interface ServerReadings {
  readonly facts: ServerFacts;
  readonly sampled: Reading<Counters>;
  readonly settings: Reading<readonly Setting[]>;
  readonly memory: Reading<HostMemory>;
  readonly sizes?: Reading<readonly TableSize[]>;
}

/**
 * What every judgement of the server as a whole needs: two looks at the counters, where settings come from, the memory
 * of the host. Sizes of tables are counted only where the buffer pool seems too small: that opens every table.
 */
export async function readServer(collector: Collector, target: Target): Promise<ServerReadings> {
  const [sampled, settings, memory] = await Promise.all([
    collector.read(counters, undefined, { essential: true }),
    collector.read(systemVariables, undefined, { optional: true }),
    collector.read(hostMemory, undefined, { optional: true }),
  ]);
  const seen = { sampled, settings, memory, facts: collector.facts };
  const starved = judgePool(seen, target.name, thresholdsFor(target.thresholds)).length > 0;
  return starved ? { ...seen, sizes: await collector.read(tableSizes, undefined, { optional: true }) } : seen;
}

export function settingView(
  { settings, facts }: Pick<ServerReadings, 'settings' | 'facts'>,
  target: string,
): SettingView {
  return { target, facts, settings: dataOf(settings, []), evidence: evidenceOf(settings) };
}

/** What the counters of the window say about memory for pages, sorts and temporary tables. */
export function judgeWork(seen: ServerReadings, target: string, thresholds: Thresholds): FindingDraft[] {
  const { sampled } = seen;
  if (sampled.status === 'blind') return [];
  const view = settingView(seen, target);
  const counted = { ...view, evidence: [...view.evidence, sampled.evidence.id] };
  return [
    ...judgePool(seen, target, thresholds),
    ...judgeSortMerge(counted, sampled.data, thresholds),
    ...judgeTemporaryTables(counted, sampled.data, thresholds),
    ...judgeRedoLog(counted, sampled.data, thresholds),
    ...judgeStatementLimit(counted, sampled.data, thresholds),
  ];
}

function judgePool(seen: ServerReadings, target: string, thresholds: Thresholds): FindingDraft[] {
  const { sampled, memory, sizes } = seen;
  if (sampled.status === 'blind') return [];
  const pool = {
    counters: sampled.data,
    dataBytes: sizes ? dataOf(sizes, [])[0]?.innodbBytes : undefined,
    host: memory.status === 'read' ? memory.data : undefined,
    evidence: evidenceOf(sampled, memory, ...(sizes ? [sizes] : [])),
  };
  return judgeBufferPool(settingView(seen, target), pool, thresholds);
}
