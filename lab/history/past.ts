import { type CounterName, counterNames, type GaugeName, gaugeNames } from '../../src/history/counter-names.ts';
import {
  type PatternGrowth,
  type Sample,
  type SizesSample,
  sizesKind,
  type Tier,
  tiers,
} from '../../src/history/sample.ts';
import type { Store } from '../../src/store/store.ts';

/** What a server showed at one moment of an invented past. */
export type Moment = {
  /** Seconds since its start; since the beginning of the past when absent. */
  readonly uptime?: number;
  /** Since its start. */
  readonly counters?: Partial<Record<CounterName, number>>;
  readonly gauges?: Partial<Record<GaugeName, number>>;
  readonly lag?: Readonly<Record<string, number | null>>;
  readonly volumes?: Readonly<Record<string, [used: number, size: number]>>;
  /** Growth since the moment before. */
  readonly patterns?: readonly PatternGrowth[];
};

export type Past = {
  readonly fromMs: number;
  /** The last sample is just before it. */
  readonly untilMs: number;
  /** Undefined leaves a gap. */
  readonly at: (ms: number, stepMs: number) => Moment | undefined;
  readonly sizesAt?: (ms: number) => SizesSample | undefined;
};

/** Writes a past as a sampler that ran all the time would have left it: fine where it is young, coarse where it is old. */
export async function writePast(store: Store, target: string, past: Past): Promise<number> {
  let written = 0;
  for (const [at, tier] of tiers.entries()) {
    const youngMs = at === 0 ? past.untilMs : past.untilMs - ((tiers[at - 1] as Tier).keepMs - tier.stepMs);
    const oldMs = Math.max(past.fromMs, past.untilMs - tier.keepMs);
    for (let ms = Math.ceil(oldMs / tier.stepMs) * tier.stepMs; ms < youngMs; ms += tier.stepMs) {
      const moment = past.at(ms, tier.stepMs);
      if (!moment) continue;
      await store.append(tier.kind, target, sampleOf(moment, (ms - past.fromMs) / 1_000), ms);
      written++;
    }
  }
  const hourMs = 3_600_000;
  for (let ms = Math.ceil(past.fromMs / hourMs) * hourMs; ms < past.untilMs; ms += hourMs) {
    const sizes = past.sizesAt?.(ms);
    if (sizes) await store.append(sizesKind, target, sizes, ms);
  }
  return written;
}

function sampleOf(moment: Moment, age: number): Sample {
  const { counters = {}, gauges = {}, lag, volumes, patterns } = moment;
  return {
    uptime: Math.round(moment.uptime ?? age),
    counters: counterNames.map((name) => counters[name] ?? 0),
    gauges: gaugeNames.map((name) => gauges[name] ?? 1),
    ...(lag ? { lag } : {}),
    ...(volumes ? { volumes } : {}),
    ...(patterns ? { patterns: [...patterns], patternSource: 'statement digests' as const } : {}),
  };
}
