import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SKETCH_ERROR, TimeSketch } from '../../src/slow-log/time-sketch.ts';

const time = fc.oneof(
  fc.nat(300),
  fc.nat(),
  fc.maxSafeNat().map((n) => n % 2 ** 45),
);

describe('time sketch', () => {
  it('gives every quantile within its error, and small times exactly', () => {
    fc.assert(
      fc.property(
        fc.array(time, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (times, part) => {
          const sketch = new TimeSketch();
          for (const us of times) sketch.add(us);
          const exact = [...times].sort((a, b) => a - b)[Math.max(1, Math.ceil(part * times.length)) - 1] as number;
          const error = Math.abs(sketch.quantile(part) - exact);
          expect(error).toBeLessThanOrEqual(exact < 128 ? 0 : exact * SKETCH_ERROR);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('adds up: parts merged in any order are the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.array(time)), (parts) => {
        const whole = new TimeSketch();
        const merged = new TimeSketch();
        for (const part of [...parts].reverse()) {
          const sketch = new TimeSketch();
          for (const us of part) {
            sketch.add(us);
            whole.add(us);
          }
          merged.merge(TimeSketch.from(structuredClone(sketch.state())));
        }
        for (const q of [0.1, 0.5, 0.95, 1]) expect(merged.quantile(q)).toBe(whole.quantile(q));
      }),
    );
  });

  it('is 0 when nothing was seen', () => {
    expect(new TimeSketch().quantile(0.95)).toBe(0);
  });
});
