const units = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'fifteen',
  'twenty',
  'thirty',
  'fifty',
  'hundred',
];
const values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 30, 50, 100];

/** A number in digits or as a word, as a regular expression source with one group. */
export const numberSource = `(\\d+(?:[.,]\\d+)?|${units.join('|')}|a couple of|a couple|couple of|couple|a few|few|several|half an?|half|an?)`;

/** The value of a number that `numberSource` matched. */
export function readNumber(word: string): number | undefined {
  if (/^\d/.test(word)) return Number(word.replace(',', '.'));
  if (word.startsWith('half')) return 0.5;
  if (word === 'a' || word === 'an') return 1;
  if (/^(a )?couple/.test(word)) return 2;
  if (['a few', 'few', 'several'].includes(word)) return 3;
  const at = units.indexOf(word);
  return at < 0 ? undefined : values[at];
}
