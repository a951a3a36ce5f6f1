/**
 * Seconds since 1970 of what stands behind `# Time: `. MariaDB's `240115  9:05:00` has no zone and is taken as UTC;
 * it counts only where an event lacks SET timestamp. NaN when it is neither this nor ISO 8601, as in MySQL.
 */
export function readLogTime(text: string): number {
  const local = /^(\d\d)(\d\d)(\d\d) {1,2}(\d{1,2}):(\d\d):(\d\d)/.exec(text);
  if (local !== null) {
    const [year, month, day, hour, minute, second] = local.slice(1).map(Number) as [
      ...[number, number, number],
      ...[number, number, number],
    ];
    return Date.UTC(year < 70 ? 2000 + year : 1900 + year, month - 1, day, hour, minute, second) / 1000;
  }
  const iso = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?/.exec(text)?.[0];
  return iso === undefined ? Number.NaN : Date.parse(/[Z+]|-\d\d:?\d\d$/.test(iso.slice(11)) ? iso : `${iso}Z`) / 1000;
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Seconds since 1970 of a time that a person gives: ISO 8601 with or without a time and a zone (UTC without one),
 * `240115`, `240115 9:05:00`, or a span before now, such as `90m`, `3h` or `2d`. Undefined when it is none of these.
 */
export function readGivenTime(text: string, now: Date): number | undefined {
  const span = /^(\d+)([smhd])$/.exec(text);
  if (span !== null) return now.getTime() / 1000 - Number(span[1]) * (unitSeconds[span[2] as string] as number);
  const short = /^\d{6}$/.test(text) ? `${text} 0:00:00` : text;
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : short;
  const minutes = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(Z|[+-]\d\d:?\d\d)?$/.test(day)
    ? `${day.slice(0, 16)}:00${day.slice(16)}`
    : day;
  const seconds = readLogTime(minutes);
  return Number.isNaN(seconds) ? undefined : seconds;
}
