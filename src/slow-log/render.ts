import type { DigestClass, SlowLogDigest } from './summary.ts';
import { formatBytes, formatCount, formatDuration } from './units.ts';

/** Labels of the histogram's bars, each the time from which it counts. */
const barLabels = ['0 µs', '10 µs', '100 µs', '1 ms', '10 ms', '100 ms', '1 s', '10 s'];
const BAR_WIDTH = 24;

export interface RenderOptions {
  /** Only so many classes. */
  readonly limit: number;
  /** How wide a line may be; narrower than 40 is not narrower than that. */
  readonly columns: number;
}

/** The digest for a terminal or a phone: a table of the heaviest classes, then each of them with its histogram. */
export function renderDigest(digest: SlowLogDigest, { limit, columns }: RenderOptions): string {
  const width = Math.max(40, columns);
  const total = digest.classes.reduce((sum, it) => sum + it.queryTimeSumUs, 0);
  const shown = digest.classes.slice(0, limit);
  const head = [
    `${formatCount(digest.events)} events in ${digest.classes.length} classes, ${formatBytes(digest.bytes)}`,
    ...spanOf(digest),
    `total query time ${formatDuration(total)}`,
    ...digest.warnings.map((warning) => `! ${warning}`),
  ];
  const sections = [head.join('\n')];
  if (shown.length > 0) {
    sections.push(table(shown, total, width), ...shown.map((it, i) => describeClass(it, i + 1, width)));
  }
  const left = digest.classes.length - shown.length;
  if (left > 0) sections.push(`${left} more ${left === 1 ? 'class' : 'classes'}; --limit shows them`);
  return `${sections.join('\n\n')}\n`;
}

function spanOf({ classes }: SlowLogDigest): string[] {
  const moments = classes.flatMap((it) => [it.firstSeen, it.lastSeen]).filter((it) => it !== null);
  if (moments.length === 0) return [];
  const [first, last] = [moments.reduce((a, b) => (a < b ? a : b)), moments.reduce((a, b) => (a > b ? a : b))];
  return [`${first.slice(0, 16).replace('T', ' ')} to ${last.slice(0, 16).replace('T', ' ')} UTC`];
}

function table(classes: readonly DigestClass[], total: number, width: number): string {
  const rows = classes.map((it, i) => [
    String(i + 1),
    `${((100 * it.queryTimeSumUs) / (total || 1)).toFixed(1)}%`,
    formatDuration(it.queryTimeSumUs),
    formatCount(it.count),
    formatDuration(it.p95Us),
  ]);
  const all = [['#', 'share', 'total', 'count', 'p95'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length))) ?? [];
  return all
    .map((row, i) => {
      const cells = row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ');
      const query = i === 0 ? 'query' : (classes[i - 1]?.fingerprint ?? '');
      return cut(`${cells}  ${oneLine(query)}`, width).trimEnd();
    })
    .join('\n');
}

function describeClass(it: DigestClass, rank: number, width: number): string {
  const perEvent = (sum: number): number => sum / it.count;
  const part = (count: number): string => `${Math.round((100 * count) / it.count)}%`;
  const facts = [
    `${formatCount(it.count)} ${it.count === 1 ? 'event' : 'events'}, ${formatDuration(perEvent(it.queryTimeSumUs))} on average`,
    `p95 ${formatDuration(it.p95Us)}, longest ${formatDuration(it.maxUs)}`,
    `lock ${formatDuration(perEvent(it.lockTimeSumUs))}`,
    `${formatCount(perEvent(it.rowsExaminedSum))} rows examined, ${formatCount(perEvent(it.rowsSentSum))} sent`,
    ...(it.fullScanCount > 0 ? [`full scan ${part(it.fullScanCount)}`] : []),
    ...(it.filesortCount > 0 ? [`filesort ${part(it.filesortCount)}`] : []),
    ...(it.tmpDiskTablesSum > 0 ? [`${formatCount(it.tmpDiskTablesSum)} temporary tables on disk`] : []),
    ...(it.errorCount > 0 ? [`errors ${part(it.errorCount)}`] : []),
  ];
  const origin = [
    it.schema === '' ? '' : `schema ${it.schema}`,
    it.users.length === 0 ? '' : `by ${it.users.join(', ')}`,
  ];
  return [
    cut(`#${rank}  ${it.id}  ${origin.filter((word) => word !== '').join('  ')}`, width).trimEnd(),
    ...wrap(oneLine(it.fingerprint), width - 2, 6).map((line) => `  ${line}`),
    ...wrap(facts.join(', '), width - 2, 6).map((line) => `  ${line}`),
    ...histogram(it.histogram, width),
  ].join('\n');
}

/** One bar for each decade that has events, and those between. */
function histogram(counts: readonly number[], width: number): string[] {
  const most = Math.max(...counts);
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const room = Math.min(BAR_WIDTH, width - 22);
  return counts.slice(first, last + 1).map((count, i) => {
    const bar = '#'.repeat(count === 0 ? 0 : Math.max(1, Math.round((room * count) / most)));
    return `  ${(barLabels[first + i] ?? '').padStart(6)}+ ${bar.padEnd(room)} ${formatCount(count)}`;
  });
}

/** Statements come from strangers: no line breaks and no control characters on somebody's terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Control}\p{Bidi_Control}\s]+/gu, ' ').trim();
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function wrap(text: string, width: number, mostLines: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width && lines.length < mostLines - 1) {
    const blank = rest.lastIndexOf(' ', width);
    const at = blank > width / 2 ? blank : width;
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  return [...lines, cut(rest, width)];
}
