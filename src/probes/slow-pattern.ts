/** Executions of one statement shape in a window, whatever source counted them. */
export interface SlowPattern {
  /** Stable id of the fingerprint. */
  readonly id: string;
  readonly fingerprint: string;
  readonly count: number;
  readonly totalSeconds: number;
  readonly lockSeconds: number;
  /** undefined where the source has no single times. */
  readonly p95Seconds: number | undefined;
  readonly maxSeconds: number | undefined;
  readonly rowsExamined: number;
  readonly rowsSent: number;
  readonly tmpDiskTables: number;
  readonly users: readonly string[];
  readonly schema: string;
  /** A whole statement as it ran, with its literals; never shown. undefined where none is kept. */
  readonly sample: string | undefined;
  /** ISO 8601, UTC. */
  readonly firstSeen: string | undefined;
  readonly lastSeen: string | undefined;
}

/** Patterns of a window, most time first. */
export interface SlowPatterns {
  readonly source: 'slow log file' | 'mysql.slow_log' | 'statement digests' | 'history';
  readonly windowSeconds: number;
  readonly patterns: readonly SlowPattern[];
  readonly events: number;
  /** log_slow_rate_limit: one in this many is written. */
  readonly oneIn: number;
}

/** A pattern as evidence: no literal, no sample. */
export function evidenceRow(pattern: SlowPattern) {
  return {
    id: pattern.id,
    fingerprint: pattern.fingerprint.slice(0, 300),
    count: pattern.count,
    totalSeconds: round(pattern.totalSeconds),
    rowsExamined: pattern.rowsExamined,
    rowsSent: pattern.rowsSent,
    lastSeen: pattern.lastSeen ?? null,
  };
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
