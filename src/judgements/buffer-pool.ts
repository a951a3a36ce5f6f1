import type { Thresholds } from '../agents/thresholds.ts';
import { type Counters, deltaOf, gauge, perSecond, round } from '../probes/counters.ts';
import type { HostMemory } from '../probes/host-memory.ts';
import type { FindingDraft, Recommendation } from '../report/finding.ts';
import { shortNumber, sizeInWords } from '../report/units.ts';
import { numericVariable } from '../targets/server-facts.ts';
import { type SettingView, settingFinding } from './setting.ts';

export const poolSize = 'innodb_buffer_pool_size';

/** Counts read-ahead in every series; Innodb_buffer_pool_reads leaves it out up to 10.5 and counts it later. */
const pagesRead = 'Innodb_pages_read';

const stepBytes = 128 * 1_024 ** 2;

/** A size that the server takes as it is. */
export function roundDown(bytes: number): number {
  return Math.max(stepBytes, Math.floor(bytes / stepBytes) * stepBytes);
}

export interface PoolView {
  readonly counters: Counters;
  /** Bytes of all InnoDB tables; undefined where they could not be counted. */
  readonly dataBytes: number | undefined;
  readonly host: HostMemory | undefined;
  readonly evidence: readonly string[];
}

/**
 * A pool that is full, smaller than the data, and misses enough page requests in the window to keep the disk busy.
 * A ratio at rest, a pool that is still filling, or one scan of a pool that serves well otherwise is no finding.
 */
export function judgeBufferPool(view: SettingView, pool: PoolView, thresholds: Thresholds): FindingDraft[] {
  const { counters, dataBytes } = pool;
  const sizeBytes = numericVariable(view.facts, poolSize) ?? 0;
  const missed = deltaOf(counters, pagesRead) ?? 0;
  const requests = deltaOf(counters, 'Innodb_buffer_pool_read_requests') ?? 0;
  if (requests === 0 || counters.windowSeconds === 0) return [];
  const missPercent = (100 * missed) / requests;
  const readsPerSecond = missed / counters.windowSeconds;
  const pages = gauge(counters, 'Innodb_buffer_pool_pages_total') ?? 0;
  const freePages = gauge(counters, 'Innodb_buffer_pool_pages_free') ?? 0;
  const freePercent = pages > 0 ? (100 * freePages) / pages : 0;
  const busy = missPercent >= thresholds.bufferPoolMissPercent && readsPerSecond >= thresholds.bufferPoolReadsPerSecond;
  // The page cleaner keeps innodb_lru_scan_depth pages free however small the pool is.
  const kept = numericVariable(view.facts, 'innodb_lru_scan_depth') ?? 0;
  const full = freePercent <= thresholds.bufferPoolFreePercent || freePages <= kept;
  const dataFits = dataBytes !== undefined && dataBytes <= sizeBytes;
  if (!busy || !full || dataFits || servesWellOtherwise(counters, thresholds)) return [];
  const to = wantedPool(sizeBytes, dataBytes, pool.host);
  const canGrow = to > sizeBytes;
  const holds = dataBytes === undefined ? '' : ` The tables have ${sizeInWords(dataBytes)}.`;
  const facts = {
    missPercent: Number(shortNumber(missPercent)),
    readsPerSecond: round(readsPerSecond),
    requestsPerSecond: round(perSecond(counters, 'Innodb_buffer_pool_read_requests') ?? 0),
    windowSeconds: counters.windowSeconds,
    sizeBytes,
    dataBytes: dataBytes ?? null,
    freePercent: Number(shortNumber(freePercent)),
    ...(pool.host ? { hostMemoryBytes: pool.host.totalBytes } : {}),
  };
  const finding = settingFinding(view, {
    code: 'config.buffer_pool_small',
    severity: 'warning',
    variable: poolSize,
    title: `The buffer pool of ${sizeInWords(sizeBytes)} is too small for the work`,
    summary:
      `${shortNumber(missPercent)} % of the page requests of the last ${shortNumber(counters.windowSeconds)} s went to the disk, ` +
      `${round(readsPerSecond)} pages a second.${holds}`,
    facts,
    evidence: pool.evidence,
    impact: 10,
    thresholds: ['bufferPoolMissPercent', 'bufferPoolReadsPerSecond', 'bufferPoolFreePercent'],
    to: String(to),
    action: pool.host
      ? `Give it ${sizeInWords(to)}: the data plus a tenth, at most 70 % of ${sizeInWords(pool.host.totalBytes)}`
      : `Give it ${sizeInWords(to)} if the host has the memory; look first, it cannot be seen from here`,
    risk: 'needs_staging',
  });
  return [canGrow ? finding : { ...finding, recommendations: [moreMemory] }];
}

const moreMemory: Recommendation = {
  action:
    'The pool already has its share of the memory: look for statements that read too much (the slow_query agent names indexes), else the host needs more memory',
  risk: 'safe',
  rollback: 'nothing changes',
};

/** Over hours at least: one scan passes, and the pool is as good as before. */
function servesWellOtherwise({ uptimeSeconds, last }: Counters, thresholds: Thresholds): boolean {
  const percent = (100 * (last[pagesRead] ?? 0)) / Math.max(last['Innodb_buffer_pool_read_requests'] ?? 0, 1);
  return uptimeSeconds >= 4 * 3_600 && percent < thresholds.bufferPoolMissPercent / 10;
}

/** The data and a tenth, not more than 70 % of the memory, and never less than there is now. */
function wantedPool(sizeBytes: number, dataBytes: number | undefined, host: HostMemory | undefined): number {
  const wish = dataBytes === undefined ? sizeBytes * 2 : dataBytes * 1.1;
  const rounded = Math.max(stepBytes, Math.ceil(wish / stepBytes) * stepBytes);
  const most = host ? roundDown(host.totalBytes * 0.7) : rounded;
  return Math.max(Math.min(rounded, most), sizeBytes);
}
