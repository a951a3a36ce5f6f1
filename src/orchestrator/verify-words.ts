import { unitPattern } from './measures.ts';
import type { Basis } from './verify-basis.ts';
import { numberWords } from './vocabulary.ts';

/**
 * Words that connect and claim nothing. Whatever else a sentence says must be said by a finding that it cites: no list of
 * lies is long enough, but the words of a truth are few. Left out on purpose are what denies, promises, counts or ranks:
 * all, every, most, only, few, again, often, soon, will, may, last, later.
 */
const connecting =
  'a an the this that these those it its they them their there here which who whose what where when while once ' +
  'i of in on at for from to by with as into onto over under through during between among across behind against per ' +
  'and or but both so then also too as well besides therefore thus hence that each one another same ' +
  'is are was were be been being am has have had having do does did can ' +
  'about approximately around roughly some up currently now present right moment still first before after until since ' +
  'not no none without cannot never ' +
  'hold held keep kept block blocker behind stand sit remain stay show see seen report find found reach ' +
  'cause lead led result due because root make made come came follow push pushed bring brought drive driven explain ' +
  'affect involve relate belong own exist contain include run ran ' +
  'main problem issue symptom effect consequence thing part total number count amount ' +
  'other separately unrelated do end resolve fix action step recommend recommended recommendation suggest next start such';

/** Words that say the same of these things; one may stand for another. */
const groups = [
  'near close',
  'new newest latest',
  'query statement pattern execution execute select',
  'read examine',
  'send return',
  'each mean average',
  'most maximum',
  'look check',
  'scan full',
  'transaction open',
].map((words) => words.split(' ').map(stem));

const glue = new Set(connecting.split(' ').map(stem));
const measure = new RegExp(`\\d[\\d,.]*\\s?${unitPattern}(?![\\w-])`, 'gi');
const wordMeasure = new RegExp(`\\b(?:${Object.keys(numberWords).join('|')})\\s${unitPattern}\\b`, 'gi');

/** A sentence with a word of substance that no cited finding has. */
export function unknownWord(text: string, basis: Basis): string | undefined {
  const known = stemsOf(basis.text);
  const plain = text
    .toLowerCase()
    .replaceAll(/n['’]t\b/g, ' not')
    // "Lacks a primary key" is "no primary key"; what else lacks what is for a finding to say.
    .replaceAll(/\b(?:lacks?|lacking|missing) (?:an? |any )?(\w+)/g, (whole, what: string) =>
      basis.text.includes(`no ${what}`) ? what : whole,
    );
  // What is measured has been looked at with its unit.
  const words = wordsOf(plain.replaceAll(measure, ' ').replaceAll(wordMeasure, ' '));
  const strange = words.find(
    (word) => word.length > 1 && !Object.hasOwn(numberWords, word) && !glue.has(stem(word)) && !known.has(stem(word)),
  );
  return strange === undefined ? undefined : `"${strange}" is said by no cited finding`;
}

function stemsOf(text: string): ReadonlySet<string> {
  const own = new Set(wordsOf(text).map(stem));
  return new Set([...own, ...groups.filter((group) => group.some((word) => own.has(word))).flat()]);
}

function wordsOf(text: string): string[] {
  return text.match(/\p{L}+/gu) ?? [];
}

/** What forms of an English word have in common: wait for waits, waited and waiting; run for running; query for queries. */
function stem(word: string): string {
  const bare = word
    .replace(/ies$/, 'y')
    .replace(/(?<=\w{2})(?:ing|ed|es|s)$/, '')
    .replace(/(?<=\w{2})e$/, '');
  return bare.replace(/([^aeiouls])\1$/, '$1');
}
