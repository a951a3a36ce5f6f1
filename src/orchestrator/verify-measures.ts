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
  const counts = cited.map(
    ({ facts }) =>
      new Set(
        Object.entries(facts).flatMap(([name, value]) =>
          typeof value === 'number' && unitOfFact(name) !== 'percent' ? [value] : [],
        ),
      ),
  );
  for (const [pair, part, whole] of text.toLowerCase().matchAll(/\b(\d[\d,]*) (?:out )?of (?:the )?(\d[\d,]*)\b/g)) {
    const areCounts = counts.some((own) =>
      [part, whole].every((number) => own.has(Number(String(number).replaceAll(',', '')))),
    );
    if (!areCounts && !basis.text.includes(`${part} of ${whole}`)) return `"${pair}" is counted nowhere`;
  }
  return undefined;
}

/** "Thread 14" where 14 sessions wait for thread 8412, "150 are in use" where that is the limit: true numbers of something else. */
export function wrongOwner(text: string, cited: readonly Finding[], basis: Basis): string | undefined {
  const plain = text.toLowerCase();
  for (const [named, kind, number] of plain.matchAll(
    /\b(thread|session|connection|process|transaction|query|pid|port|kill|id)\s+(?:id\s+)?#?(\d+)\b(?! of)/g,
  )) {
    const others =
      kind === 'kill' || kind === 'id' || kind === 'session' || kind === 'connection' ? `thread|${kind}` : kind;
    if (!new RegExp(`\\b(?:${others}) (?:id )?#?${number}\\b`).test(basis.text)) return `there is no ${named}`;
  }
  for (const [named, number] of plain.matchAll(/\b(?:limit|maximum)\b[^.;,:\d]{0,30}?(\d[\d,]*(?:\.\d+)?)/g)) {
    const isWritten = clausesOf(basis.prose).some(
      (one) => /limit|maximum|at most/.test(one) && one.includes(String(number)),
    );
    const isFact = cited.some(({ facts }) =>
      Object.entries(facts).some(
        ([name, value]) => /max|limit|threshold|allowed/i.test(name) && String(value) === number?.replaceAll(',', ''),
      ),
    );
    const isWhole = basis.prose.includes(`of ${number}`);
    if (!isWritten && !isFact && !isWhole) return `"${named}" is the number of something else`;
  }
  // What code writes as the whole of a share and nowhere else is a limit.
  for (const [, whole] of basis.text.matchAll(/\bof (\d[\d,]*)\b/g)) {
    const elsewhere = new RegExp(`(?<!of (?:the )?)(?<![\\w.,])${whole}(?![\\w,]|\\.\\d)`, 'g');
    const isElsewhere = basis.prose.replaceAll(new RegExp(`\\bof ${whole}\\b`, 'g'), '').match(elsewhere);
    if (!isElsewhere && withoutLimits(plain, String(whole)).match(elsewhere)) return `${whole} is a limit, no count`;
  }
  return undefined;
}

/** The text without what is said of a limit, where the number of one belongs. */
function withoutLimits(text: string, whole: string): string {
  return text.replaceAll(
    new RegExp(`\\b(?:limit|maximum|max\\w*|at most|allowed)\\b[^.;,\\d]{0,30}?\\b${whole}\\b`, 'g'),
    '',
  );
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
