import { type FieldName, fieldNames, QUERY_TIME } from './field.ts';
import { KeyCounts } from './key-counts.ts';
import type { EventNames, NameTable } from './name-table.ts';
import { type SketchState, TimeSketch } from './time-sketch.ts';

/** Upper ends of the histogram's bars, in microseconds: 10 µs, 100 µs … 10 s; the last bar is open. */
const histogramBoundsUs = [10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000] as const;

const MAXIMUM_SHAPES = 64;

/** The slowest event of a class. */
export interface Sample {
  readonly queryTimeUs: number;
  /** Where it stood in all that was read, so that of equally slow ones the first is kept. */
  readonly position: number;
  readonly statement: Uint8Array;
  readonly isCut: boolean;
  /** Its `# explain:` lines, or none. */
  readonly explain: Uint8Array;
}

/** What is known of all events with one fingerprint. Whole numbers throughout, so that any order of adding is equal. */
export class QueryClass {
  readonly id: string;
  readonly fingerprint: string;
  count = 0;
  maxUs = 0;
  minUs = Number.POSITIVE_INFINITY;
  /** Seconds since 1970. */
  firstSeen = Number.POSITIVE_INFINITY;
  lastSeen = Number.NEGATIVE_INFINITY;
  sample: Sample | undefined;
  readonly sums = new Float64Array(fieldNames.length);
  readonly histogram = new Float64Array(histogramBoundsUs.length + 1);
  sketch = new TimeSketch();
  /** Events by user and by schema; the keys are those of whoever counts. */
  readonly users = new KeyCounts();
  readonly schemas = new KeyCounts();
  private shapeCount = 0;

  constructor(id: string, fingerprint: string) {
    this.id = id;
    this.fingerprint = fingerprint;
  }

  /** `seconds` is when it ran, NaN where the log does not say. */
  add(values: Float64Array, seconds: number, user: number, schema: number): void {
    const us = values[QUERY_TIME] as number;
    const { sums } = this;
    this.count++;
    for (let i = 0; i < sums.length; i++) (sums[i] as number) += values[i] as number;
    if (us > this.maxUs) this.maxUs = us;
    if (us < this.minUs) this.minUs = us;
    if (seconds < this.firstSeen) this.firstSeen = seconds;
    if (seconds > this.lastSeen) this.lastSeen = seconds;
    (this.histogram[barOf(us)] as number)++;
    this.sketch.add(us);
    this.users.add(user, 1);
    this.schemas.add(schema, 1);
  }

  /** True for a class that was met before, until enough of its shapes are known: they cost as much as reading. */
  get wantsShape(): boolean {
    return this.count > 1 && this.shapeCount++ < MAXIMUM_SHAPES;
  }

  /** True when an event this slow, at this place, is the one to keep. */
  wantsSample(queryTimeUs: number, position: number): boolean {
    const { sample } = this;
    if (sample === undefined || queryTimeUs > sample.queryTimeUs) return true;
    return queryTimeUs === sample.queryTimeUs && position < sample.position;
  }

  /** Adds what another thread saw of the same class. */
  merge(part: ClassState, names: EventNames): void {
    this.count += part.count;
    this.maxUs = Math.max(this.maxUs, part.maxUs);
    this.minUs = Math.min(this.minUs, part.minUs);
    this.firstSeen = Math.min(this.firstSeen, part.firstSeen);
    this.lastSeen = Math.max(this.lastSeen, part.lastSeen);
    part.sums.forEach((sum, i) => {
      (this.sums[i] as number) += sum;
    });
    part.histogram.forEach((count, i) => {
      (this.histogram[i] as number) += count;
    });
    this.sketch.merge(TimeSketch.from(part.sketch));
    addCounts(this.users, part.users, names.users);
    addCounts(this.schemas, part.schemas, names.schemas);
    if (part.sample !== undefined && this.wantsSample(part.sample.queryTimeUs, part.sample.position)) {
      this.sample = part.sample;
    }
  }

  /** For another thread. */
  state(names: EventNames): ClassState {
    const { id, fingerprint, count, maxUs, minUs, firstSeen, lastSeen, sums, histogram, sample } = this;
    const sketch = this.sketch.state();
    const users = countsByName(this.users, names.users);
    const schemas = countsByName(this.schemas, names.schemas);
    return {
      id,
      fingerprint,
      count,
      maxUs,
      minUs,
      firstSeen,
      lastSeen,
      sums,
      histogram,
      sample,
      sketch,
      users,
      schemas,
    };
  }

  sum(name: FieldName): number {
    return this.sums[fieldNames.indexOf(name)] as number;
  }
}

export type NameCount = readonly [name: string, count: number];

export interface ClassState
  extends Pick<QueryClass, 'id' | 'fingerprint' | 'count' | 'maxUs' | 'minUs' | 'firstSeen' | 'lastSeen' | 'sample'> {
  readonly sums: Float64Array;
  readonly histogram: Float64Array;
  readonly sketch: SketchState;
  readonly users: readonly NameCount[];
  readonly schemas: readonly NameCount[];
}

/** Most frequent first. */
export function countsByName(counts: KeyCounts, names: NameTable): NameCount[] {
  const named = counts.entries().map(([key, count]) => [names.nameOf(key), count] as const);
  return named.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

function addCounts(counts: KeyCounts, part: readonly NameCount[], names: NameTable): void {
  for (const [name, count] of part) counts.add(names.keyOf(name), count);
}

function barOf(us: number): number {
  let bar = 0;
  while (bar < histogramBoundsUs.length && us >= (histogramBoundsUs[bar] as number)) bar++;
  return bar;
}
