/** How much of a statement's reduced text tells it from others. */
const MAXIMUM_BYTES = 4 << 20;
/** How much of an IN list is kept in case that it turns out to hold more than literals. */
const LIST_BYTES = 4096;

/** Where the text stands towards a list that shrinks to `(?+)`. A literal ends the odd ones. */
type ListState = 0 | 1 | 2 | 3;
const NO_LIST: ListState = 0;
/** Behind IN, VALUES or VALUE: only blanks and commas until the parenthesis. */
const AFTER_KEYWORD: ListState = 1;
const IN_GROUP: ListState = 2;
/** Behind the closing parenthesis: one more group may follow. */
const AFTER_GROUP: ListState = 3;

const QUESTION = 63;
const BLANK = 32;
const NEWLINE = 10;

/**
 * The reduced text of one statement while it is written. Lists of literals shrink as they are closed, so that a
 * statement of any size takes little room.
 */
export class ReducedText {
  /** The text is the first `length` bytes; those behind are remains. */
  bytes = new Uint8Array(1 << 16);
  length = 0;
  /** The last word's last letter as it was written, since pt-fingerprint looks at it before it lowers the case. */
  lastOfWord = 0;
  list: ListState = NO_LIST;
  blankIsNewline = false;

  private listStart = 0;
  /** Nothing but literals in the group so far. */
  private isPure = false;
  private depth = 0;
  private isInsert = false;
  /** The list is the rows of an INSERT: any expression may stand in them, and the first stands for all. */
  private isRows = false;
  private rowCount = 0;
  private rowEnd = 0;
  private rowDepth = 0;

  reset(): void {
    this.length = 0;
    this.blankIsNewline = false;
    this.list = NO_LIST;
    this.depth = 0;
    this.isInsert = false;
    this.isRows = false;
    this.rowCount = 0;
  }

  /** To be called before what `bytes` bytes of SQL can add is added. */
  makeRoom(bytes: number): void {
    if (this.length > MAXIMUM_BYTES) this.length = MAXIMUM_BYTES;
    const needed = this.length + bytes + 64;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  /** Takes back what only a further row or a last line break has added. */
  finish(): void {
    const rowsEndIt = this.list === AFTER_GROUP && this.isRows && this.rowCount > 1;
    if (rowsEndIt) this.length = this.rowEnd;
    else if (this.blankIsNewline && this.length > 0 && this.bytes[this.length - 1] === BLANK) this.length--;
    this.length = Math.min(this.length, MAXIMUM_BYTES);
  }

  /** In a list that has held nothing but literals so far. */
  get isInLiterals(): boolean {
    return this.list === IN_GROUP && this.isPure;
  }

  /** What is neither a word nor a literal, a blank, a comma or a parenthesis. */
  addText(byte: number): void {
    if (this.list !== NO_LIST) this.breakList();
    this.bytes[this.length++] = byte;
  }

  addBlank(byte: number): void {
    if (this.length === 0) return;
    if (this.bytes[this.length - 1] === BLANK) this.blankIsNewline = false;
    else {
      this.bytes[this.length++] = BLANK;
      this.blankIsNewline = byte === NEWLINE;
    }
  }

  /** A literal. As in pt-fingerprint, it swallows a dot before it, and a small x or b, which may be its prefix. */
  addLiteral(): void {
    if ((this.list & 1) === 1) this.breakList();
    const before = this.length > 0 ? this.bytes[this.length - 1] : 0;
    const swallows = before === 46 || ((before === 120 || before === 98) && before === this.lastOfWord);
    if (swallows) this.length--;
    this.bytes[this.length++] = QUESTION;
  }

  /** The letters since `start` are a whole word; `last` is its last letter as it was written. */
  endWord(start: number, last: number): void {
    this.lastOfWord = last;
    const size = this.length - start;
    if (size === 4 && this.endsWith('null')) {
      this.length = start;
      if ((this.list & 1) === 1) this.breakList();
      this.bytes[this.length++] = QUESTION;
      return;
    }
    if (this.list !== NO_LIST) this.breakList();
    if (size < 2 || size > 7) return;
    const isValues = (size === 6 && this.endsWith('values')) || (size === 5 && this.endsWith('value'));
    if (isValues || (size === 2 && this.endsWith('in'))) this.expectList(isValues);
    else if (start === 0) {
      this.isInsert = (size === 6 && this.endsWith('insert')) || (size === 7 && this.endsWith('replace'));
    }
  }

  addComma(): void {
    if (this.list === IN_GROUP && this.isPure && this.length > this.listStart + LIST_BYTES) {
      this.length = this.listStart + LIST_BYTES;
    }
    this.bytes[this.length++] = 44;
  }

  addOpen(): void {
    this.depth++;
    if (this.list === AFTER_KEYWORD || this.list === AFTER_GROUP) {
      this.list = IN_GROUP;
      this.isPure = true;
      this.rowDepth = this.depth;
    } else if (this.list === IN_GROUP) {
      this.breakList();
    }
    this.bytes[this.length++] = 40;
  }

  addClose(): void {
    const closesGroup = this.list === IN_GROUP && this.depth === this.rowDepth;
    this.depth--;
    if (!closesGroup) {
      this.addText(41);
      return;
    }
    this.list = AFTER_GROUP;
    if (this.isRows && this.rowCount++ > 0) {
      this.length = this.rowEnd;
      return;
    }
    if (this.isPure) {
      this.length = this.listStart;
      this.addAscii('(?+)');
    } else {
      this.bytes[this.length++] = 41;
    }
    this.rowEnd = this.length;
  }

  /** Behind the first row of an INSERT or a later one. */
  get isBehindRow(): boolean {
    return this.list === AFTER_GROUP && this.isRows;
  }

  /** A further row of literals, of which nothing is kept. */
  addRow(): void {
    this.rowCount++;
  }

  /** Replaces the whole text. */
  set(text: Uint8Array): void {
    this.length = 0;
    this.makeRoom(text.length);
    this.bytes.set(text);
    this.length = text.length;
  }

  private addAscii(text: string): void {
    for (let i = 0; i < text.length; i++) this.bytes[this.length++] = text.charCodeAt(i);
  }

  /** True when the text ends with these letters. */
  endsWith(letters: string): boolean {
    const start = this.length - letters.length;
    for (let i = 0; i < letters.length; i++) if (this.bytes[start + i] !== letters.charCodeAt(i)) return false;
    return true;
  }

  private expectList(isValues: boolean): void {
    if (this.list === IN_GROUP) return;
    this.list = AFTER_KEYWORD;
    this.listStart = this.length;
    this.isRows = isValues && this.isInsert && this.depth === 0 && this.rowCount === 0;
  }

  breakList(): void {
    this.isPure = false;
    if (this.list !== IN_GROUP || !this.isRows) this.list = NO_LIST;
  }
}
