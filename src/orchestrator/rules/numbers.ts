import { numbersInWords } from '../../report/number-words.ts';

/** The longer first, so that sixteen is not read as six. */
const words = Object.keys(numbersInWords).sort((a, b) => b.length - a.length);

/** A number in digits or as a word, as a regular expression source with one group. */
export const numberSource = `(\\d+(?:[.,]\\d+)?|${words.join('|')}|a couple of|a couple|couple of|couple|a few|few|several|half an?|half|an?)`;

/** The value of a number that `numberSource` matched. */
export function readNumber(word: string): number | undefined {
  if (/^\d/.test(word)) return Number(word.replace(',', '.'));
  if (word.startsWith('half')) return 0.5;
  if (word === 'a' || word === 'an') return 1;
  if (/^(a )?couple/.test(word)) return 2;
  if (['a few', 'few', 'several'].includes(word)) return 3;
  return numbersInWords[word];
}
