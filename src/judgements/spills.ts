import type { Thresholds } from '../agents/thresholds.ts';
import { type Counters, deltaOf, perSecond, round } from '../probes/counters.ts';
import type { FindingDraft } from '../report/finding.ts';
import { sizeInWords } from '../report/units.ts';
import { numericVariable } from '../targets/server-facts.ts';
import { type SettingView, settingFinding } from './setting.ts';

/** As MariaDB ships them; smaller values were set by somebody. */
const defaultSortBufferBytes = 2 * 1_024 ** 2;
const defaultTmpTableBytes = 16 * 1_024 ** 2;

/** Memory that sorting spills for want of: small sort buffers, seen at work. */
export function judgeSortMerge(view: SettingView, counters: Counters, thresholds: Thresholds): FindingDraft[] {
  const passes = perSecond(counters, 'Sort_merge_passes') ?? 0;
  if (passes < thresholds.sortMergePassesPerSecond) return [];
  const bufferBytes = numericVariable(view.facts, 'sort_buffer_size') ?? 0;
  const isSmall = bufferBytes < defaultSortBufferBytes;
  const warns = isSmall || passes >= 10 * thresholds.sortMergePassesPerSecond;
  const sorts = (['Sort_scan', 'Sort_range', 'Sort_priority_queue_sorts'] as const).reduce(
    (sum, name) => sum + (deltaOf(counters, name) ?? 0),
    0,
  );
  const to = isSmall ? defaultSortBufferBytes : Math.min(bufferBytes * 2, 64 * 1_024 ** 2);
  const finding = settingFinding(view, {
    code: 'query.sort_merge',
    severity: warns ? 'warning' : 'info',
    variable: 'sort_buffer_size',
    title: 'Sorts do not fit into the sort buffer',
    summary: `${round(passes)} merge passes a second over ${round(counters.windowSeconds)} s (${sorts} sorts) with a sort buffer of ${sizeInWords(bufferBytes)}: the rest is written to disk and merged.`,
    facts: { passesPerSecond: round(passes), windowSeconds: counters.windowSeconds, sorts, bufferBytes },
    thresholds: ['sortMergePassesPerSecond'],
    impact: Math.min(passes, 20),
    to: String(to),
    action: `An index in the order of the ORDER BY saves the sort; else give each sort ${sizeInWords(to)}`,
    risk: 'safe',
  });
  return [{ ...finding, subject: view.target }];
}

/** Temporary tables that went to disk in the window, our own looks taken off. */
export function judgeTemporaryTables(view: SettingView, counters: Counters, thresholds: Thresholds): FindingDraft[] {
  const own = counters.ownStatements;
  const onDisk = Math.max(0, (deltaOf(counters, 'Created_tmp_disk_tables') ?? 0) - own);
  const all = Math.max(onDisk, (deltaOf(counters, 'Created_tmp_tables') ?? 0) - own);
  if (counters.windowSeconds === 0 || all === 0) return [];
  const onDiskPerSecond = onDisk / counters.windowSeconds;
  const sharePercent = Math.round((100 * onDisk) / all);
  const isLow =
    onDiskPerSecond < thresholds.tmpDiskTablesPerSecond || sharePercent < thresholds.tmpDiskTablesSharePercent;
  if (isLow) return [];
  const limitBytes = Math.min(
    numericVariable(view.facts, 'tmp_table_size') ?? Number.POSITIVE_INFINITY,
    numericVariable(view.facts, 'max_heap_table_size') ?? Number.POSITIVE_INFINITY,
  );
  const isSmall = limitBytes < defaultTmpTableBytes;
  const warns = isSmall || onDiskPerSecond >= thresholds.tmpDiskTablesWarningPerSecond;
  const to = isSmall ? defaultTmpTableBytes : Math.min(limitBytes * 4, 256 * 1_024 ** 2);
  const finding = settingFinding(view, {
    code: 'query.tmp_disk_tables',
    severity: warns ? 'warning' : 'info',
    variable: 'tmp_table_size',
    title: 'Temporary tables go to disk',
    summary: `${round(onDiskPerSecond)} a second over ${round(counters.windowSeconds)} s, ${sharePercent} % of all temporary tables; they may hold ${sizeInWords(limitBytes)} in memory.`,
    facts: {
      onDiskPerSecond: round(onDiskPerSecond),
      onDiskSharePercent: sharePercent,
      windowSeconds: counters.windowSeconds,
      limitBytes,
      maxHeapTableSizeBytes: numericVariable(view.facts, 'max_heap_table_size') ?? null,
    },
    thresholds: ['tmpDiskTablesPerSecond', 'tmpDiskTablesWarningPerSecond', 'tmpDiskTablesSharePercent'],
    impact: Math.min(onDiskPerSecond, 20),
    to: String(to),
    action: `Find the statements first (an index for the GROUP BY, no TEXT in the result); else allow ${sizeInWords(to)} and set max_heap_table_size to the same`,
    risk: 'safe',
  });
  return [{ ...finding, subject: view.target }];
}
