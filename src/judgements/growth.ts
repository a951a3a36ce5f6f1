import type { Thresholds } from '../agents/thresholds.ts';
import { type Point, thin } from '../history/statistics.ts';
import type { PastSizes } from '../probes/past.ts';
import type { Volume } from '../probes/volumes.ts';
import type { FindingChart, FindingDraft, Severity } from '../report/finding.ts';
import { durationInWords, shortNumber, sizeInWords } from '../report/units.ts';
import { type Forecast, forecastFull, type Growth, growthPerDay } from './forecast.ts';

export interface GrowthView {
  readonly target: string;
  readonly past: PastSizes;
  /** As they are now. */
  readonly volumes: readonly Volume[];
  /** How far ahead the question looks. */
  readonly days: number;
  readonly nowMs: number;
  readonly thresholds: Thresholds;
  readonly evidence: readonly string[];
}

const dayMs = 86_400_000;

/** When volumes run full, and what grows. Subject: the volume's directory, or the target. */
export function judgeGrowth(view: GrowthView): FindingDraft[] {
  return [...view.volumes.flatMap((volume) => judgeForecast(volume, view)), ...listGrowth(view)];
}

function judgeForecast(volume: Volume, view: GrowthView): FindingDraft[] {
  const { thresholds, nowMs } = view;
  const used = usedOf(volume, view);
  const limits = { minimumHours: thresholds.forecastMinimumHours, reach: thresholds.forecastReach };
  const forecast = forecastFull(used, volume.freeBytes, nowMs, limits);
  if (!forecast || forecast.days > Math.max(view.days, thresholds.diskForecastDays)) return [];
  const severity = severityOf(forecast, thresholds);
  const pace = sizeInWords(forecast.bytesPerDay);
  return [
    {
      code: 'capacity.disk_full_forecast',
      severity,
      subject: volume.path,
      title: `Full in ${daysInWords(forecast.days)} at this pace`,
      summary:
        `It fills by ${pace} a day and has ${sizeInWords(volume.freeBytes)} left: full in ${daysInWords(forecast.days)}, ` +
        `${intervalInWords(forecast)} with 95 % confidence, ` +
        `by ${durationInWords(forecast.historyHours * 3_600)} of history. It holds ${volume.holds.join(', ')}.`,
      confidence: 'likely',
      facts: {
        path: volume.path,
        secondsUntilFull: Math.round(forecast.days * 86_400),
        soonestSeconds: Math.round(forecast.soonestDays * 86_400),
        latestSeconds: Math.round(forecast.latestDays * 86_400),
        daysUntilFull: Number(forecast.days.toFixed(2)),
        soonestDays: Number(forecast.soonestDays.toFixed(2)),
        latestDays: Number(forecast.latestDays.toFixed(2)),
        growthPerDayBytes: Math.round(forecast.bytesPerDay),
        freeBytes: volume.freeBytes,
        sizeBytes: volume.sizeBytes,
        historySeconds: Math.round(forecast.historyHours * 3_600),
        confidencePercent: 95,
      },
      evidence: view.evidence,
      impact: severity === 'critical' ? 50 : 15,
      thresholds: ['diskForecastDays', 'diskForecastCriticalDays', 'forecastMinimumHours', 'forecastReach'],
      recommendations: [
        {
          action: `See what grows: du -xh --max-depth=2 ${volume.path}, and the fastest tables of capacity.growth`,
          risk: 'safe',
          rollback: 'nothing changes',
        },
        { action: 'Grow the volume before then', risk: 'needs_staging', rollback: 'none needed' },
      ],
      chart: forecastChart(volume, used, forecast, nowMs),
    },
  ];
}

function severityOf(forecast: Forecast, thresholds: Thresholds): Severity {
  if (forecast.days <= thresholds.diskForecastCriticalDays) return 'critical';
  return forecast.days <= thresholds.diskForecastDays ? 'warning' : 'info';
}

/** Use of the volume as it was sampled, and now. */
function usedOf({ path, sizeBytes, freeBytes }: Volume, { past, nowMs }: GrowthView): Point[] {
  const points = past.samples.flatMap(({ atMs, volumes }) => {
    const volume = volumes?.[path];
    // A volume that was grown or exchanged has another size, and its use tells nothing of this one.
    return volume && volume[1] === sizeBytes ? [{ atMs, value: volume[0] }] : [];
  });
  return [...points, { atMs: nowMs, value: sizeBytes - freeBytes }];
}

/** Half of it is the past, half is what the forecast says, up to the day when the volume is full. */
function forecastChart(volume: Volume, used: readonly Point[], forecast: Forecast, nowMs: number): FindingChart {
  const gibibytes = (bytes: number) => Number((bytes / 1_024 ** 3).toPrecision(4));
  const whole = gibibytes(volume.sizeBytes);
  const past = thin(used, 12).map(({ atMs, value }) => ({
    label: momentLabel(atMs, forecast),
    values: [gibibytes(value), whole],
  }));
  const ahead = [0.25, 0.5, 0.75, 1].map((share) => ({
    label: `${momentLabel(nowMs + share * forecast.days * dayMs, forecast)} (forecast)`,
    values: [gibibytes(volume.sizeBytes - volume.freeBytes * (1 - share)), whole],
  }));
  return {
    kind: 'line',
    title: 'Disk use and forecast',
    unit: 'GiB',
    series: ['used', 'size'],
    points: [...past, ...ahead],
  };
}

function momentLabel(ms: number, { historyHours, days }: Forecast): string {
  const text = new Date(ms).toISOString();
  return historyHours + 24 * days > 72 ? text.slice(5, 10) : text.slice(5, 16).replace('T', ' ');
}

/** Growth of all tables together and the tables that grow fastest: information. */
function listGrowth(view: GrowthView): FindingDraft[] {
  const { sizes } = view.past;
  const [first, last] = [sizes[0], sizes.at(-1)];
  const total = growthPerDay(sizes.map(({ atMs, value }) => ({ atMs, value: value.totalBytes })));
  const hours = first && last ? (last.atMs - first.atMs) / 3_600_000 : 0;
  if (!total || !last || hours < view.thresholds.forecastMinimumHours * 0.95) return [];
  const tables = tablesByGrowth(view);
  const [fastest] = tables;
  return [
    {
      code: 'capacity.growth',
      severity: 'info',
      subject: view.target,
      title: total.slopePerDay > 0 ? `Grows by ${sizeInWords(total.slopePerDay)} a day` : 'The tables do not grow',
      summary:
        `All tables together ${inWords(total)} by ${durationInWords(hours * 3_600)} of history, from ` +
        `${sizeInWords(first?.value.totalBytes ?? 0)} to ${sizeInWords(last.value.totalBytes)}.` +
        (fastest ? ` The fastest is ${fastest.table} with ${sizeInWords(fastest.growth.slopePerDay)} a day.` : ''),
      confidence: 'certain',
      facts: {
        growthPerDayBytes: Math.round(total.slopePerDay),
        lowPerDayBytes: Math.round(total.lowPerDay),
        highPerDayBytes: Math.round(total.highPerDay),
        fromBytes: first?.value.totalBytes ?? 0,
        toBytes: last.value.totalBytes,
        historySeconds: Math.round(hours * 3_600),
        fastestTable: fastest?.table ?? null,
        fastestPerDayBytes: fastest ? Math.round(fastest.growth.slopePerDay) : null,
        confidencePercent: 95,
      },
      evidence: view.evidence,
      thresholds: ['forecastMinimumHours'],
      recommendations: [],
      ...(tables.length > 0
        ? {
            table: {
              caption: 'Fastest growing tables; the interval holds with 95 % confidence',
              columns: ['table', 'size', 'a day', 'interval'],
              rows: tables
                .slice(0, 10)
                .map(({ table, bytes, growth }) => [
                  table,
                  sizeInWords(bytes),
                  sizeInWords(growth.slopePerDay),
                  interval(growth),
                ]),
            },
          }
        : {}),
    },
  ];
}

function tablesByGrowth({ past: { sizes } }: GrowthView) {
  const points = new Map<string, Point[]>();
  for (const { atMs, value } of sizes)
    for (const [table, bytes] of value.largest)
      points.set(table, [...(points.get(table) ?? []), { atMs, value: bytes }]);
  return [...points]
    .flatMap(([table, past]) => {
      const growth = growthPerDay(past);
      return growth && growth.slopePerDay >= 1 ? [{ table, growth, bytes: past.at(-1)?.value ?? 0 }] : [];
    })
    .toSorted((a, b) => b.growth.slopePerDay - a.growth.slopePerDay);
}

function inWords(growth: Growth): string {
  if (growth.slopePerDay < 1) return 'stay as large as they are';
  return `grow by ${sizeInWords(growth.slopePerDay)} a day (${interval(growth)} with 95 % confidence)`;
}

function interval({ lowPerDay, highPerDay }: Growth): string {
  return `${sizeInWords(lowPerDay)} to ${sizeInWords(highPerDay)}`;
}

function intervalInWords({ soonestDays, latestDays }: Forecast): string {
  const [soonest, latest] = [daysInWords(soonestDays), daysInWords(latestDays)];
  return soonest === latest ? 'hardly sooner or later' : `in ${soonest} to ${latest}`;
}

/** Days from two on, hours below. */
function daysInWords(days: number): string {
  if (days >= 2) return `${shortNumber(days)} days`;
  return durationInWords(Math.round(days * 1_440) * 60);
}
