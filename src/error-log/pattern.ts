import type { LogEntry, LogSeverity } from './entry.ts';
import { kindOf, type LogKind } from './kind.ts';
import { patternOf } from './wording.ts';

/** Messages that differ only in names, numbers and addresses. */
export interface LogPattern {
  /** The message with `?` for what is quoted and `N` for numbers. */
  readonly pattern: string;
  readonly severity: LogSeverity;
  readonly kind: LogKind;
  readonly count: number;
  readonly firstAtMs: number | undefined;
  readonly lastAtMs: number | undefined;
  /** The latest message of the pattern, unchanged: written by the server, its clients and its statements. */
  readonly sample: string;
}

const rank: Readonly<Record<LogSeverity, number>> = { error: 0, warning: 1, note: 2 };

/** Groups entries by pattern: errors first, then warnings, then notes; within one severity the most frequent first. */
export function groupByPattern(entries: readonly LogEntry[]): LogPattern[] {
  const groups = new Map<string, LogPattern>();
  for (const entry of entries) {
    const { severity, message, atMs } = entry;
    const pattern = patternOf(message);
    const key = `${severity} ${pattern}`;
    const before = groups.get(key);
    groups.set(key, {
      pattern,
      severity,
      kind: before?.kind ?? kindOf(entry),
      count: (before?.count ?? 0) + 1,
      firstAtMs: before?.firstAtMs ?? atMs,
      lastAtMs: atMs ?? before?.lastAtMs,
      sample: message,
    });
  }
  return [...groups.values()].sort((a, b) => rank[a.severity] - rank[b.severity] || b.count - a.count);
}
