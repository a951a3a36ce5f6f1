const NEWLINE = 10;
/** Lines that are remembered, each at a place that a few of its letters choose, and how long they may be. */
const PLACES = 32;
const PLACE_BYTES = 256;

/**
 * Lines of keys and values that add nothing to any sum, such as `Full_scan: No  Full_join: No`, as they were seen last.
 * Most events of a log have the very same ones, and to compare a line is less than to read it.
 */
export class QuietLines {
  private readonly bytes = new Uint8Array(PLACES * PLACE_BYTES);
  private readonly lengths = new Uint16Array(PLACES);

  /** The position behind the line at `from`; `from` itself where it is none of those. */
  skip(buffer: Uint8Array, from: number, end: number): number {
    const place = placeOfLine(buffer, from);
    const length = this.lengths[place] as number;
    if (length === 0 || from + length > end || buffer[from + length - 1] !== NEWLINE) return from;
    const { bytes } = this;
    const base = place * PLACE_BYTES;
    for (let i = 0; i < length; i++) if (buffer[from + i] !== bytes[base + i]) return from;
    return from + length;
  }

  /** Remembers the line from `from` to behind its line break at `next`. */
  note(buffer: Uint8Array, from: number, next: number): void {
    if (next - from > PLACE_BYTES) return;
    const place = placeOfLine(buffer, from);
    this.bytes.set(buffer.subarray(from, next), place * PLACE_BYTES);
    this.lengths[place] = next - from;
  }
}

/** The place, up to 31, that a few letters of a line choose; lines that begin alike share one. */
export function placeOfLine(buffer: Uint8Array, from: number): number {
  return ((buffer[from] as number) + 5 * (buffer[from + 4] as number)) % PLACES;
}
