import { numberSource, readNumber } from './question-text.ts';

const unitSource =
  '(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|months?|minuten?|stunden?|tagen?|heures?|jours?|horas?|d[ií]as?|dias?)';
const secondsOf: readonly (readonly [RegExp, number])[] = [
  [/^s(ec|$|econd)/, 1],
  [/^(m$|min)/, 60],
  [/^(h|stund)/, 3_600],
  [/^(d$|day|d[ií]a|tag|jour)/, 86_400],
  [/^week/, 604_800],
  [/^month/, 2_592_000],
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
export function readDurations(text: string, now: Date): Durations {
  let windowSeconds: number | undefined;
  let atLeastSeconds: number | undefined;
  let maxAgeSeconds: number | undefined;
  const duration = new RegExp(`(?<![\\w.])${numberSource}[ -]?${unitSource}(?![\\w-]|\\.\\w)`, 'g');
  for (const match of text.matchAll(duration)) {
    const seconds = toSeconds(match[1] as string, match[2] as string);
    if (seconds === undefined) continue;
    const before = text.slice(Math.max(0, match.index - 40), match.index);
    const after = text.slice(match.index + match[0].length, match.index + match[0].length + 12);
    if (/\b(older than|max age( of)?|fresher than|younger than)\s*$/.test(before)) maxAgeSeconds ??= seconds;
    else if (isAtLeast(before) || /^\s*(\+|or (more|longer)|and (more|longer))/.test(after)) atLeastSeconds ??= seconds;
    else if (isWindow(before, after, match[0])) windowSeconds = seconds;
  }
  windowSeconds ??= namedWindow(text) ?? sinceClock(text, now);
  return { windowSeconds, atLeastSeconds, maxAgeSeconds };
}

function isAtLeast(before: string): boolean {
  return (
    /\b(longer than|more than|over|above|exceeding|beyond|at least|takes?|taking|running for|for more than|slower than|mehr als|länger als|plus de|más de|>=?)\s*$/.test(
      before,
    ) || /[>≥]=?\s*$/.test(before)
  );
}

/** "an hour" or "a day" alone says nothing; a number with a unit, or a preposition before it, names a window. */
function isWindow(before: string, after: string, match: string): boolean {
  const led =
    /\b(last|past|previous|latest|within|since|in|for|from|of|over the|next|coming|make (that|it)|try|use|window|only|letzten?|letzter|dernières?|dernier|últimas?|ultimas?|últimos?)( the)?( about)?\s*$/.test(
      before,
    );
  if (led) return true;
  if (/^\s*(ago|window|instead|back)\b/.test(after)) return true;
  return /^\d/.test(match) && !/^\d+[ -]?(s|m)$/.test(match);
}

function namedWindow(text: string): number | undefined {
  if (
    /\b(last|past|previous|letzten?|letzte) (hour|hr|stunde)\b|\b(dernière heure|última hora|ultima hora)\b/.test(text)
  )
    return 3_600;
  if (/\b(last|past) (day|24h)\b/.test(text)) return 86_400;
  if (/\b(this|last|past) week\b|\bweekly\b/.test(text)) return 604_800;
  if (/\b(this|last|past) month\b/.test(text)) return 2_592_000;
  return undefined;
}

/** "since 14:00" is a window from the last time that the clock showed it (UTC), to the quarter of an hour. */
function sinceClock(text: string, now: Date): number | undefined {
  const clock =
    /\b(?:since|from|after)(?: about| around)? (\d{1,2})(?::(\d{2}))?\s?(am|pm)?(?: ?(?:utc|o'clock|uhr))?(?![\w:.-])/.exec(
      text,
    );
  if (!clock || (clock[2] === undefined && clock[3] === undefined)) return undefined;
  const hour =
    (Number(clock[1]) % 12) + (clock[3] === 'pm' || (clock[3] === undefined && Number(clock[1]) >= 12) ? 12 : 0);
  const minutes = hour * 60 + Number(clock[2] ?? 0);
  if (hour > 23) return undefined;
  const passed = (now.getUTCHours() * 60 + now.getUTCMinutes() - minutes + 1_440) % 1_440;
  return Math.max(15, Math.ceil(passed / 15) * 15) * 60;
}

/** "top 5", "five slowest", "the 3 worst": how many rows of an answer are wanted. */
export function readCount(text: string): number | undefined {
  const number = numberSource.replace('|a couple of|a couple|a few|few|several|half an?|an?', '');
  const patterns = [
    new RegExp(
      `\\b(?:top|worst|first|biggest|largest|slowest|longest|heaviest|limit(?: to)?|at most|max(?:imum)?)[ -]?${number}(?![\\w.:-]|\\s?(?:s|sec|seconds?|min|minutes?|h|hours?|days?)\\b)`,
    ),
    new RegExp(
      `(?<![\\w.-])${number} (?:of the )?(?:slowest|longest|worst|heaviest|biggest|top|most expensive|patterns?\\b)`,
    ),
  ];
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[1];
    if (found !== undefined) return readNumber(found);
  }
  return undefined;
}
