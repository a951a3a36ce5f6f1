import { isArray, isObject, numberOf, objectsOf, stringOf, stringsOf } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import { type Html, html, nothing } from './html.ts';

const width = 560;
const height = 230;
const plot = { left: 52, right: 12, top: 12, bottom: 40 };
const innerWidth = width - plot.left - plot.right;
const innerHeight = height - plot.top - plot.bottom;
const colors = ['#1264a3', '#e01e5a', '#2eb67d', '#ecb22e', '#611f69', '#36c5f0'];
const gridLines = 4;

interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

interface Scale {
  x(index: number): number;
  y(value: number): number;
}

function colorOf(index: number): string {
  return colors[index % colors.length] ?? '#1264a3';
}

/** 1,234,567 as 1.2M: axis labels have little room. */
function short(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e9) return `${Math.round(value / 1e8) / 10}G`;
  if (magnitude >= 1e6) return `${Math.round(value / 1e5) / 10}M`;
  if (magnitude >= 1e4) return `${Math.round(value / 100) / 10}k`;
  return String(Math.round(value * 100) / 100);
}

/** The next 1, 2 or 5 times a power of ten above a number, so that grid lines fall on round values. */
function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return ([1, 2, 5].find((step) => step * power >= value) ?? 10) * power;
}

function scaleOf(
  series: readonly Series[],
  count: number,
): { readonly scale: Scale; readonly ticks: readonly number[] } {
  const values = series.flatMap((one) => one.values);
  const lowest = Math.min(0, ...values);
  const highest = Math.max(lowest + 1e-9, ...values);
  const step = roundStep((highest - lowest) / gridLines);
  const bottom = Math.floor(lowest / step) * step;
  const top = Math.max(bottom + step, Math.ceil(highest / step) * step);
  const ticks = Array.from({ length: Math.round((top - bottom) / step) + 1 }, (_, index) => bottom + index * step);
  return {
    ticks,
    scale: {
      x: (index) => plot.left + ((index + 0.5) / Math.max(1, count)) * innerWidth,
      y: (value) => plot.top + innerHeight - ((value - bottom) / (top - bottom)) * innerHeight,
    },
  };
}

function axes(scale: Scale, ticks: readonly number[], categories: readonly string[]): Html {
  const every = Math.ceil(categories.length / 8);
  return html`${ticks.map(
    (
      tick,
    ) => html`<line class="grid" x1="${plot.left}" x2="${width - plot.right}" y1="${scale.y(tick)}" y2="${scale.y(tick)}"/>
<text class="tick" x="${plot.left - 6}" y="${scale.y(tick) + 4}" text-anchor="end">${short(tick)}</text>`,
  )}${categories.map((category, index) =>
    index % every === 0
      ? html`<text class="tick" x="${scale.x(index)}" y="${height - plot.bottom + 16}" text-anchor="middle">${category}</text>`
      : nothing,
  )}`;
}

function bars(series: readonly Series[], scale: Scale, count: number): Html {
  const group = (innerWidth / Math.max(1, count)) * 0.7;
  const each = group / series.length;
  const zero = scale.y(0);
  return html`${series.flatMap((one, place) =>
    one.values.map((value, index) => {
      const top = Math.min(zero, scale.y(value));
      const x = scale.x(index) - group / 2 + place * each;
      return html`<rect x="${x}" y="${top}" width="${Math.max(1, each - 2)}" height="${Math.abs(zero - scale.y(value))}" fill="${colorOf(place)}"><title>${one.name}: ${value}</title></rect>`;
    }),
  )}`;
}

function lines(series: readonly Series[], scale: Scale, isArea: boolean): Html {
  return html`${series.map((one, place) => {
    const points = one.values.map((value, index) => `${scale.x(index)},${scale.y(value)}`).join(' ');
    const last = one.values.length - 1;
    const area = `${scale.x(0)},${scale.y(0)} ${points} ${scale.x(last)},${scale.y(0)}`;
    return html`${isArea ? html`<polygon points="${area}" fill="${colorOf(place)}" opacity="0.2"/>` : nothing}
<polyline points="${points}" fill="none" stroke="${colorOf(place)}" stroke-width="2"/>${one.values.map(
      (value, index) =>
        html`<circle cx="${scale.x(index)}" cy="${scale.y(value)}" r="2.5" fill="${colorOf(place)}"><title>${one.name}: ${value}</title></circle>`,
    )}`;
  })}`;
}

function pie(segments: readonly { readonly label: string; readonly value: number }[]): Html {
  const total = segments.reduce((sum, segment) => sum + Math.max(0, segment.value), 0) || 1;
  const radius = 90;
  let turned = 0;
  const at = (turn: number): string =>
    `${110 + radius * Math.sin(turn * 2 * Math.PI)} ${height / 2 - radius * Math.cos(turn * 2 * Math.PI)}`;
  return html`${segments.map((segment, index) => {
    const share = Math.max(0, segment.value) / total;
    const from = at(turned);
    turned += share;
    // A full circle has equal ends and would draw nothing.
    const to = at(share >= 1 ? turned - 1e-4 : turned);
    const path = `M110 ${height / 2} L${from} A${radius} ${radius} 0 ${share > 0.5 ? 1 : 0} 1 ${to} Z`;
    return html`<path d="${path}" fill="${colorOf(index)}"><title>${segment.label}: ${segment.value}</title></path>
<rect x="240" y="${40 + index * 24}" width="12" height="12" rx="2" fill="${colorOf(index)}"/>
<text class="label" x="260" y="${50 + index * 24}">${segment.label} — ${segment.value} (${Math.round(share * 100)} %)</text>`;
  })}`;
}

function seriesOf(chart: JsonObject, categories: readonly string[]): readonly Series[] {
  return objectsOf(chart['series']).map((series) => {
    const data = new Map(objectsOf(series['data']).map((point) => [point['label'], numberOf(point['value']) ?? 0]));
    return { name: stringOf(series['name']) ?? '', values: categories.map((category) => data.get(category) ?? 0) };
  });
}

function legend(series: readonly Series[]): Html {
  if (series.length < 2) return nothing;
  return html`<div class="legend">${series.map(
    (one, index) => html`<span><i style="background:${colorOf(index)}"></i>${one.name}</span>`,
  )}</div>`;
}

/** A `data_visualization` block as inline SVG under its title. */
export function chartHtml(block: JsonObject): Html {
  const chart = isObject(block['chart']) ? block['chart'] : {};
  const title = stringOf(block['title']) ?? '';
  const label = `${String(chart['type'])} chart: ${title}`;
  if (isArray(chart['segments'])) {
    const segments = objectsOf(chart['segments']).map((segment) => ({
      label: stringOf(segment['label']) ?? '',
      value: numberOf(segment['value']) ?? 0,
    }));
    return html`<figure class="chart"><figcaption>${title}</figcaption><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${pie(segments)}</svg></figure>`;
  }
  const axisConfig = isObject(chart['axis_config']) ? chart['axis_config'] : {};
  const categories = stringsOf(axisConfig['categories']);
  const series = seriesOf(chart, categories);
  const { scale, ticks } = scaleOf(series, categories.length);
  const drawn =
    chart['type'] === 'bar' ? bars(series, scale, categories.length) : lines(series, scale, chart['type'] === 'area');
  const xLabel = stringOf(axisConfig['x_label']);
  const yLabel = stringOf(axisConfig['y_label']);
  return html`<figure class="chart"><figcaption>${title}</figcaption>${yLabel === undefined ? nothing : html`<small>${yLabel}</small>`}
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${axes(scale, ticks, categories)}${drawn}${
    xLabel === undefined
      ? nothing
      : html`<text class="tick" x="${plot.left + innerWidth / 2}" y="${height - 6}" text-anchor="middle">${xLabel}</text>`
  }</svg>${legend(series)}</figure>`;
}
