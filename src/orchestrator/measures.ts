import { numberWords } from './vocabulary.ts';

/** Units as people write them, as one group of a pattern. */
export const unitPattern =
  '(%|percent|s|sec|secs|seconds?|ms|milliseconds?|min|mins|minutes?|h|hours?|days?|sessions?|connections?|waiters?|rows?|queries|statements?|tables?|transactions?|threads?|replicas?|bytes?|kb|mb|gb|tb|times|errors?|deadlocks?|files?)';

/** Numbers with the kind of their unit, as `14 session`. */
export function measuresIn(text: string): string[] {
  const found = [...text.matchAll(new RegExp(`(\\d[\\d,]*(?:\\.\\d+)?)\\s?${unitPattern}(?![\\w-])`, 'gi'))];
  return found.map(([, number, unit]) => `${Number(String(number).replaceAll(',', ''))} ${unitOf(String(unit))}`);
}

function unitOf(unit: string): string {
  const word = unit.toLowerCase();
  if (word === '%' || word === 'percent') return 'percent';
  if (/^(s|sec|secs|seconds?)$/.test(word)) return 'second';
  if (/^(ms|milliseconds?)$/.test(word)) return 'millisecond';
  if (/^(min|mins|minutes?)$/.test(word)) return 'minute';
  if (/^(h|hours?)$/.test(word)) return 'hour';
  return word === 'queries' ? 'query' : word.replace(/s$/, '');
}

/** The kind of unit that the name of a fact ends in. */
export function unitOfFact(name: string): string | undefined {
  if (/seconds$/i.test(name)) return 'second';
  if (/percent$/i.test(name)) return 'percent';
  if (/bytes$/i.test(name)) return 'byte';
  if (/hours$/i.test(name)) return 'hour';
  if (/waiters$/i.test(name)) return 'session';
  if (/executions$/i.test(name)) return 'time';
  if (/rows\w*$/i.test(name)) return 'row';
  return undefined;
}

/** Every number of a text, in digits or in words. */
export function numbersIn(text: string): number[] {
  return writtenNumbers(text).map(({ value }) => value);
}

export function writtenNumbers(text: string): { readonly value: number; readonly decimals: number }[] {
  const digits = [...text.matchAll(/(?<![\w.])-?\d[\d,]*(?:\.\d+)?/g)].map(([match]) => {
    const plain = match.replaceAll(',', '').replace(/^-/, '');
    return { value: Number(plain), decimals: plain.split('.')[1]?.length ?? 0 };
  });
  const words = [...text.matchAll(/[a-z]+/gi)].flatMap(([word]) => {
    const value = numberWords[word.toLowerCase()];
    return value === undefined ? [] : [{ value, decimals: 0 }];
  });
  return [...digits, ...words];
}
