import type { Logged, Store } from '../store/store.ts';
import {
  type PatternRecord,
  patternKind,
  type Sample,
  type SettingChange,
  type SizesSample,
  settingChangeKind,
  sizesKind,
  tiers,
} from './sample.ts';

/** A sample with its time and how far it may be from the next one for a rate between the two. */
export interface PastSample extends Sample {
  readonly atMs: number;
  readonly stepMs: number;
}

/** What is known of a target's past. Every call gives what there is, oldest first; an empty list is no error. */
export interface TargetHistory {
  /** The time of the oldest sample; undefined where there is none at all. */
  sinceMs(nowMs: number): Promise<number | undefined>;
  /** Samples of a span: as fine as they were kept, or about one every `stepMs` where that is enough. */
  samples(fromMs: number, untilMs: number, stepMs?: number): Promise<readonly PastSample[]>;
  /** The newest sample that is not older than so much. */
  newest(nowMs: number, maxAgeMs: number): Promise<PastSample | undefined>;
  sizes(fromMs: number, untilMs: number): Promise<readonly Logged<SizesSample>[]>;
  settingChanges(fromMs: number, untilMs: number): Promise<readonly Logged<SettingChange>[]>;
  pattern(key: string): Promise<PatternRecord | undefined>;
}

export type Histories = (target: string) => TargetHistory;

/** More than a month of ten minutes, or a year of hours. */
const maxRead = 9_000;

/** Reads what samplers wrote, by whatever process. */
export function createHistories(store: Store): Histories {
  return (target) => historyOf(store, target);
}

function historyOf(store: Store, target: string): TargetHistory {
  async function read(tierAt: number, fromMs: number, untilMs: number): Promise<PastSample[]> {
    const tier = tiers[tierAt];
    if (!tier || fromMs >= untilMs) return [];
    const found = await store.read(tier.kind, target, { fromMs, untilMs, limit: maxRead, newestFirst: true });
    return found.toReversed().map(({ atMs, value }) => ({ ...value, atMs, stepMs: tier.stepMs }));
  }

  return {
    async sinceMs(nowMs) {
      const oldest = await Promise.all(tiers.map(({ kind }) => store.read(kind, target, { untilMs: nowMs, limit: 1 })));
      const times = oldest.flat().map(({ atMs }) => atMs);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    async samples(fromMs, untilMs, stepMs = 0) {
      const wanted = tiers.findLastIndex((tier) => tier.stepMs <= Math.max(stepMs, tiers[0].stepMs));
      const samples = await read(wanted, fromMs, untilMs);
      // What is too old for this tier is in a coarser one, what is too young in a finer one.
      for (let at = wanted + 1; at < tiers.length; at++)
        samples.unshift(...(await read(at, fromMs, samples[0]?.atMs ?? untilMs)));
      for (let at = wanted - 1; at >= 0; at--)
        samples.push(...(await read(at, (samples.at(-1)?.atMs ?? fromMs - 1) + 1, untilMs)));
      return samples;
    },
    async newest(nowMs, maxAgeMs) {
      const [kind, step] = [tiers[0].kind, tiers[0].stepMs];
      const range = { fromMs: nowMs - maxAgeMs, untilMs: nowMs, limit: 1, newestFirst: true };
      const [found] = await store.read(kind, target, range);
      return found && { ...found.value, atMs: found.atMs, stepMs: step };
    },
    sizes: (fromMs, untilMs) => store.read(sizesKind, target, { fromMs, untilMs }),
    settingChanges: (fromMs, untilMs) => store.read(settingChangeKind, target, { fromMs, untilMs, limit: 200 }),
    pattern: (key) => store.get(patternKind, `${target}/${key}`),
  };
}
