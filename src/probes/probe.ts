import type { z } from 'zod';
import type { TargetHistory } from '../history/history.ts';
import type { Evidence, Row } from '../report/evidence.ts';
import type { CloudLogs } from '../targets/cloud-logs.ts';
import type { Privilege, ServerFacts } from '../targets/server-facts.ts';
import type { Target } from '../targets/target.ts';

/** Why a probe could not look, and what would let it. Becomes a coverage gap of the agent that asked. */
export interface Blindness {
  readonly code: string;
  readonly summary: string;
  /** A statement that can be copied where there is one, else the setting in words. */
  readonly fix: string;
}

/**
 * What a probe brings: rows, or the reason why it could not look. Empty rows mean "looked, nothing there".
 * `data` is typed by the probe's own schema; the evidence holds the same rows as they were read.
 */
export type Reading<Data> =
  | { readonly status: 'read'; readonly data: Data; readonly evidence: Evidence }
  | { readonly status: 'blind'; readonly blindness: Blindness };

/** What a probe may touch. */
export interface ProbeSource {
  readonly target: Target;
  readonly facts: ServerFacts;
  /** Seconds between two samples of counters; 0 where the caller wants one look only. */
  readonly windowSeconds: number;
  readonly signal: AbortSignal | undefined;
  /** Runs a fixed statement of ours. Errors of the server reject with ProbeError. */
  query(
    sql: string,
    options?: { readonly maxRows?: number; readonly probe?: string; readonly schema?: string },
  ): Promise<{ rows: readonly Row[]; truncated: boolean }>;
  /** Resolves after the time or rejects with StoppedError. */
  wait(seconds: number): Promise<void>;
  /** The current time in ms since 1970; a parameter so that history can be replayed. */
  now(): number;
  /** Statements that dbcheck has sent to this server so far, so that its own work can be taken off a rate. */
  ownStatements(): number;
  /** The archive that holds the logs of a service of MariaDB Cloud; undefined where the target is none. */
  readonly cloudLogs?: CloudLogs | undefined;
  /** What samples of the past are kept of this server; undefined where none are. */
  readonly history?: TargetHistory | undefined;
  /** The person wants to know how it is now: a sample that was taken before the question is no beginning of a window. */
  readonly measuresAnew?: boolean;
}

/** What a probe returns before it is numbered as evidence. */
export interface Collected<Data> {
  readonly data: Data;
  /** The rows that prove it, already free of secrets. */
  readonly rows: readonly Row[];
  /** The statement, or what was read. */
  readonly sql: string;
  readonly windowSeconds?: number;
  readonly truncated?: boolean;
}

/**
 * Collects one data source. A probe runs once per run and target for equal parameters, however many agents ask.
 * It throws ProbeError for a statement that failed; the collector turns missing rights and timeouts into Blindness.
 */
export interface Probe<Params, Data> {
  readonly name: string;
  /** Global privileges without which it would see nothing or only a part. */
  readonly needs: readonly Privilege[];
  /** A reason known before looking: the feature is off, the server is too old. */
  readonly blocked?: (facts: ServerFacts, target: Target) => Blindness | undefined;
  collect(source: ProbeSource, params: Params): Promise<Collected<Data> | Blindness>;
}

/** A probe that is one statement whose column aliases are the names that judgements read. */
export function sqlProbe<Record extends z.ZodType, Params = void>(definition: {
  readonly name: string;
  readonly needs: readonly Privilege[];
  readonly blocked?: Probe<Params, unknown>['blocked'];
  readonly sql: string | ((params: Params, facts: ServerFacts) => string);
  /** Schema of one row; a row that does not fit is an error of ours and rejects. */
  readonly row: Record;
  readonly maxRows?: number;
}): Probe<Params, readonly z.output<Record>[]> {
  return {
    name: definition.name,
    needs: definition.needs,
    ...(definition.blocked ? { blocked: definition.blocked } : {}),
    async collect(source, params) {
      const sql = typeof definition.sql === 'string' ? definition.sql : definition.sql(params, source.facts);
      const { rows, truncated } = await source.query(
        sql,
        definition.maxRows === undefined ? {} : { maxRows: definition.maxRows },
      );
      return { data: rows.map((row) => definition.row.parse(row)), rows, sql, truncated };
    },
  };
}

/** The same probe, looking after a pause: what is still there then was no passing moment. */
export function lookAgain<Params, Data>(probe: Probe<Params, Data>, afterSeconds: number): Probe<Params, Data> {
  return {
    ...probe,
    name: `${probe.name}-again`,
    async collect(source, params) {
      await source.wait(afterSeconds);
      return probe.collect(source, params);
    },
  };
}

export function isBlind(outcome: object): outcome is Blindness {
  return 'fix' in outcome;
}

/** The data of a reading, or `fallback` where the probe was blind. */
export function dataOf<Data>(reading: Reading<Data>, fallback: Data): Data {
  return reading.status === 'read' ? reading.data : fallback;
}

/** The ids of the evidence behind some readings; a blind one has none. */
export function evidenceOf(...readings: readonly Reading<unknown>[]): string[] {
  return readings.flatMap((reading) => (reading.status === 'read' ? [reading.evidence.id] : []));
}

/** The statement that gives our account a right. */
export function grantFor(privilege: Privilege, target: Target): string {
  return `GRANT ${privilege} ON *.* TO '${target.user.replaceAll("'", "''")}'@'…'`;
}
