import type { Thresholds } from '../agents/thresholds.ts';
import type { CounterName, GaugeName } from '../history/counter-names.ts';
import type { PastSample } from '../history/history.ts';
import { gauges, growth } from '../history/series.ts';
import { median, spread } from '../history/statistics.ts';
import { round } from '../probes/counters.ts';
import type { PastHours } from '../probes/past.ts';
import type { FindingDraft } from '../report/finding.ts';
import { durationInWords } from '../report/units.ts';

export interface UsualView {
  readonly target: string;
  readonly past: PastHours;
  readonly hours: number;
  readonly thresholds: Thresholds;
  readonly evidence: readonly string[];
}

/** What people look at to see whether a server behaves as it does at this time of the week. */
type Measure = {
  readonly words: string;
  /** Below this both before and now, a change is noise. */
  readonly least: number;
} & (
  | { readonly counter: CounterName; readonly gauge?: undefined }
  | { readonly gauge: GaugeName; readonly counter?: undefined }
);

const measures: readonly Measure[] = [
  { words: 'queries a second', counter: 'Questions', least: 5 },
  { words: 'slow queries a second', counter: 'Slow_queries', least: 0.02 },
  { words: 'commits a second', counter: 'Com_commit', least: 1 },
  { words: 'rollbacks a second', counter: 'Com_rollback', least: 0.2 },
  { words: 'deadlocks a second', counter: 'Innodb_deadlocks', least: 0.01 },
  { words: 'row lock waits a second', counter: 'Innodb_row_lock_waits', least: 0.2 },
  { words: 'new connections a second', counter: 'Connections', least: 1 },
  { words: 'failed connects a second', counter: 'Aborted_connects', least: 0.05 },
  { words: 'refused logins a second', counter: 'Access_denied_errors', least: 0.05 },
  { words: 'lost clients a second', counter: 'Aborted_clients', least: 0.05 },
  { words: 'rows read in scans a second', counter: 'Handler_read_rnd_next', least: 10_000 },
  { words: 'pages from disk a second', counter: 'Innodb_pages_read', least: 100 },
  { words: 'open connections', gauge: 'Threads_connected', least: 10 },
  { words: 'running threads', gauge: 'Threads_running', least: 4 },
];

/** What the present hours are compared with. */
interface Yardstick {
  readonly by: 'week' | 'day' | 'before';
  readonly windows: readonly (readonly PastSample[])[];
  readonly words: string;
}

/** The same hours of former weeks where there are enough of them, else of former days, else the time just before. */
function yardstickFor({ weeks, days, before }: PastHours, hours: number, thresholds: Thresholds): Yardstick {
  const enough = thresholds.baselineHours;
  if (weeks.length >= enough)
    return { by: 'week', windows: weeks, words: `the same hours of ${weeks.length} former weeks` };
  if (days.length >= enough) return { by: 'day', windows: days, words: `the same hours of ${days.length} former days` };
  return { by: 'before', windows: [before], words: `the ${durationInWords(hours * 3_600)} before` };
}

interface Difference {
  readonly words: string;
  readonly now: number;
  readonly usual: number;
  readonly spread: number | undefined;
}

/**
 * What is not as usual: rates and gauges that left their median by a factor and by several robust deviations. It is
 * information only: more traffic than usual is no fault.
 */
export function judgeUsual(view: UsualView): FindingDraft[] {
  const { target, past, hours, thresholds } = view;
  const yardstick = yardstickFor(past, hours, thresholds);
  const unusual = measures.flatMap((measure) => differenceOf(measure, past, yardstick, thresholds) ?? []);
  const [first] = unusual.toSorted((a, b) => farness(b) - farness(a));
  if (!first) return [];
  const spreadWords = first.spread === undefined ? '' : ` (deviation ${round(first.spread)})`;
  return [
    {
      code: 'trend.unusual',
      severity: 'info',
      subject: target,
      title: `${round(first.now)} ${first.words}, usual are ${round(first.usual)}`,
      summary:
        `In the last ${durationInWords(hours * 3_600)} there were ${round(first.now)} ${first.words}; in ` +
        `${yardstick.words} ${round(first.usual)}${spreadWords}. ${unusual.length} of ${measures.length} rates differ.`,
      confidence: yardstick.by === 'before' ? 'possible' : 'likely',
      facts: {
        measure: first.words,
        now: round(first.now),
        usual: round(first.usual),
        deviation: first.spread === undefined ? null : round(first.spread),
        differing: unusual.length,
        compared: measures.length,
        windowSeconds: Math.round(hours * 3_600),
        comparedWith: yardstick.words,
        comparedWindows: yardstick.windows.length,
      },
      evidence: view.evidence,
      thresholds: ['unusualFactor', 'unusualSpreads', 'baselineHours'],
      recommendations: [],
      table: {
        caption: `Now and in ${yardstick.words}`,
        columns: ['rate', 'now', 'usual'],
        rows: unusual.map(({ words, now, usual }) => [words, round(now), round(usual)]),
      },
    },
  ];
}

/** "as usual …" for the line of measured facts. */
export function usualInWords(view: UsualView, findings: readonly FindingDraft[]): string {
  const { words } = yardstickFor(view.past, view.hours, view.thresholds);
  return findings.length === 0 ? `rates as in ${words}` : `rates unlike ${words}`;
}

function differenceOf(
  measure: Measure,
  past: PastHours,
  yardstick: Yardstick,
  thresholds: Thresholds,
): Difference | undefined {
  const now = levelOf(measure, past.now);
  const former = yardstick.windows.flatMap((window) => levelOf(measure, window) ?? []);
  if (now === undefined || former.length < (yardstick.by === 'before' ? 1 : thresholds.baselineHours)) return undefined;
  const usual = median(former);
  const deviation = former.length > 2 ? spread(former) : undefined;
  const { unusualFactor: factor, unusualSpreads: spreads } = thresholds;
  const isFar = now >= factor * usual || now * factor <= usual;
  const isOut = deviation === undefined || Math.abs(now - usual) > spreads * deviation;
  const matters = Math.max(now, usual) >= measure.least;
  return isFar && isOut && matters ? { words: measure.words, now, usual, spread: deviation } : undefined;
}

function levelOf(measure: Measure, samples: readonly PastSample[]): number | undefined {
  if (measure.gauge !== undefined) {
    const values = gauges(samples, measure.gauge).map(({ value }) => value);
    return values.length === 0 ? undefined : median(values);
  }
  const { count, seconds } = growth(samples, measure.counter);
  // The sampler's own looks are statements too, a handful a minute; `least` is above them.
  return seconds === 0 ? undefined : count / seconds;
}

function farness({ now, usual }: Difference): number {
  return Math.abs(Math.log((now + 1e-3) / (usual + 1e-3)));
}
