import { ClassTable } from './class-table.ts';
import { EventReader, type Section } from './event-reader.ts';
import { QUERY_TIME } from './field.ts';
import { type EventNames, NameTable } from './name-table.ts';
import type { ClassState, QueryClass } from './query-class.ts';

export interface DigestOptions {
  /** Only events at or after `since` and before `until` count; one whose time is unknown counts only without these. */
  readonly since?: Date;
  readonly until?: Date;
  /** At most this much of a class's slowest statement is kept; 16 KiB when absent. */
  readonly sampleBytes?: number;
}

/** How one log, or one section of it, ended. */
export interface LogEnd {
  readonly bytes: number;
  /** Events whose statement is not whole, at the end or where the server crashed. They are not counted. */
  readonly cutEvents: number;
  /** Bytes between events that no server writes there. */
  readonly skippedBytes: number;
  /** True when there was an event, or the lines that a server writes when it opens a slow log. */
  readonly isSlowLog: boolean;
  /** Where in all that was read the first event begins, and where the log or section ends. */
  readonly firstEventAt: number | undefined;
  readonly endedAt: number;
}

/** All that was counted, in a form that another thread can take. */
export interface DigestState {
  readonly events: number;
  readonly bytes: number;
  readonly classes: readonly ClassState[];
}

const SAMPLE_BYTES = 16 << 10;
/** Once samples take this much, further ones are cut short, so that many classes fit into the memory. */
const SAMPLE_BUDGET = 16 << 20;
const SHORT_SAMPLE_BYTES = 512;

/** Counts events of slow logs by class. */
export class Digester {
  events = 0;
  bytes = 0;
  readonly table = new ClassTable();
  readonly names: EventNames = { users: new NameTable(), schemas: new NameTable() };

  private readonly since: number;
  private readonly until: number;
  private readonly sampleBytes: number;
  private sampledBytes = 0;
  private readonly reader: EventReader;
  private written = 0;

  constructor({ since, until, sampleBytes = SAMPLE_BYTES }: DigestOptions) {
    this.since = since === undefined ? Number.NEGATIVE_INFINITY : since.getTime() / 1000;
    this.until = until === undefined ? Number.POSITIVE_INFINITY : until.getTime() / 1000;
    this.sampleBytes = sampleBytes;
    this.reader = new EventReader(this.names, sampleBytes, (event) => this.count(event));
  }

  /** Begins a log, or a section of one in another thread. */
  beginLog(section: Section = { offset: this.bytes }): void {
    this.reader.begin(section);
    this.written = 0;
  }

  /** True when the section has all its events: what is written now would be lost on it. */
  get isDone(): boolean {
    return this.reader.isDone;
  }

  /** True once the log has shown that it is a slow log. */
  get sawSlowLog(): boolean {
    return this.reader.sawBanner || this.reader.firstEventAt !== undefined;
  }

  write(chunk: Uint8Array): void {
    this.written += chunk.length;
    this.reader.write(chunk);
  }

  endLog(): LogEnd {
    const { reader, written: bytes } = this;
    reader.finish();
    this.bytes += bytes;
    const { cutEvents, skippedBytes, firstEventAt, endedAt = 0 } = reader;
    return { bytes, cutEvents, skippedBytes, isSlowLog: this.sawSlowLog, firstEventAt, endedAt };
  }

  merge(part: DigestState): void {
    this.events += part.events;
    this.bytes += part.bytes;
    for (const state of part.classes) this.table.get(state.id, state.fingerprint).merge(state, this.names);
  }

  state(): DigestState {
    const classes = [...this.table.classes.values()].map((queryClass) => queryClass.state(this.names));
    return { events: this.events, bytes: this.bytes, classes };
  }

  private count(event: EventReader): void {
    const { header, reducer, user, schema } = event;
    const { timestamp, values } = header;
    const isInside = timestamp >= this.since && timestamp < this.until;
    const isUnlimited = this.since === Number.NEGATIVE_INFINITY && this.until === Number.POSITIVE_INFINITY;
    if (!isInside && !isUnlimited) return;
    this.events++;
    const queryClass = event.knownClass ?? this.table.find(reducer);
    if (event.knownClass === undefined && queryClass.wantsShape) event.learnShape(queryClass);
    queryClass.add(values, timestamp, user, schema);
    if (queryClass.wantsSample(values[QUERY_TIME] as number, event.sample.position)) this.keepSample(queryClass, event);
  }

  private keepSample(queryClass: QueryClass, { header, sample, log, statementEnd }: EventReader): void {
    const limit = this.sampledBytes > SAMPLE_BUDGET ? Math.min(SHORT_SAMPLE_BYTES, this.sampleBytes) : this.sampleBytes;
    const { statement, isCut } = sample.take(log.bytes, statementEnd, limit);
    const explain = sample.takeExplain(log.bytes).subarray(0, limit);
    this.sampledBytes += statement.length + explain.length;
    if (queryClass.sample !== undefined) {
      this.sampledBytes -= queryClass.sample.statement.length + queryClass.sample.explain.length;
    }
    const queryTimeUs = header.values[QUERY_TIME] as number;
    queryClass.sample = { queryTimeUs, position: sample.position, statement, isCut, explain };
  }
}
