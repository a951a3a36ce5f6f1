import { byteOf, codeOf, DIGIT, goesOnNumber, isLineEnd, isToolkitComment } from '../sql/byte-class.ts';
import { endOfLiterals, endOfRows } from '../sql/literal-list.ts';
import type { LiteralMarks, MarkKind } from '../sql/literal-marks.ts';
import { NumberSpan } from '../sql/number-span.ts';
import { SkippedSpan } from '../sql/skipped-span.ts';
import type { QueryClass } from './query-class.ts';

/** Longer statements are read as any other: they are rare. */
const MAXIMUM_BYTES = 2048;
/** Lists in which a shape is looked up, and how many of them may share one; the last to be met makes room. */
const PLACES = 1024;
const SHAPES_PER_PLACE = 8;
/** How many first bytes choose the place, and how far a comment in front of them may reach. */
const START_BYTES = 36;
const COMMENT_BYTES = 256;
/** What all shapes together may take. */
const BUDGET_BYTES = 1 << 20;

/** A statement as it was written, but for its literals, lists and comments. */
interface StatementShape {
  /** The bytes between the marks, in one piece. */
  readonly fixed: Uint8Array;
  /** What stands at each mark, and how much of `fixed` stands before it. */
  readonly kinds: readonly MarkKind[];
  readonly places: Uint16Array;
  readonly queryClass: QueryClass;
}

/**
 * Statements that were met before, by their shape. Most statements of a log differ from an earlier one in literals
 * only; to find that costs less than to read them.
 */
export class StatementShapes {
  /** The semicolon behind the statement that `find` has found. */
  end = 0;

  private readonly shapes: StatementShape[][] = Array.from({ length: PLACES }, () => []);
  private budget = BUDGET_BYTES;
  private readonly span = new SkippedSpan(true);
  private readonly number = new NumberSpan();

  /** The class of the statement at `from`, if its shape is known and it ends, before `limit`, with `;` and a line break. */
  find(buffer: Uint8Array, from: number, limit: number): QueryClass | undefined {
    const shapes = this.shapes[placeOf(buffer, from)] as StatementShape[];
    for (let i = 0; i < shapes.length; i++) {
      const shape = shapes[i] as StatementShape;
      const end = this.compare(shape, buffer, from, limit);
      if (end < 0) continue;
      if (i > 0) {
        shapes[i] = shapes[i - 1] as StatementShape;
        shapes[i - 1] = shape;
      }
      this.end = end;
      return shape.queryClass;
    }
    return undefined;
  }

  /** Remembers the statement from `from` to the semicolon at `end`, whose reader has left these marks. */
  learn(queryClass: QueryClass, buffer: Uint8Array, from: number, end: number, marks: LiteralMarks): void {
    if (!marks.areComplete) return;
    const { count } = marks;
    const fixed: number[] = [];
    const places = new Uint16Array(count);
    let at = from;
    for (let i = 0; i <= count; i++) {
      const start = i < count ? (marks.starts[i] as number) : end;
      if (fixed.length + start - at > Math.min(MAXIMUM_BYTES, this.budget)) return;
      while (at < start) fixed.push(buffer[at++] as number);
      if (i === count) break;
      places[i] = fixed.length;
      at = marks.ends[i] as number;
    }
    const shapes = this.shapes[placeOf(buffer, from)] as StatementShape[];
    const last = shapes.length < SHAPES_PER_PLACE ? undefined : shapes.pop();
    this.budget += (last?.fixed.length ?? 0) - fixed.length;
    shapes.push({ fixed: Uint8Array.from(fixed), kinds: marks.kinds.slice(0, count), places, queryClass });
  }

  /** The semicolon behind the statement at `from`, if it has this shape; otherwise -1. */
  private compare(shape: StatementShape, buffer: Uint8Array, from: number, limit: number): number {
    const { fixed, kinds, places } = shape;
    let at = from;
    let i = 0;
    for (let mark = 0; mark < kinds.length; mark++) {
      for (const place = places[mark] as number; i < place; i++) if (buffer[at++] !== fixed[i]) return -1;
      at = this.skip(kinds[mark] as MarkKind, buffer, at, limit);
      if (at < 0) return -1;
    }
    for (; i < fixed.length; i++) if (buffer[at++] !== fixed[i]) return -1;
    return at < limit && buffer[at] === byteOf.semicolon && isLineEnd(buffer, at + 1) ? at : -1;
  }

  /** Behind what stands at a mark, if it is of that kind and ends before `limit`; otherwise -1. */
  private skip(kind: MarkKind, buffer: Uint8Array, at: number, limit: number): number {
    if (kind === 'number') return this.skipNumber(buffer, at, limit);
    if (kind === 'list') return endOfLiterals(buffer, at, limit, true);
    if (kind === 'string') return this.skipString(buffer, at, limit);
    if (kind !== 'rows') return this.skipComment(kind, buffer, at, limit);
    const first = endOfLiterals(buffer, at, limit, true);
    const last = first < 0 ? -1 : endOfRows(buffer, first, limit, true);
    return last > first ? last : -1;
  }

  private skipNumber(buffer: Uint8Array, from: number, limit: number): number {
    if (codeOf[buffer[from] as number] !== DIGIT) return -1;
    let at = from;
    while (at < limit && codeOf[buffer[at] as number] === DIGIT) at++;
    const next = buffer[at] as number;
    if (at < limit && goesOnNumber[next] === 0 && next !== byteOf.e) return at;
    at = this.number.read(buffer, this.number.begin(buffer, from, byteOf.blank), limit);
    return at < limit ? at : -1;
  }

  private skipString(buffer: Uint8Array, from: number, limit: number): number {
    const quote = buffer[from];
    if (quote !== byteOf.apostrophe && quote !== byteOf.quote) return -1;
    this.span.begin('string', quote);
    const at = this.span.read(buffer, from + 1, limit, true);
    return this.span.kind === 'none' ? at : -1;
  }

  private skipComment(kind: 'line-comment' | 'block-comment', buffer: Uint8Array, from: number, limit: number): number {
    const isLine = kind === 'line-comment';
    const next = buffer[from + 1] as number;
    const isDash =
      isLine && buffer[from] === byteOf.minus && next === byteOf.minus && (buffer[from + 2] as number) <= 32;
    const isHash = isLine && buffer[from] === byteOf.hash;
    const isBlock = !isLine && opensComment(buffer, from) && !isToolkitComment(buffer, from + 2);
    if (!isDash && !isHash && !isBlock) return -1;
    this.span.begin(kind);
    const at = this.span.read(buffer, isHash ? from + 1 : from + 2, limit, true);
    return this.span.kind === 'none' && !this.span.isAtSemicolon ? at : -1;
  }
}

/** A block comment that the server does not execute. */
function opensComment(buffer: Uint8Array, at: number): boolean {
  if (buffer[at] !== byteOf.slash || buffer[at + 1] !== byteOf.star) return false;
  return buffer[at + 2] !== 33 && !(buffer[at + 2] === 77 && buffer[at + 3] === 33);
}

/** The place for statements that begin like this, up to a literal; a comment in front is not looked at. */
function placeOf(buffer: Uint8Array, from: number): number {
  let at = from;
  if (opensComment(buffer, from)) {
    const end = from + COMMENT_BYTES;
    while (at < end && (buffer[at] !== byteOf.slash || buffer[at - 1] !== byteOf.star)) at++;
  }
  let hash = 0;
  for (const end = at + START_BYTES; at < end; at++) {
    const byte = buffer[at] as number;
    if (codeOf[byte] === DIGIT || byte === byteOf.apostrophe || byte === byteOf.quote || byte === byteOf.newline) break;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  return (hash ^ (hash >>> 13)) & (PLACES - 1);
}
