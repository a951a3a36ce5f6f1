/**
 * What stands at a mark: a number that is no part of a name; a string; a comment; the content of one list of literals;
 * that of two or more rows of an INSERT, from the first to the last.
 */
export type MarkKind = 'number' | 'string' | 'line-comment' | 'block-comment' | 'list' | 'rows';

/** More than this are not marked: such a statement is hardly like another. */
const MAXIMUM_MARKS = 64;

/**
 * Where a `StatementReducer` has read what leaves nothing of itself behind: with any other of the same kind in its
 * place, the statement is reduced to the same text.
 */
export class LiteralMarks {
  readonly kinds: MarkKind[] = new Array<MarkKind>(MAXIMUM_MARKS).fill('number');
  /** Places in the buffer: the first byte of each, and the first behind it. */
  readonly starts = new Int32Array(MAXIMUM_MARKS);
  readonly ends = new Int32Array(MAXIMUM_MARKS);
  count = 0;
  /** False where more counted than can be marked, or what is not marked was read in the light of what is. */
  areComplete = true;

  reset(): void {
    this.count = 0;
    this.areComplete = true;
  }

  add(kind: MarkKind, start: number, end: number): void {
    if (this.count === MAXIMUM_MARKS) {
      this.areComplete = false;
      return;
    }
    this.kinds[this.count] = kind;
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.count++;
  }
}
