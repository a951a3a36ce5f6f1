import type { Thresholds } from '../agents/thresholds.ts';
import type { HostMemory } from '../probes/host-memory.ts';
import type { FindingDraft } from '../report/finding.ts';
import { sizeInWords } from '../report/units.ts';
import { numericVariable, type ServerFacts } from '../targets/server-facts.ts';
import { poolSize, roundDown } from './buffer-pool.ts';
import { type SettingView, settingFinding } from './setting.ts';

/** Buffers that are taken whoever connects. */
const fixedBuffers = [
  'innodb_buffer_pool_size',
  'innodb_log_buffer_size',
  'key_buffer_size',
  'aria_pagecache_buffer_size',
] as const;

/** Buffers that each connection may take at once, with the sizes as MariaDB ships them. */
const connectionBuffers: Readonly<Record<string, number>> = {
  sort_buffer_size: 2_097_152,
  join_buffer_size: 262_144,
  read_buffer_size: 131_072,
  read_rnd_buffer_size: 262_144,
  binlog_cache_size: 32_768,
  thread_stack: 299_008,
};

interface MemoryPlan {
  readonly fixedBytes: number;
  readonly perConnectionBytes: number;
  readonly connections: number;
  readonly worstCaseBytes: number;
}

/** What the settings allow the server to take: fixed buffers plus max_connections times one of each buffer. */
function memoryPlan(facts: ServerFacts): MemoryPlan {
  const sum = (names: readonly string[]) =>
    names.reduce((total, name) => total + (numericVariable(facts, name) ?? 0), 0);
  const fixedBytes = sum(fixedBuffers);
  const perConnectionBytes = sum(Object.keys(connectionBuffers));
  const connections = numericVariable(facts, 'max_connections') ?? 0;
  return { fixedBytes, perConnectionBytes, connections, worstCaseBytes: fixedBytes + connections * perConnectionBytes };
}

/** Settings against the memory there is; only where the memory of the host is known. */
export function judgeMemoryPlan(
  view: SettingView,
  host: HostMemory,
  thresholds: Thresholds,
  hostEvidence: readonly string[],
): FindingDraft[] {
  const plan = memoryPlan(view.facts);
  const worstPercent = Math.round((100 * plan.worstCaseBytes) / host.totalBytes);
  const fixedPercent = Math.round((100 * plan.fixedBytes) / host.totalBytes);
  const fixedTooLarge = fixedPercent >= thresholds.memoryFixedPercent;
  if (worstPercent < 100 && !fixedTooLarge) return [];
  const facts = { ...plan, totalBytes: host.totalBytes, worstCasePercent: worstPercent, fixedPercent };
  const arithmetic =
    `${sizeInWords(plan.fixedBytes)} of fixed buffers + ${plan.connections} connections × ` +
    `${sizeInWords(plan.perConnectionBytes)} = ${sizeInWords(plan.worstCaseBytes)}, ${worstPercent} % of ${sizeInWords(host.totalBytes)}.`;
  const common = {
    code: 'config.memory_overcommit',
    facts,
    evidence: hostEvidence,
    thresholds: ['memoryWorstCasePercent', 'memoryFixedPercent'],
  } as const;
  if (fixedTooLarge) {
    const to = roundDown(host.totalBytes * 0.7 - (plan.fixedBytes - (numericVariable(view.facts, poolSize) ?? 0)));
    return [
      settingFinding(view, {
        ...common,
        severity: 'warning',
        variable: poolSize,
        title: 'Fixed buffers leave no room for anything else',
        summary: `${arithmetic} The fixed part alone is ${fixedPercent} %.`,
        impact: 10,
        to: String(to),
        action: `Shrink the buffer pool to ${sizeInWords(to)}, 70 % of the memory less the other fixed buffers`,
        risk: 'needs_staging',
      }),
    ];
  }
  const warns = worstPercent >= thresholds.memoryWorstCasePercent;
  // The buffer that was enlarged most is the cause; where all are as shipped, it is the number of connections.
  const [enlarged, shipped = 0] = Object.entries(connectionBuffers).sort(
    ([a, sizeA], [b, sizeB]) => excess(view.facts, b, sizeB) - excess(view.facts, a, sizeA),
  )[0] as [string, number];
  const byBuffer = excess(view.facts, enlarged, shipped) > plan.perConnectionBytes / 4;
  const fitting = Math.floor((host.totalBytes * 0.9 - plan.fixedBytes) / Math.max(plan.perConnectionBytes, 1));
  return [
    settingFinding(view, {
      ...common,
      severity: warns ? 'warning' : 'info',
      variable: byBuffer ? enlarged : 'max_connections',
      title: 'The connections together may ask for more memory than there is',
      summary: byBuffer
        ? `${arithmetic} ${enlarged} is ${sizeInWords(numericVariable(view.facts, enlarged) ?? 0)} for each.`
        : arithmetic,
      confidence: 'possible',
      impact: 5,
      to: String(byBuffer ? shipped : Math.max(fitting, 10)),
      action: byBuffer
        ? 'Give all sessions the size that MariaDB ships, and the few that need more a SET SESSION of their own'
        : 'Allow no more connections than fit into 90 % of the memory',
      risk: 'needs_staging',
    }),
  ];
}

function excess(facts: ServerFacts, buffer: string, shippedBytes: number): number {
  return (numericVariable(facts, buffer) ?? 0) - shippedBytes;
}

/** The process itself against the memory of its host. */
export function judgeMemoryUse(
  target: string,
  host: HostMemory,
  thresholds: Thresholds,
  evidence: readonly string[],
): FindingDraft[] {
  if (host.residentBytes === undefined) return [];
  const usedPercent = Math.round((100 * host.residentBytes) / host.totalBytes);
  if (usedPercent < thresholds.memoryUsedPercent) return [];
  return [
    {
      code: 'capacity.memory',
      severity: 'warning',
      subject: target,
      title: `The server holds ${usedPercent} % of the memory of its host`,
      summary: `${sizeInWords(host.residentBytes)} of ${sizeInWords(host.totalBytes)} are resident in the server; ${sizeInWords(host.availableBytes)} are left on the host.`,
      confidence: 'certain',
      facts: {
        residentBytes: host.residentBytes,
        totalBytes: host.totalBytes,
        availableBytes: host.availableBytes,
        usedPercent,
      },
      evidence,
      impact: 10,
      thresholds: ['memoryUsedPercent'],
      recommendations: [
        {
          action: 'Shrink innodb_buffer_pool_size, or give the host more memory, before the OOM killer chooses',
          risk: 'needs_staging',
          rollback: 'SET GLOBAL innodb_buffer_pool_size to its former value',
        },
      ],
    },
  ];
}
