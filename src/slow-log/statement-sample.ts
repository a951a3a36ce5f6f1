import type { Range } from './event-header.ts';
import type { LogBuffer } from './log-buffer.ts';

const NOTHING = new Uint8Array(0);

/** Where the current statement and its plan stand, so that a sample costs nothing unless somebody takes it. */
export class StatementSample {
  /** The statement's place in the whole log. */
  position = 0;

  /** Where it begins in the buffer; what was before in another buffer is in `head`. */
  private start = 0;
  private head = NOTHING;
  private headBytes = 0;
  private explain: Readonly<Range> = { start: 0, end: 0 };
  private explainCopy: Uint8Array | undefined;
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  begin(log: LogBuffer, start: number, explain: Readonly<Range>): void {
    this.position = log.offset + start;
    this.start = start;
    this.headBytes = 0;
    this.explain = explain;
    this.explainCopy = undefined;
  }

  /** True while the whole statement so far is in the buffer. */
  get isAttached(): boolean {
    return this.headBytes === 0;
  }

  get startInBuffer(): number {
    return this.start;
  }

  /** Saves what is read before the buffer goes on; `attach` then says where. */
  detach(log: LogBuffer): void {
    this.explainCopy ??= this.copyExplain(log.bytes);
    const more = log.bytes.subarray(this.start, log.at);
    if (this.headBytes === 0) this.head = NOTHING;
    if (this.head.length < this.limit)
      this.head = Buffer.concat([this.head, more.subarray(0, this.limit - this.head.length)]);
    this.headBytes += more.length;
  }

  attach(log: LogBuffer): void {
    this.start = log.at;
  }

  /** The statement up to `end`, at most as many bytes as the limit. */
  take(
    bytes: Uint8Array,
    end: number,
    limit = this.limit,
  ): { readonly statement: Uint8Array; readonly isCut: boolean } {
    const size = this.headBytes + end - this.start;
    const kept = Math.min(size, limit);
    const statement = new Uint8Array(kept);
    const fromHead = this.headBytes === 0 ? 0 : Math.min(this.head.length, kept);
    statement.set(this.head.subarray(0, fromHead));
    if (fromHead < kept) statement.set(bytes.subarray(this.start, this.start + kept - fromHead), fromHead);
    return { statement, isCut: kept < size };
  }

  takeExplain(bytes: Uint8Array): Uint8Array {
    return this.explainCopy ?? this.copyExplain(bytes);
  }

  private copyExplain(bytes: Uint8Array): Uint8Array {
    const { start, end } = this.explain;
    return end > start ? bytes.slice(start, Math.min(end, start + this.limit)) : NOTHING;
  }
}
