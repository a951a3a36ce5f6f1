import { z } from 'zod';
import type { Finding } from '../report/finding.ts';
import type { Report } from '../report/report.ts';
import type { Kind } from '../store/store.ts';

/** What the watch knows of a target from its looks so far. */
export type WatchState = z.infer<typeof watchState>;
const watchState = z.object({
  nextAtMs: z.number(),
  /** Whose look it is; changes with each, so that of several processes one makes it. */
  look: z.string(),
  /** The last verdict that was sure, and when it was first so. */
  verdict: z.enum(['healthy', 'degraded', 'critical']).exactOptional(),
  atMs: z.number().exactOptional(),
  /** A healthy target looked ill once; the next look tells whether it is. */
  suspectedAtMs: z.number().exactOptional(),
  /** When what was last told, by reason and finding. */
  told: z.record(z.string(), z.number()),
});

/** Under the target's name. */
export const watchKind: Kind<WatchState> = { name: 'watch', schema: watchState, keepDays: 90 };

/** Why something is said that nobody asked for. */
export interface Reason {
  /** What is not said again for a while. */
  readonly key: string;
  readonly sentence: string;
}

const dayMs = 86_400_000;
/** The same trouble, turned to again, is news after a day; what comes again and again, and a forecast, after a week. */
const quietMs: Readonly<Record<Kinds, number>> = { turned: dayMs, again: 7 * dayMs, forecast: 7 * dayMs };
type Kinds = 'turned' | 'again' | 'forecast';
/** As often within a week a finding is a habit of the server and not an accident. */
const oftenTimes = 3;

/** Findings that say what will happen. */
const forecasts: ReadonlySet<string> = new Set(['capacity.disk_full_forecast', 'repl.retention_risk']);

export interface Judged {
  readonly state: WatchState;
  readonly reasons: readonly Reason[];
  /** Whether the next look comes soon, to be sure of this one. */
  readonly isSuspect: boolean;
}

/**
 * What a look at a target gives reason to say: a healthy one that turned ill, seen twice; its root finding for the third time
 * within a week; a forecast that crossed its line. `times` are the occurrences of the root finding within a week.
 */
export function judgeLook(
  before: WatchState,
  report: Report,
  root: Finding | undefined,
  times: readonly number[],
  nowMs: number,
): Judged {
  const { target, verdict, findings } = report;
  if (verdict === 'unknown') return { state: before, reasons: [], isSuspect: false };
  const { suspectedAtMs, ...known } = before;
  const isIll = verdict !== 'healthy';
  const isSuspect = isIll && before.verdict === 'healthy' && suspectedAtMs === undefined;
  const found: (Reason & { readonly kind: Kinds })[] = [];
  const isTurned = isIll && before.verdict === 'healthy' && !isSuspect;
  if (isTurned && root) {
    const since = before.atMs === undefined ? '' : ` (healthy in every look of the watch since ${clock(before.atMs)})`;
    found.push({
      kind: 'turned',
      key: `turned ${root.code}`,
      sentence: `${target} turned ${verdict}${since}: ${root.title}`,
    });
  }
  if (root && !isSuspect && times.length >= oftenTimes) {
    const sentence = `${times.length} times within a week on ${target}: ${root.title}`;
    found.push({ kind: 'again', key: `again ${root.code}`, sentence });
  }
  for (const { code, subject, title, severity } of findings) {
    if (!forecasts.has(code) || severity === 'info') continue;
    found.push({
      kind: 'forecast',
      key: `forecast ${code} ${subject} ${severity}`,
      sentence: `Ahead on ${target}: ${title}`,
    });
  }
  const news = found.filter(({ kind, key }) => nowMs - (known.told[key] ?? -Infinity) >= quietMs[kind]);
  const recent = Object.entries(known.told).filter(([, atMs]) => nowMs - atMs < 7 * dayMs);
  const told = { ...Object.fromEntries(recent), ...Object.fromEntries(news.map(({ key }) => [key, nowMs])) };
  if (isSuspect) return { state: { ...known, told, suspectedAtMs: nowMs }, reasons: news, isSuspect };
  const sure = known.verdict === verdict && known.atMs !== undefined ? {} : { verdict, atMs: nowMs };
  return { state: { ...known, ...sure, told }, reasons: news, isSuspect };
}

function clock(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
