import type { Finding } from '../report/finding.ts';
import { measuresIn, unitOfFact, writtenNumbers } from './measures.ts';
import type { Basis } from './verify-basis.ts';

/** A number that stands nowhere, or with another unit. Why a sentence must go, here and below; undefined where it may stay. */
export function wrongNumber(text: string, basis: Basis): string | undefined {
  const plain = text.toLowerCase();
  for (const { value, decimals } of writtenNumbers(plain)) {
    const tolerance = 0.5 * 10 ** -decimals;
    const known = basis.numbers.some((number) =>
      decimals === 0
        ? number === value || (!Number.isInteger(number) && Math.round(number) === value)
        : Math.abs(number - value) < tolerance,
    );
    if (!known) return `the number ${value} is in no cited finding`;
  }
  const strange = measuresIn(plain).find((measure) => !basis.measured.has(measure));
  return strange === undefined ? undefined : `"${strange}" is measured nowhere`;
}

/** "95 of 150 connections": both numbers are true, but the first is a percentage. */
export function wrongPair(text: string, cited: readonly Finding[], basis: Basis): string | undefined {
  const counts = new Set(
    cited.flatMap(({ facts }) =>
      Object.entries(facts).flatMap(([name, value]) =>
        typeof value === 'number' && unitOfFact(name) !== 'percent' ? [value] : [],
      ),
    ),
  );
  for (const [pair, part, whole] of text.toLowerCase().matchAll(/\b(\d[\d,]*) (?:out )?of (?:the )?(\d[\d,]*)\b/g)) {
    const areCounts = [part, whole].every((number) => counts.has(Number(String(number).replaceAll(',', ''))));
    if (!areCounts && !basis.text.includes(`${part} of ${whole}`)) return `"${pair}" is counted nowhere`;
  }
  return undefined;
}

/** What a session did for a time: the time must be that of this and of nothing else. */
const states = ['wait', 'idle', 'sleep'] as const;

/** "The sessions have waited for 312 s" where that is how long the blocker is idle. */
export function wrongDuration(text: string, cited: readonly Finding[], basis: Basis): string | undefined {
  const written = clausesOf(basis.text);
  for (const clause of clausesOf(text.toLowerCase())) {
    for (const { index, 0: found } of clause.matchAll(
      /\d[\d,]*(?:\.\d+)?\s?(?:s|sec|seconds?|min|minutes?|h|hours?)\b/g,
    )) {
      const before = clause.slice(0, index);
      const [state] = states
        .filter((word) => before.includes(word))
        .sort((a, b) => before.lastIndexOf(b) - before.lastIndexOf(a));
      const [measure] = measuresIn(found);
      if (state === undefined || measure === undefined) continue;
      const isWritten = written.some((one) => one.includes(state) && measuresIn(one).includes(measure));
      const isFact = cited.some(({ facts }) =>
        Object.entries(facts).some(
          ([name, value]) => name.toLowerCase().includes(state) && `${value} ${unitOfFact(name)}` === measure,
        ),
      );
      if (!isWritten && !isFact) return `"${found}" is the time of something else`;
    }
  }
  return undefined;
}

function clausesOf(text: string): string[] {
  return text.split(/[.;](?=\s|$)|\n/);
}
