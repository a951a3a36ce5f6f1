/** `850 µs`, `12 ms`, `3.4 s`, `12.5 min`, `3.2 h`: short enough for a column. */
export function formatDuration(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 1e6) return `${shorten(us / 1e3)} ms`;
  if (us < 60e6) return `${shorten(us / 1e6)} s`;
  if (us < 3600e6) return `${shorten(us / 60e6)} min`;
  return `${shorten(us / 3600e6)} h`;
}

/** `950`, `12.3k`, `4.5M`: for counts that need no last digit. */
export function formatCount(count: number): string {
  if (count < 10_000) return String(Math.round(count * 10) / 10);
  if (count < 1e6) return `${shorten(count / 1e3)}k`;
  return count < 1e9 ? `${shorten(count / 1e6)}M` : `${shorten(count / 1e9)}G`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${shorten(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${shorten(bytes / 1e6)} MB` : `${shorten(bytes / 1e9)} GB`;
}

/** Three digits are enough to compare. */
function shorten(value: number): string {
  if (value < 10) return value.toFixed(2).replace(/\.?0+$/, '');
  return value < 100 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value));
}
