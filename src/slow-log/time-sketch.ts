/** Linear steps per power of two. */
const STEPS = 64;
/** 2^46 µs is two years. */
const POWERS = 40;
/** `0` to `63` stand for themselves, then 64 steps for each power of two. */
const SLOTS = STEPS + POWERS * STEPS;

/** For each power of two, the part of its step that a microsecond is; exact, so that multiplying rounds nothing. */
const perStep = Float64Array.from({ length: POWERS + 1 }, (_, power) => 2 ** (1 - power));

/** A quantile is wrong by at most this part of itself: half a step, at the low end of a power of two. */
export const SKETCH_ERROR = 1 / (2 * STEPS);

/**
 * How often each time was seen, in microseconds, with a relative error of at most 1/128 and none below 128 µs. Takes
 * whole numbers; sketches of parts add up to the sketch of the whole.
 */
export class TimeSketch {
  /** Counts of the slots from `first` on. */
  private counts = new Uint32Array(0);
  private first = 0;

  add(us: number, count = 1): void {
    this.addSlot(slotOf(us), count);
  }

  merge(other: TimeSketch): void {
    other.counts.forEach((count, i) => {
      if (count > 0) this.addSlot(other.first + i, count);
    });
  }

  /** The time that the given part of all events, 0.95 say, did not exceed. 0 when there are no events. */
  quantile(part: number): number {
    let total = 0;
    for (const count of this.counts) total += count;
    const rank = Math.max(1, Math.ceil(part * total));
    let seen = 0;
    for (let i = 0; i < this.counts.length; i++) {
      seen += this.counts[i] as number;
      if (seen >= rank) return middleOf(this.first + i);
    }
    return 0;
  }

  /** For another thread, and back. */
  state(): SketchState {
    return { first: this.first, counts: this.counts };
  }

  static from(state: SketchState): TimeSketch {
    const sketch = new TimeSketch();
    sketch.first = state.first;
    sketch.counts = state.counts;
    return sketch;
  }

  private addSlot(slot: number, count: number): void {
    const at = slot - this.first;
    if (at < 0 || at >= this.counts.length) this.makeRoom(slot);
    (this.counts[slot - this.first] as number) += count;
  }

  private makeRoom(slot: number): void {
    const { length } = this.counts;
    const low = length === 0 ? slot : Math.min(this.first, slot);
    const high = length === 0 ? slot + 1 : Math.max(this.first + length, slot + 1);
    // Room for neighbours: times of one class are near each other.
    const first = low < this.first || length === 0 ? Math.max(0, low - 8) : low;
    const counts = new Uint32Array(Math.min(SLOTS, high + 8) - first);
    if (length > 0) counts.set(this.counts, this.first - first);
    this.counts = counts;
    this.first = first;
  }
}

export interface SketchState {
  readonly first: number;
  readonly counts: Uint32Array<ArrayBuffer>;
}

function slotOf(us: number): number {
  if (us < STEPS) return Math.max(0, us);
  const power = powerOf(us);
  if (power > POWERS) return SLOTS - 1;
  return power * STEPS + (Math.floor(us * (perStep[power] as number)) - STEPS);
}

/** 1 for 64 to 127, 2 for 128 to 255, and so on. */
function powerOf(us: number): number {
  if (us < 2 ** 31) return 26 - Math.clz32(us);
  return 26 - Math.clz32(Math.floor(us / 2 ** 31)) + 31;
}

function middleOf(slot: number): number {
  if (slot < 2 * STEPS) return slot;
  const power = Math.floor(slot / STEPS);
  const width = 2 ** (power - 1);
  return (STEPS + (slot % STEPS)) * width + width / 2;
}
