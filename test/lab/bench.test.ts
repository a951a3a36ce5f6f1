import { describe, expect, it } from 'vitest';
import { differences } from '../../lab/bench/compare.ts';
import { benchDigest } from '../../lab/bench/digest.ts';
import { type Figure, holds, percentile, renderFigure } from '../../lab/bench/figure.ts';
import type { BenchResult } from '../../lab/bench/figures.ts';
import { benchMicro } from '../../lab/bench/micro.ts';

const figure = (given: Partial<Figure>): Figure => ({ name: 'x', unit: 'ms', value: 10, better: 'lower', ...given });
const result = (...figures: readonly Figure[]): BenchResult => ({
  circumstances: { takenAt: '', processors: 2, model: 'm', memoryGigabytes: 1, node: 'v24', commit: undefined },
  figures,
});

describe('a figure', () => {
  it('holds a promise of its ratio to what was measured beside it, whatever the machine', () => {
    const promise = { of: 'ratio', limit: 2 } as const;
    expect(holds(figure({ value: 900, beside: { name: 'floor', value: 500 }, promise }))).toBe(true);
    expect(holds(figure({ value: 9, beside: { name: 'floor', value: 3 }, promise }))).toBe(false);
    expect(holds(figure({ value: 9 }))).toBeUndefined();
    expect(renderFigure(figure({ value: 9, beside: { name: 'floor', value: 3 }, promise }))).toContain('NOT HELD');
  });

  it('of percentiles is a measured one', () => {
    expect(percentile([5, 1, 4, 2, 3], 50)).toBe(3);
    expect(percentile([5, 1, 4, 2, 3], 99)).toBe(5);
  });
});

describe('two results', () => {
  it('are compared by ratios where there are any, so that a slower machine is no slower program', () => {
    const before = result(figure({ value: 10, beside: { name: 'floor', value: 5 } }));
    const slowerMachine = result(figure({ value: 30, beside: { name: 'floor', value: 15 } }));
    const slowerProgram = result(figure({ value: 20, beside: { name: 'floor', value: 5 } }));
    expect(differences(before, slowerMachine)[0]).toMatchObject({ of: 'ratio', worsePercent: 0 });
    expect(differences(before, slowerProgram)[0]).toMatchObject({ of: 'ratio', worsePercent: 100 });
  });

  it('know that more of a rate is better', () => {
    const [found] = differences(
      result(figure({ value: 10, better: 'higher' })),
      result(figure({ value: 5, better: 'higher' })),
    );
    expect(found?.worsePercent).toBe(50);
  });
});

describe('the short form of the benchmarks', () => {
  it('holds every ratio that is promised of what is computed for each statement and each report', async () => {
    const broken = (await benchMicro()).filter((one) => holds(one) === false);
    expect(broken.map(renderFigure)).toEqual([]);
  });

  it('digests a small log faster than mariadb-dumpslow in the same run, the start of Node included', async () => {
    const { ratios } = await benchDigest({ megabytes: 20 });
    expect(ratios['mariadb-dumpslow'] ?? 2).toBeGreaterThan(1);
    expect(ratios['newline scan']).toBeGreaterThan(0.02);
  });
});
