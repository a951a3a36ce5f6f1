import { defaultMode } from '../sql/lexer.ts';
import { readParts } from '../sql/part.ts';
import { findTables } from '../sql/table-reference.ts';
import type { Digester, LogEnd } from './digester.ts';
import { type ExplainRow, readExplain } from './explain.ts';
import { countsByName, type QueryClass } from './query-class.ts';

/** All events with one fingerprint. Times are in microseconds unless a name says otherwise, moments are ISO 8601 in UTC. */
export interface DigestClass {
  /** The id that pt-query-digest gives. */
  readonly id: string;
  readonly fingerprint: string;
  readonly count: number;
  readonly queryTimeSumUs: number;
  readonly lockTimeSumUs: number;
  readonly rowsExaminedSum: number;
  readonly rowsSentSum: number;
  /** From a sketch: right to 1/128 of itself. */
  readonly p50Us: number;
  readonly p95Us: number;
  /** Exact. */
  readonly maxUs: number;
  readonly minUs: number;
  /** Null where the log gives no time. */
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
  /** The most frequent one; empty where the log names none. */
  readonly schema: string;
  /** Most frequent first. */
  readonly users: readonly string[];
  /** The slowest statement as it was logged. */
  readonly sample: string;
  readonly sampleIsCut: boolean;
  /** The plan of that statement, where log_slow_verbosity has `explain`. */
  readonly explain: readonly ExplainRow[];
  /** Tables that the sample names, with their schema where it does. */
  readonly tables: readonly string[];
  /** Events by query time: under 10 µs, under 100 µs … under 10 s, longer. */
  readonly histogram: readonly number[];
  readonly rowsAffectedSum: number;
  readonly bytesSentSum: number;
  readonly tmpTablesSum: number;
  readonly tmpDiskTablesSum: number;
  readonly sortMergePassesSum: number;
  readonly fullScanCount: number;
  readonly fullJoinCount: number;
  readonly filesortCount: number;
  readonly pagesAccessedSum: number;
  readonly pagesReadSum: number;
  readonly engineTimeSumUs: number;
  readonly errorCount: number;
}

export interface SlowLogDigest {
  readonly events: number;
  /** Of the logs, after decompression. */
  readonly bytes: number;
  /** One line each on what could not be read. */
  readonly warnings: readonly string[];
  /** Largest total query time first. */
  readonly classes: readonly DigestClass[];
}

/** A log that was read, and what kept it from being read to its end, if anything. */
export interface ReadLog extends LogEnd {
  readonly name: string;
  readonly trouble?: string;
}

export function summarize({ events, bytes, table, names }: Digester, logs: readonly ReadLog[]): SlowLogDigest {
  const classes = [...table.classes.values()].map((queryClass) => {
    const [schema] = countsByName(queryClass.schemas, names.schemas).filter(([name]) => name !== '');
    const users = countsByName(queryClass.users, names.users);
    return describe(
      queryClass,
      schema?.[0] ?? '',
      users.map(([name]) => name),
    );
  });
  classes.sort((a, b) => b.queryTimeSumUs - a.queryTimeSumUs || b.count - a.count || (a.id < b.id ? -1 : 1));
  return { events, bytes, warnings: logs.flatMap(warningsOf), classes };
}

function describe(it: QueryClass, schema: string, users: readonly string[]): DigestClass {
  const sample = decode(it.sample?.statement ?? new Uint8Array(0));
  const tables = findTables(readParts(sample, defaultMode));
  return {
    id: it.id,
    fingerprint: it.fingerprint,
    count: it.count,
    queryTimeSumUs: it.sum('queryTimeUs'),
    lockTimeSumUs: it.sum('lockTimeUs'),
    rowsExaminedSum: it.sum('rowsExamined'),
    rowsSentSum: it.sum('rowsSent'),
    p50Us: clamp(it.sketch.quantile(0.5), it),
    p95Us: clamp(it.sketch.quantile(0.95), it),
    maxUs: it.maxUs,
    minUs: it.minUs,
    firstSeen: momentOf(it.firstSeen),
    lastSeen: momentOf(it.lastSeen),
    schema,
    users,
    sample,
    sampleIsCut: it.sample?.isCut ?? false,
    explain: readExplain(decode(it.sample?.explain ?? new Uint8Array(0))),
    tables: tables.map((table) => (table.schema === undefined ? table.name : `${table.schema}.${table.name}`)),
    histogram: [...it.histogram],
    rowsAffectedSum: it.sum('rowsAffected'),
    bytesSentSum: it.sum('bytesSent'),
    tmpTablesSum: it.sum('tmpTables'),
    tmpDiskTablesSum: it.sum('tmpDiskTables'),
    sortMergePassesSum: it.sum('sortMergePasses'),
    fullScanCount: it.sum('fullScans'),
    fullJoinCount: it.sum('fullJoins'),
    filesortCount: it.sum('filesorts'),
    pagesAccessedSum: it.sum('pagesAccessed'),
    pagesReadSum: it.sum('pagesRead'),
    engineTimeSumUs: it.sum('engineTimeUs'),
    errorCount: it.sum('errors'),
  };
}

function warningsOf({ name, trouble, cutEvents, skippedBytes }: ReadLog): string[] {
  const warnings: string[] = [];
  if (trouble !== undefined) warnings.push(`${name}: ${trouble}; what was read until then is counted`);
  if (cutEvents > 0) warnings.push(`${name}: ${cutEvents} cut ${cutEvents === 1 ? 'event is' : 'events are'} left out`);
  if (skippedBytes > 0) warnings.push(`${name}: ${skippedBytes} bytes that are no slow log are left out`);
  return warnings;
}

/** The sketch knows a time only to its step, the class knows its ends. */
function clamp(us: number, { minUs, maxUs }: QueryClass): number {
  return Math.round(Math.min(maxUs, Math.max(minUs, us)));
}

function momentOf(seconds: number): string | null {
  return Number.isFinite(seconds) && Math.abs(seconds) < 8.64e12 ? new Date(seconds * 1000).toISOString() : null;
}

/** Broken UTF-8 becomes replacement characters; a character that the sample's end has cut is dropped. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes, { stream: true });
}
