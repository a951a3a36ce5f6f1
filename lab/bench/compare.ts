import { readFileSync } from 'node:fs';
import { type Figure, ratioOf } from './figure.ts';
import type { BenchResult } from './figures.ts';

/** A difference that is smaller may be the machine's. */
const noisePercent = 15;

export interface Difference {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** How much worse (positive) or better (negative), in per cent of before. */
  readonly worsePercent: number;
  /** What was compared: the ratio to what was measured beside it in the same run, where both runs have one. */
  readonly of: 'value' | 'ratio';
}

/** What changed between two results. Ratios are compared where there are any: two runs rarely have the same quiet. */
export function differences(before: BenchResult, after: BenchResult): readonly Difference[] {
  return after.figures.flatMap((figure): Difference[] => {
    const former = before.figures.find(({ name }) => name === figure.name);
    if (!former) return [];
    const [was, is] = [ratioOf(former), ratioOf(figure)];
    const of = was !== undefined && is !== undefined ? 'ratio' : 'value';
    const pair = of === 'ratio' ? [was as number, is as number] : [former.value, figure.value];
    return [
      { name: figure.name, before: pair[0] as number, after: pair[1] as number, of, worsePercent: worse(figure, pair) },
    ];
  });
}

function worse({ better }: Figure, [before = 0, after = 0]: readonly number[]): number {
  if (before === 0) return 0;
  const change = (100 * (after - before)) / before;
  return better === 'lower' ? change : -change;
}

/** Prints both results side by side; false where something is clearly worse. Throws where a file is no result. */
export function compareFiles(beforePath: string, afterPath: string): boolean {
  const [before, after] = [beforePath, afterPath].map(read) as [BenchResult, BenchResult];
  const name = (path: string, { circumstances: { takenAt, commit, node, processors, model } }: BenchResult) =>
    `${path}: ${takenAt.slice(0, 16)} ${commit ?? ''} ${node}, ${processors} × ${model}`;
  console.log(`A ${name(beforePath, before)}\nB ${name(afterPath, after)}\n`);
  if (before.circumstances.model !== after.circumstances.model)
    console.log('the machines differ: compare ratios only\n');
  console.log(`${'figure'.padEnd(58)}${'of'.padEnd(8)}${'A'.padStart(10)}${'B'.padStart(10)}   B is`);
  const found = differences(before, after);
  for (const { name: figure, of, before: a, after: b, worsePercent } of found) {
    const word = Math.abs(worsePercent) < noisePercent ? 'about the same' : worsePercent > 0 ? 'WORSE' : 'better';
    console.log(
      `${figure.padEnd(58)}${of.padEnd(8)}${a.toPrecision(3).padStart(10)}${b.toPrecision(3).padStart(10)}   ${word} (${worsePercent > 0 ? '+' : ''}${worsePercent.toFixed(0)} %)`,
    );
  }
  return found.every(({ worsePercent }) => worsePercent < noisePercent);
}

function read(path: string): BenchResult {
  const result: BenchResult = JSON.parse(readFileSync(path, 'utf8'));
  if (!Array.isArray(result.figures)) throw new Error(`${path} is no result of npm run bench -- --file`);
  return result;
}
