import type { PastSample } from '../history/history.ts';
import { gauges, lags } from '../history/series.ts';
import { median, type Point } from '../history/statistics.ts';
import { round } from '../probes/counters.ts';
import type { FindingChart, FindingDraft } from '../report/finding.ts';
import { durationInWords, momentInWords } from '../report/units.ts';

export interface TrendView {
  readonly target: string;
  readonly samples: readonly PastSample[];
  readonly nowMs: number;
  readonly evidence: readonly string[];
}

/** As many as a chart in Slack shows. */
const chartPoints = 20;

/** How many sessions were open and worked over the last hours, as a chart: information. */
export function trendOfConnections(view: TrendView): FindingDraft[] {
  const open = gauges(view.samples, 'Threads_connected', true);
  const running = gauges(view.samples, 'Threads_running', true);
  const top = highest(open);
  if (open.length < 2 || !top) return [];
  const middle = median(gauges(view.samples, 'Threads_connected').map(({ value }) => value));
  const seconds = spanSeconds(open);
  return [
    {
      code: 'trend.connections',
      severity: 'info',
      subject: view.target,
      title: `Open connections over ${durationInWords(seconds)}: ${round(middle)} as a rule, ${top.value} at most`,
      summary: `The most were open at ${momentInWords(top.atMs, view.nowMs)}; at most ${highest(running)?.value ?? 0} worked at once.`,
      confidence: 'certain',
      facts: {
        medianConnections: round(middle),
        highestConnections: top.value,
        highestRunning: highest(running)?.value ?? 0,
        highestAt: new Date(top.atMs).toISOString(),
        historySeconds: Math.round(seconds),
      },
      evidence: view.evidence,
      recommendations: [],
      chart: chartOf('Connections', 'sessions', ['open', 'running'], [open, running], seconds),
    },
  ];
}

/** How far behind a channel of this replica was over the last hours: information. Subject: the channel's own. */
export function trendOfLag(view: TrendView, channel: string, subject: string): FindingDraft[] {
  const lag = lags(view.samples, channel);
  const top = highest(lag);
  if (lag.length < 2 || !top || top.value === 0) return [];
  const seconds = spanSeconds(lag);
  const middle = median(lag.map(({ value }) => value));
  return [
    {
      code: 'trend.lag',
      severity: 'info',
      subject,
      title: `Lag over ${durationInWords(seconds)}: ${round(middle)} s as a rule, ${top.value} s at most`,
      summary: `It was longest at ${momentInWords(top.atMs, view.nowMs)}.`,
      confidence: 'certain',
      facts: {
        medianLagSeconds: round(middle),
        highestLagSeconds: top.value,
        highestAt: new Date(top.atMs).toISOString(),
        historySeconds: Math.round(seconds),
      },
      evidence: view.evidence,
      recommendations: [],
      chart: chartOf('Seconds behind', 's', ['lag'], [lag], seconds),
    },
  ];
}

/** The highest value of each stretch of time, so that a peak is not lost between two points. */
function chartOf(
  title: string,
  unit: string,
  series: readonly string[],
  values: readonly (readonly Point[])[],
  seconds: number,
): FindingChart {
  const [times = []] = values;
  const size = Math.ceil(times.length / chartPoints);
  const label = (ms: number) =>
    seconds > 86_400
      ? new Date(ms).toISOString().slice(5, 16).replace('T', ' ')
      : new Date(ms).toISOString().slice(11, 16);
  const stretches = times.flatMap((_, at) => (at % size === 0 ? [at] : []));
  return {
    kind: 'line',
    title,
    unit,
    series,
    points: stretches.map((at) => ({
      label: label((times[at] as Point).atMs),
      values: values.map((points) => Math.max(...points.slice(at, at + size).map(({ value }) => value))),
    })),
  };
}

function highest(points: readonly Point[]): Point | undefined {
  return points.reduce<Point | undefined>((top, point) => (!top || point.value > top.value ? point : top), undefined);
}

function spanSeconds(points: readonly Point[]): number {
  const [first, last] = [points[0], points.at(-1)];
  return first && last ? (last.atMs - first.atMs) / 1_000 : 0;
}
