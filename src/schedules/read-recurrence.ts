import { numbersInWords } from '../report/number-words.ts';
import { hourSteps, minuteSteps, type Recurrence } from './recurrence.ts';
import { after, before, type Words } from './words.ts';

/** What a text says of when, or what is wrong with it, as a sentence that shows the way. */
export type ReadRecurrence = { readonly when: Recurrence } | { readonly problem: string };

const every = '(?:every|each|on|all|once an?|once per|per)';
const dayPattern = '(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:r|rs)?|fri|sat(?:ur)?|sun)(?:day)?s?';
const dayStarts = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const joint = '\\s*(?:,\\s*and|,|and|&|/|\\+)\\s*';
const ordinalPattern = '(?:\\d{1,2}(?:st|nd|rd|th)?|first|last(?: day)?)';
const timePattern = "(?:noon|midday|midnight|\\d{1,2}(?:[:.h]\\d{2})?\\s*(?:[ap]\\.?m\\.?)?(?:\\s*(?:o'clock|uhr|h))?)";

/** Takes out what is said of days and times. */
export function readRecurrence(words: Words, zone: string): ReadRecurrence {
  const often = readOften(words, zone);
  if (often) return often;
  const days = readDays(words);
  const times = readTimes(words);
  if ('problem' in times) return times;
  if (days === undefined && times.times.length === 0)
    return { problem: 'When? For instance: every day at 08:00, every monday and thursday at 7:30, every 2 hours.' };
  if (days === undefined) return { problem: 'On which days? For instance: every day, every weekday, every monday.' };
  if ('problem' in days) return days;
  if (times.times.length === 0) return { problem: 'At what time? For instance: at 08:00.' };
  return { when: { zone, ...days, times: [...times.times] } };
}

/** Every few minutes or hours. */
function readOften(words: Words, zone: string): ReadRecurrence | undefined {
  const minutes =
    words.take(new RegExp(`${before}every\\s+(\\w+)?\\s*(?:minutes?|mins?)${after}`, 'i')) ??
    words.take(new RegExp(`${before}every\\s+(\\d+)m${after}`, 'i'));
  if (minutes) {
    const step = numberOf(minutes[1] ?? 'one');
    if (step === 60) return { when: { zone, every: 'hours', step: 1, minute: 0 } };
    if (!minuteSteps.includes(step ?? 0))
      return { problem: `Every ${minutes[1] ?? 'one'} minutes? Possible are every ${minuteSteps.join(', ')} minutes.` };
    return { when: { zone, every: 'minutes', step: step ?? 0 } };
  }
  const hours =
    words.take(new RegExp(`${before}every\\s+(other|\\w+)?\\s*(?:hours?|hrs?)${after}`, 'i')) ??
    words.take(new RegExp(`${before}every\\s+(\\d+)h${after}`, 'i')) ??
    words.take(new RegExp(`${before}(?:hourly|once an hour)${after}`, 'i'));
  if (!hours) return undefined;
  const step = hours[1] === 'other' ? 2 : numberOf(hours[1] ?? 'one');
  if (step === 24) return { problem: 'At what time of the day? For instance: every day at 08:00.' };
  if (!hourSteps.includes(step ?? 0))
    return { problem: `Every ${hours[1]} hours? Possible are every ${hourSteps.join(', ')} hours.` };
  const minute = words.take(new RegExp(`${before}at (?:minute |:)(\\d{1,2})${after}`, 'i'));
  const past = Number(minute?.[1] ?? 0);
  if (past > 59) return { problem: `An hour has no minute ${past}.` };
  return { when: { zone, every: 'hours', step: step ?? 1, minute: past } };
}

function numberOf(word: string): number | undefined {
  if (/^\d+$/.test(word)) return Number(word);
  return numbersInWords[word.toLowerCase()];
}

type Days =
  | { readonly every: 'week'; readonly days: number[] }
  | { readonly every: 'month'; readonly days: (number | 'last')[] };

function readDays(words: Words): Days | { readonly problem: string } | undefined {
  const month =
    words.take(
      new RegExp(
        `${before}(?:on )?(?:every |each )?(?:the )?(${ordinals})(?: days?)? (?:of|in) (?:every|each|the|a) month${after}`,
        'i',
      ),
    ) ??
    words.take(new RegExp(`${before}(?:every month|each month|monthly)(?: on)?(?: the)? (${ordinals})${after}`, 'i')) ??
    words.take(new RegExp(`${before}(?:every month|each month|monthly)()${after}`, 'i'));
  if (month) return monthDays(month[1] || '1');
  const range = words.take(
    new RegExp(
      `${before}(?:(?:from|${every})\\s+)*(${dayPattern})\\s*(?:-|–|to|till|until|through)\\s*(${dayPattern})${after}`,
      'i',
    ),
  );
  if (range) {
    const [from, to] = [dayOf(range[1] ?? ''), dayOf(range[2] ?? '')];
    return { every: 'week', days: week().filter((day) => (day - from + 7) % 7 <= (to - from + 7) % 7) };
  }
  if (words.take(new RegExp(`${before}(?:${every}\\s+)*(?:weekdays?|work(?:ing)? ?days?|business days?)${after}`, 'i')))
    return { every: 'week', days: [1, 2, 3, 4, 5] };
  if (words.take(new RegExp(`${before}(?:${every}\\s+)*weekends?${after}`, 'i')))
    return { every: 'week', days: [0, 6] };
  const named = words.take(
    new RegExp(`${before}(?:${every}\\s+)*(${dayPattern}(?:${joint}(?:${every}\\s+)*${dayPattern})*)${after}`, 'i'),
  );
  if (named) {
    const days = new Set((named[1] ?? '').toLowerCase().match(new RegExp(dayPattern, 'gi'))?.map(dayOf));
    return { every: 'week', days: week().filter((day) => days.has(day)) };
  }
  const daily = `daily|nightly|(?:every|each|once a|once per)\\s+(?:single )?(?:day|night|morning|evening|noon)`;
  if (words.take(new RegExp(`${before}(?:${daily})${after}`, 'i'))) return { every: 'week', days: week() };
  if (words.take(new RegExp(`${before}(?:weekly|every week|each week|once a week)${after}`, 'i')))
    return { problem: 'On which day of the week? For instance: every monday.' };
  return undefined;
}

const ordinals = `${ordinalPattern}(?:${joint}(?:the )?${ordinalPattern})*`;

function monthDays(text: string): Days | { readonly problem: string } {
  const found = text.toLowerCase().match(/\d{1,2}|first|last/g) ?? [];
  const days = found.map((word) => (word === 'last' ? ('last' as const) : word === 'first' ? 1 : Number(word)));
  const wrong = days.find((day) => day !== 'last' && (day < 1 || day > 31));
  if (wrong !== undefined) return { problem: `No month has a day ${wrong}.` };
  return {
    every: 'month',
    days: [...new Set(days)].toSorted((a, b) => (a === 'last' ? 32 : a) - (b === 'last' ? 32 : b)),
  };
}

function week(): number[] {
  return [0, 1, 2, 3, 4, 5, 6];
}

function dayOf(word: string): number {
  return dayStarts.indexOf(word.toLowerCase().slice(0, 3));
}

function readTimes(words: Words): { readonly times: readonly string[] } | { readonly problem: string } {
  const found: string[] = [];
  const listed = words.take(
    new RegExp(`${before}(?:at|@|um)\\s*(${timePattern}(?:${joint}(?:at )?${timePattern})*)${after}`, 'i'),
  );
  if (listed) found.push(...((listed[1] ?? '').match(new RegExp(timePattern, 'gi')) ?? []));
  for (;;) {
    // Without "at" it must look like a time: 08:00, 8am, noon.
    const alone = words.take(
      new RegExp(
        `${before}(?:noon|midday|midnight|\\d{1,2}[:.h]\\d{2}\\s*(?:[ap]\\.?m\\.?)?|\\d{1,2}\\s*[ap]\\.?m\\.?)${after}`,
        'i',
      ),
    );
    if (!alone) break;
    found.push(alone[0]);
  }
  const times = found.map(clockOf);
  const wrong = found.find((_, index) => times[index] === undefined);
  if (wrong !== undefined) return { problem: `"${wrong.trim()}" is no time of the day. For instance: at 08:00.` };
  return { times: [...new Set(times.filter((time) => time !== undefined))].toSorted() };
}

/** "8", "8.30pm" or "noon" as 08:00, 20:30 or 12:00. */
function clockOf(text: string): string | undefined {
  const word = text.trim().toLowerCase();
  if (word === 'noon' || word === 'midday') return '12:00';
  if (word === 'midnight') return '00:00';
  const [, hourText = '', minuteText = '00', half] = /^(\d{1,2})(?:[:.h](\d{2}))?\s*(?:([ap])\.?m)?/.exec(word) ?? [];
  const [given, minute] = [Number(hourText), Number(minuteText)];
  if (half !== undefined && (given < 1 || given > 12)) return undefined;
  const hour = half === undefined ? given : (given % 12) + (half === 'p' ? 12 : 0);
  if (hour > 23 || minute > 59) return undefined;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
