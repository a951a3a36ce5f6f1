import type { Finding } from '../report/finding.ts';
import { unitPattern } from './measures.ts';
import type { Basis } from './verify-basis.ts';

/** What a number is of: one execution or all together, the worst or the usual. Words of a line mean the same. */
const shares = [
  /\beach\b|\bper\b|\bmean\b|\baverage\b/,
  /\btotal\b|\baltogether\b|\btogether\b/,
  /\bat most\b|\bmax(?:imum)?\b|\blongest\b/,
];
/** What stands right behind a measure and says of what it is. */
const behind = /^\s*(old|behind|ahead|ago|left|free|each|at most|in total|in all)\b/;

const measured = `(?<![\\w.])(\\d[\\d,]*(?:\\.\\d+)?)\\s?${unitPattern}(?![\\w-])`;

/** "Each took 12.4 s" where that is the longest, "26 hours old" where that is the limit: a true number of something else. */
export function wrongQualifier(text: string, cited: readonly Finding[], basis: Basis): string | undefined {
  const written = clausesOf(basis.prose).flatMap(measuresOf);
  for (const clause of clausesOf(text.toLowerCase())) {
    const found = measuresOf(clause);
    for (const one of found) {
      const known = written.filter(({ number }) => number === one.number);
      const isFact = (share: RegExp) =>
        cited.some(({ facts }) =>
          Object.entries(facts).some(
            ([name, value]) => value === one.number && share.test(name.replaceAll(/(?=[A-Z])/g, ' ').toLowerCase()),
          ),
        );
      const wrong = shares.find(
        (share) =>
          share.test(found.length === 1 ? clause : one.after.slice(0, 12)) &&
          !isFact(share) &&
          !known.some((other) => share.test(other.clause)),
      );
      const [, tail] = behind.exec(one.after) ?? [];
      const isOther =
        tail !== undefined &&
        known.length > 0 &&
        !shares.some((share) => share.test(tail)) &&
        !known.some(({ after }) => behind.exec(after)?.[1] === tail);
      if (known.length > 0 && (wrong || isOther)) return `${one.number} is the number of something else`;
    }
  }
  return undefined;
}

interface Measured {
  readonly number: number;
  readonly clause: string;
  readonly after: string;
}

function measuresOf(clause: string): readonly Measured[] {
  return [...clause.matchAll(new RegExp(measured, 'g'))].map((match) => ({
    number: Number(String(match[1]).replaceAll(',', '')),
    clause,
    after: clause.slice(match.index + match[0].length),
  }));
}

function clausesOf(text: string): string[] {
  return text.split(/[;:]|,(?!\d)|\.(?=\s|$)|\n|\band\b/);
}

/** The columns of an index in another order are another index. */
export function wrongList(text: string, basis: Basis): string | undefined {
  const lists = text.toLowerCase().match(/\(\s*[a-z_$][\w$]*(?:\s*,\s*[a-z_$][\w$]*)+\s*\)/g) ?? [];
  const bare = (one: string) => one.replaceAll(/[\s`]/g, '');
  const strange = lists.find((list) => !bare(basis.text).includes(bare(list)));
  return strange === undefined ? undefined : `${strange} is in no cited finding`;
}
