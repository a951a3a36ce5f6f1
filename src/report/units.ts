const sizeUnits = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A size in powers of 1024, as MariaDB counts: `8 MiB`, `1.4 GiB`. */
export function sizeInWords(bytes: number): string {
  const power = Math.max(0, Math.min(sizeUnits.length - 1, Math.floor(Math.log2(Math.abs(bytes) || 1) / 10)));
  return `${shortNumber(bytes / 1_024 ** power)} ${sizeUnits[power]}`;
}

/** The two largest parts: `45 s`, `5 min 12 s`, `3 h 20 min`, `12 d 4 h`. */
export function durationInWords(seconds: number): string {
  const whole = Math.floor(seconds);
  if (seconds < 10 && seconds !== whole) return `${shortNumber(seconds)} s`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return parts(Math.floor(whole / 60), 'min', whole % 60, 's');
  if (whole < 86_400) return parts(Math.floor(whole / 3_600), 'h', Math.floor(whole / 60) % 60, 'min');
  return parts(Math.floor(whole / 86_400), 'd', Math.floor(whole / 3_600) % 24, 'h');
}

function parts(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** A moment in UTC; the date only where it is another day than `nowMs`. */
export function momentInWords(ms: number, nowMs: number): string {
  const text = new Date(ms).toISOString();
  const sameDay = text.slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10);
  return `${sameDay ? '' : `${text.slice(0, 10)} `}${text.slice(11, 19)} UTC`;
}

/** One decimal below 10, whole numbers above; no trailing zero. */
export function shortNumber(value: number): string {
  return String(Math.abs(value) < 10 ? Math.round(value * 10) / 10 : Math.round(value));
}

/** `1 row`, `2 rows`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
