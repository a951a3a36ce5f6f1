import type { Thresholds } from '../agents/thresholds.ts';
import type { SlowPattern, SlowPatterns } from '../probes/slow-pattern.ts';
import type { PlanStep } from '../probes/statement-plan.ts';
import type { TableKeys } from '../probes/table-keys.ts';
import { tablesIn } from './statement-tables.ts';

/** A pattern with what was looked up for it. */
export interface StudiedPattern {
  readonly pattern: SlowPattern;
  readonly plan: readonly PlanStep[] | undefined;
}

export interface SlowView {
  readonly target: string;
  readonly slow: SlowPatterns;
  readonly studied: readonly StudiedPattern[];
  readonly keys: readonly TableKeys[];
  readonly thresholds: Thresholds;
  readonly evidence: readonly string[];
  /** Where the window begins, ms since 1970; needed where the past is compared. */
  readonly fromMs?: number;
}

/** Text of a pattern to read columns from: the whole statement where one is kept, else its fingerprint. */
export function textOf(pattern: SlowPattern): string {
  return pattern.sample ?? pattern.fingerprint;
}

export function tablesOf(pattern: SlowPattern): string[] {
  return tablesIn(textOf(pattern), pattern.schema === '' ? null : pattern.schema).filter((table) =>
    table.includes('.'),
  );
}

export function factsOf(pattern: SlowPattern, view: SlowView) {
  const { oneIn, windowSeconds, source } = view.slow;
  return {
    fingerprint: pattern.fingerprint.slice(0, 200),
    count: pattern.count,
    totalSeconds: rounded(pattern.totalSeconds),
    meanSeconds: rounded(pattern.totalSeconds / pattern.count),
    p95Seconds: pattern.p95Seconds === undefined ? null : rounded(pattern.p95Seconds),
    maxSeconds: pattern.maxSeconds === undefined ? null : rounded(pattern.maxSeconds),
    rowsExamined: pattern.rowsExamined,
    rowsSent: pattern.rowsSent,
    rowsExaminedPerExecution: Math.round(pattern.rowsExamined / pattern.count),
    rowsExaminedPerSent: Math.round(pattern.rowsExamined / Math.max(1, pattern.rowsSent)),
    lockSharePercent: Math.round((100 * pattern.lockSeconds) / Math.max(pattern.totalSeconds, 1e-9)),
    users: pattern.users.join(', '),
    mainTable: tablesOf(pattern)[0] ?? null,
    writes: /^(update|delete|insert|replace|load)\b/i.test(pattern.fingerprint),
    source,
    windowHours: rounded(windowSeconds / 3_600),
    oneIn,
  };
}

export function common(pattern: SlowPattern, view: SlowView) {
  return { subject: pattern.id, evidence: view.evidence, impact: pattern.totalSeconds };
}

/** A pattern that keeps a noticeable part of the window busy; one long report in an hour does not. */
export function hurts(pattern: SlowPattern, view: SlowView): boolean {
  return (
    pattern.count >= view.thresholds.scanExecutions &&
    (100 * pattern.totalSeconds) / view.slow.windowSeconds >= view.thresholds.slowSharePercent
  );
}

export function isScan({ type, rows }: PlanStep): boolean {
  return (type === 'ALL' || type === 'index') && rows > 100;
}

export function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
