/** A cell as it goes into JSON. BigInt, dates and buffers are converted where they are read. */
export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

/** What a probe saw: enough to repeat it and to check every number of a report against it. */
export interface Evidence {
  /** `e1`, `e2` …, unique within a run. */
  readonly id: string;
  readonly probe: string;
  readonly target: string;
  /** The statement as it was sent, or, for a file, what was read: `read error.log, last 5000 lines`. */
  readonly sql: string;
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  readonly durationMs: number;
  /** 0 for a look at one moment; otherwise the seconds between the two samples that the rates are made of. */
  readonly windowSeconds: number;
  /** True where a cap on rows or bytes cut something off. */
  readonly truncated: boolean;
  /** Literals and comments that were masked in the rows. */
  readonly masked?: number;
  /** Without literals, comments and secrets. */
  readonly rows: readonly Row[];
}
