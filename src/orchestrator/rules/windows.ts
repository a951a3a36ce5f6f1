import { numberSource, readNumber } from './numbers.ts';

const unitSource =
  '(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|hs|h|days?|d|weeks?|wks?|months?|quarters?|years?|sekunden?|segundos?|secondes?|minuten?|minutos?|stunden?|tag|tagen?|wochen?|monaten?|heures?|jours?|semaines?|mois|horas?|dias?|semanas?|mes|meses)';
const secondsOf: readonly (readonly [RegExp, number])[] = [
  [/^(s$|sec|sek|seg)/, 1],
  [/^(m$|min)/, 60],
  [/^(h|stund)/, 3_600],
  [/^(d$|day|dia|tag|jour)/, 86_400],
  [/^(w|sem)/, 604_800],
  [/^mo|^mes/, 2_592_000],
  [/^q/, 7_776_000],
  [/^y/, 31_536_000],
];

function toSeconds(amount: string, unit: string): number | undefined {
  const value = readNumber(amount);
  const factor = secondsOf.find(([pattern]) => pattern.test(unit))?.[1];
  return value === undefined || factor === undefined ? undefined : value * factor;
}

export interface Durations {
  /** A look-back (or, for forecasts, a look-ahead) in seconds. */
  readonly windowSeconds: number | undefined;
  /** "running longer than …" in seconds. */
  readonly atLeastSeconds: number | undefined;
  /** "not older than …" in seconds. */
  readonly maxAgeSeconds: number | undefined;
}

/** The lengths of time in a normalised question and what each is for. */
export function readDurations(text: string, now: Date, zone = 'UTC'): Durations {
  let windowSeconds: number | undefined;
  let atLeastSeconds: number | undefined;
  let maxAgeSeconds: number | undefined;
  const duration = new RegExp(
    `(?<![\\w.])${numberSource}[ -]?(?:(?:dernier(?:e?s)?|letzten?|ultim[ao]s?|past|last|full|ganze[nr]?) )?${unitSource}(?![\\w-]|\\.\\w)`,
    'g',
  );
  for (const match of text.matchAll(duration)) {
    const seconds = toSeconds(match[1] as string, match[2] as string);
    if (seconds === undefined) continue;
    const before = text.slice(Math.max(0, match.index - 40), match.index);
    const after = text.slice(match.index + match[0].length, match.index + match[0].length + 12);
    if (
      /\b(older than|max age( of)?|fresher than|younger than|alter als|plus (vieux|ancien)\w* (que|de)|mas (viejo|antiguo)s? (que|de))\s*$/.test(
        before,
      )
    )
      maxAgeSeconds ??= seconds;
    else if (isAtLeast(before) || /^\s*(\+|or (more|longer)|and (more|longer))/.test(after)) atLeastSeconds ??= seconds;
    else if (isWindow(before, after, match[0])) windowSeconds = seconds;
  }
  windowSeconds ??= namedWindow(text) ?? sinceClock(text, now, zone)?.seconds;
  return { windowSeconds, atLeastSeconds, maxAgeSeconds };
}

function isAtLeast(before: string): boolean {
  return (
    /\b(longer than|more than|over|above|exceeding|beyond|at least|takes?|taking|running for|for more than|slower than|mehr als|langer als|plus de|mas de|>=?)\s*$/.test(
      before,
    ) ||
    /\b(running|runs|open|idle|sleeping|waiting|executing|active|going)\b[^.?!;]{0,35}\b(for|since|seit|depuis|desde)\s*$/.test(
      before,
    ) ||
    /[>≥]=?\s*$/.test(before)
  );
}

/** "an hour" or "a day" alone says nothing; a number with a unit, or a preposition before it, names a window. */
function isWindow(before: string, after: string, match: string): boolean {
  const led =
    /\b(last|past|previous|latest|within|since|in|for|from|of|over the|next|coming|make (that|it)|try|use|window|only|letzten?|letzter|vergangenen|seit|dernieres?|dernier|depuis|ultimas?|ultimos?|desde)( the)?( about)?\s*$/.test(
      before,
    );
  if (led) return true;
  // How long the server has been up is no window.
  if (/\b(uptime|up)( is| was| of|:)?( only| just)?\s*$/.test(before)) return false;
  if (/^\s*(ago|window|instead|back)\b/.test(after)) return true;
  return /^\d/.test(match) && !/^\d+[ -]?(s|m)$/.test(match);
}

function namedWindow(text: string): number | undefined {
  if (/\b(last|past|previous|letzten?|letzte[rn]?) (hour|hr|stunde)\b|\b(derniere heure|ultima hora)\b/.test(text))
    return 3_600;
  if (
    /\b(last|past|previous|this|letzten?|letzte|diese[rn]?) (week|woche)\b|\b(cette semaine|esta semana)\b|\bsemaine derniere|ultima semana|\bweekly\b/.test(
      text,
    )
  )
    return 604_800;
  if (/\b(this|last|past|previous|letzten?) (month|monat)\b|\bmois dernier|ultimo mes\b/.test(text)) return 2_592_000;
  if (/\b(this|last|past|previous) quarter\b/.test(text)) return 7_776_000;
  if (/\b(this|last|past|previous) year\b/.test(text)) return 31_536_000;
  return namedDay(text);
}

/** Two days hold the whole of yesterday, whatever the time is; half a day holds the night. */
function namedDay(text: string): number | undefined {
  const day = 86_400;
  if (
    /\b(than|with|to|against|versus|vs\.?|before) (yesterday|the day before|last night)\b|\bthan the day\b/.test(text)
  )
    return day;
  if (/\b(last|past|previous) day\b|\b(today|heute|aujourd'hui|hoy|hoje)\b/.test(text)) return day;
  if (/\b(yesterday|gestern|hier soir|depuis hier|ayer|ontem)\b/.test(text)) return 2 * day;
  // How long the server has been up tells a restart, whatever the window.
  if (/\b(restart|reboot)\w*/.test(text)) return undefined;
  return /\b(over ?night|last night|(during|in) the night|(since|from|earlier) this morning|letzte nacht|heute nacht|cette nuit|anoche)\b/.test(
    text,
  )
    ? day / 2
    : undefined;
}

export interface SinceClock {
  /** How far back, to the quarter of an hour. */
  readonly seconds: number;
  /** When the clock showed it, in milliseconds since 1970. */
  readonly atMs: number;
  readonly zone: string;
}

/** "since 14:00" is a window from the last time that the clock of `zone` showed it; "since 14:00 UTC" says whose clock. */
export function sinceClock(text: string, now: Date, zone: string): SinceClock | undefined {
  const clock =
    /\b(?:since|from|after|between)(?:(?: [a-z]+){0,4}? (?:at|about|around))? (\d{1,2})(?::(\d{2}))?\s?(am|pm)?(?: ?(utc|gmt|o'clock|uhr))?(?![\w:.-])/.exec(
      text,
    );
  if (!clock || (clock[2] === undefined && clock[3] === undefined)) return undefined;
  const hour =
    (Number(clock[1]) % 12) + (clock[3] === 'pm' || (clock[3] === undefined && Number(clock[1]) >= 12) ? 12 : 0);
  const minutes = hour * 60 + Number(clock[2] ?? 0);
  if (Number(clock[1]) > 23 || minutes >= 1_440) return undefined;
  const whose = clock[4] === 'utc' || clock[4] === 'gmt' ? 'UTC' : zone;
  const passed = (minuteOfDay(now, whose) - minutes + 1_440) % 1_440;
  const seconds = Math.max(15, Math.ceil(passed / 15) * 15) * 60;
  return { seconds, atMs: Math.floor(now.getTime() / 60_000 - passed) * 60_000, zone: whose };
}

function minuteOfDay(now: Date, zone: string): number {
  const shown = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(now);
  const [hour, minute] = shown.split(':').map(Number);
  return ((hour ?? 0) % 24) * 60 + (minute ?? 0);
}

/** "top 5", "five slowest", "the 3 worst": how many rows of an answer are wanted. */
export function readCount(text: string): number | undefined {
  const number = numberSource.replace('|a couple of|a couple|couple of|couple|a few|few|several|half an?|half|an?', '');
  const patterns = [
    new RegExp(`\\b(?:list|show(?: me)?|give me)(?: the)? ${number} (?!s\\b|sec|min|h\\b|hour|day|week|month)[a-z]`),
    new RegExp(
      `\\b(?:top|worst|first|biggest|largest|slowest|longest|heaviest|oldest|newest|latest|most recent|limit(?: to)?|at most|max(?:imum)?)[ -]?${number}(?![\\w.:-]|\\s?(?:s|sec|seconds?|min|minutes?|h|hours?|days?)\\b)`,
    ),
    new RegExp(
      `(?<![\\w.+-])(?<!\\+ )${number} (?:of the )?(?:slowest|longest|worst|heaviest|biggest|top|most expensive|patterns?\\b)`,
    ),
  ];
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[1];
    if (found !== undefined) return readNumber(found);
  }
  return undefined;
}
