import { expect, it } from 'vitest';
import { hoursInWords } from '../../src/judgements/statement.ts';

it.each([
  [1 / 12, '5 min'],
  [0.0833, '5 min'],
  [0.001, '1 min'],
  [1, '1 h'],
  [1.5, '1.5 h'],
  [48, '48 h'],
])('a window of %f hours is called %s', (hours, words) => {
  expect(hoursInWords(hours)).toBe(words);
});
