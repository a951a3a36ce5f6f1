import type { KnownBlock } from '@slack/types';
import type { FindingChart } from '../../report/finding.ts';
import { shortNumber } from '../../report/units.ts';
import { footnote } from '../posting/blocks.ts';
import { atLeast, clamp, withoutControl } from '../posting/escape.ts';
import { limits } from '../posting/limits.ts';
import type { Modern } from './finding-table.ts';

/** A chart as Slack draws it. The block is newer than the types of its package. */
interface DataVisualization {
  readonly type: 'data_visualization';
  readonly title: string;
  readonly chart: {
    readonly type: FindingChart['kind'];
    readonly axis_config: { readonly categories: readonly string[]; readonly y_label?: string };
    readonly series: readonly { readonly name: string; readonly data: readonly { label: string; value: number }[] }[];
  };
}

export interface ChartBlocks {
  readonly chart: Modern;
  /** The same in words, for whoever cannot see it. */
  readonly twin: KnownBlock;
}

/** What of a chart can be drawn: points with a number for every series, as many as Slack takes; names that differ. */
export function drawable(chart: FindingChart): FindingChart | undefined {
  const series = chart.series.slice(0, limits.chartSeries);
  const whole = chart.points.filter(({ values }) => series.every((_, index) => Number.isFinite(values[index])));
  if (series.length === 0 || whole.length < 2) return undefined;
  const points = thin(whole, chart.kind);
  const labels = unique(points.map(({ label }) => label));
  return {
    kind: chart.kind,
    title: clamp(atLeast(withoutControl(chart.title), 'Chart'), limits.chartTitle),
    unit: clamp(withoutControl(chart.unit), limits.chartLabel),
    series: unique(series),
    points: points.map(({ values }, index) => ({
      label: labels[index] as string,
      values: values.slice(0, series.length),
    })),
  };
}

export function chartBlocks(chart: FindingChart): ChartBlocks | undefined {
  const { kind, title, unit, series, points } = drawable(chart) ?? {};
  if (kind === undefined || title === undefined || !series || !points) return undefined;
  const drawing: DataVisualization = {
    type: 'data_visualization',
    title,
    chart: {
      type: kind,
      axis_config: { categories: points.map(({ label }) => label), ...(unit ? { y_label: unit } : {}) },
      series: series.map((name, index) => ({
        name,
        data: points.map(({ label, values }) => ({ label, value: values[index] as number })),
      })),
    },
  };
  // In words it says the same, so nothing has to stand in for it where Slack refuses it; a picture is attached.
  const block = drawing as unknown as KnownBlock;
  return { chart: { block, plain: [] }, twin: footnote(inWords(chart)) };
}

/** The chart's message in a sentence per series: where it came from, where it stands, its highest point. */
export function inWords(chart: FindingChart): string {
  const { title, unit, series, points, kind } = drawable(chart) ?? chart;
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return title;
  const say = (value: number | undefined) => `${shortNumber(value ?? Number.NaN)}${unit ? ` ${unit}` : ''}`;
  const lines = series.map((name, index) => {
    const ranked = points.toSorted((a, b) => (b.values[index] ?? 0) - (a.values[index] ?? 0));
    if (kind === 'bar') {
      const top = ranked.slice(0, 3).map(({ label, values }) => `${label} ${say(values[index])}`);
      return `${name}: most at ${top.join(', ')}`;
    }
    const most = ranked[0] ?? last;
    const course = `from ${say(first.values[index])} (${first.label}) to ${say(last.values[index])} (${last.label})`;
    return `${name} ${course}, highest ${say(most.values[index])} (${most.label})`;
  });
  return `${title}: ${lines.join('; ')}`;
}

/** A line keeps its ends and every n-th point between; of bars the first are kept. */
function thin(points: FindingChart['points'], kind: FindingChart['kind']): FindingChart['points'] {
  const most = limits.chartPoints;
  if (points.length <= most || kind === 'bar') return points.slice(0, most);
  const step = (points.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => points[Math.round(index * step)] as FindingChart['points'][number]);
}

function unique(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const clean = clamp(atLeast(withoutControl(name), '–'), limits.chartLabel);
    let free = clean;
    for (let number = 2; taken.has(free); number++) free = `${clamp(clean, limits.chartLabel - 4)} ${number}`;
    taken.add(free);
    return free;
  });
}
