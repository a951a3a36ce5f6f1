/** Random numbers that are the same for a seed on every machine. */
export interface Random {
  /** A whole number from `low` to `high`, both possible. */
  integer(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  chance(probability: number): boolean;
  /** Microseconds with a long tail: half are under `medianUs`, one in a hundred above 20 times that. */
  duration(medianUs: number): number;
}

/** The generator is SplitMix32: 32 bits of state, every one of its numbers once per period. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
  return {
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (items) => items[Math.floor(next() * items.length)] as (typeof items)[number],
    chance: (probability) => next() < probability,
    duration(medianUs) {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return Math.max(1, Math.round(medianUs * Math.exp(1.3 * normal)));
    },
  };
}
