const severities = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** certain: observed; likely: inferred, because the instrument that would show it is off; possible: one of several explanations. */
export type Confidence = 'certain' | 'likely' | 'possible';

/** safe: at once, reversible; needs_staging: try elsewhere first; disruptive: somebody notices; destructive: data or redundancy is at stake. */
export type Risk = 'safe' | 'needs_staging' | 'disruptive' | 'destructive';

/** What the `sql` of a recommendation ends, so that a button can do it after an approval, and only to the very same session. */
export interface Kill {
  readonly kind: 'query' | 'connection';
  readonly thread: number;
  /** What the session ran when it was seen, or ran last; another one means that it went on. */
  readonly queryId: number;
  readonly user: string;
  readonly host: string;
  /** How long it had run, or been idle. */
  readonly seconds: number;
}

/** One thing to do. `sql` can be copied as it stands; `rollback` is the way back, or why there is none. */
export interface Recommendation {
  readonly action: string;
  readonly sql?: string;
  readonly risk: Risk;
  readonly rollback?: string;
  readonly kill?: Kill;
}

/** Facts are measured values; the unit stands in the name: `waitedSeconds`, `sizeBytes`, `usedPercent`. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>;

/** A small table for Details; every cell is already worded for people. */
export interface FindingTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Numbers worth a chart. `points` hold the label of the x axis and one value per series. */
export interface FindingChart {
  readonly kind: 'line' | 'bar';
  readonly title: string;
  readonly unit: string;
  readonly series: readonly string[];
  readonly points: readonly { readonly label: string; readonly values: readonly number[] }[];
}

/**
 * A judged fact before it has its place in a report.
 * `code` and `subject` are stable names that other programs read; findings of equal code, target and subject are one.
 */
export interface FindingDraft {
  readonly code: string;
  readonly severity: Severity;
  /** What it is about: `thread 8412`, `shop.orders`, `app@10.2.3.4`, a variable, a fingerprint id, or the target. */
  readonly subject: string;
  /** Half a line, without the subject's details: "Idle transaction holds row locks". */
  readonly title: string;
  /** One or two sentences with the numbers. */
  readonly summary: string;
  readonly confidence: Confidence;
  readonly facts: Facts;
  /** Ids of the evidence that proves it. */
  readonly evidence: readonly string[];
  readonly recommendations: readonly Recommendation[];
  /** Ranks findings of equal severity: larger is worse. A rough count of sessions, statements or objects that suffer. */
  readonly impact?: number;
  /** Names of the thresholds (see agents/thresholds.ts) that decided it. */
  readonly thresholds?: readonly string[];
  /** Monospace lines, for instance who waits for whom. */
  readonly picture?: readonly string[];
  readonly table?: FindingTable;
  readonly chart?: FindingChart;
}

export interface Finding extends FindingDraft {
  /** `f1`, `f2` …, in report order. */
  readonly id: string;
  readonly agent: string;
  readonly target: string;
  /** Ids of the findings that cause this one; empty for a root cause and for what stands alone. */
  readonly causedBy: readonly string[];
}
