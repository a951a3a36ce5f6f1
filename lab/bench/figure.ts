import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** One measured value with what it is to be judged by. */
export interface Figure {
  /** `section: what`, stable: two results are compared by it. */
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly better: 'lower' | 'higher';
  /** A peer or a floor that was measured in the same run. */
  readonly beside?: { readonly name: string; readonly value: number };
  /** What is promised: of the value, or of its ratio to what stands beside it. */
  readonly promise?: { readonly of: 'value' | 'ratio'; readonly limit: number };
}

/** The machine and the versions that the figures were made with. */
export interface Circumstances {
  readonly takenAt: string;
  readonly processors: number;
  readonly model: string;
  readonly memoryGigabytes: number;
  readonly node: string;
  /** The commit, where the checkout knows it. */
  readonly commit: string | undefined;
}

export function circumstances(): Circumstances {
  const [processor] = cpus();
  return {
    takenAt: new Date().toISOString(),
    processors: cpus().length,
    model: processor?.model.trim() ?? '',
    memoryGigabytes: Math.round(totalmem() / 1e9),
    node: process.version,
    commit: commit(),
  };
}

function commit(): string | undefined {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

export function ratioOf({ value, beside }: Figure): number | undefined {
  return beside === undefined || beside.value === 0 ? undefined : value / beside.value;
}

/** False where a promise is broken; undefined where none is made. */
export function holds(figure: Figure): boolean | undefined {
  const { promise, better, value } = figure;
  if (promise === undefined) return undefined;
  const measured = promise.of === 'value' ? value : ratioOf(figure);
  if (measured === undefined) return undefined;
  return better === 'lower' ? measured <= promise.limit : measured >= promise.limit;
}

export const figureHeader = `${'figure'.padEnd(58)}${'value'.padStart(12)}  ${'beside it'.padEnd(44)}promise`;

export function renderFigure(figure: Figure): string {
  const { name, value, unit, beside, promise, better } = figure;
  const ratio = ratioOf(figure);
  const peer = beside
    ? `${shown(beside.value)} ${unit} ${beside.name}${ratio === undefined ? '' : ` (×${ratio.toFixed(2)})`}`
    : '';
  const sign = better === 'lower' ? '≤' : '≥';
  const told = promise
    ? `${promise.of === 'ratio' ? '×' : ''}${sign} ${shown(promise.limit)} ${holds(figure) ? 'held' : 'NOT HELD'}`
    : '';
  return `${name.padEnd(58)}${`${shown(value)} ${unit}`.padStart(12)}  ${peer.padEnd(44)}${told}`;
}

function shown(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2);
}

/** The value that so many per cent of the samples do not exceed. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 50);
}

/** Seconds that the work takes. */
export async function secondsOf(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}

/** Calls a second of a piece of work that takes microseconds: the median of several rounds of at least `roundMs`. */
export function rateOf(work: () => unknown, roundMs = 60, rounds = 5): number {
  const rates = Array.from({ length: rounds }, () => {
    const begun = performance.now();
    let calls = 0;
    while (performance.now() - begun < roundMs) {
      for (let at = 0; at < 16; at++) work();
      calls += 16;
    }
    return (calls * 1_000) / (performance.now() - begun);
  });
  return median(rates);
}
