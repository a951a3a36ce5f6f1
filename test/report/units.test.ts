import { describe, expect, it } from 'vitest';
import { durationInWords, momentInWords, sizeInWords } from '../../src/report/units.ts';

describe('numbers as people read them', () => {
  it.each([
    [0, '0 bytes'],
    [1_023, '1023 bytes'],
    [1_024, '1 KiB'],
    [1_572_864, '1.5 MiB'],
    [8 * 1_024 ** 3, '8 GiB'],
    [153.4 * 1_024 ** 3, '153 GiB'],
    [5 * 1_024 ** 6, '5120 PiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(sizeInWords(bytes)).toBe(text);
  });

  it.each([
    [0, '0 s'],
    [2.35, '2.4 s'],
    [59.9, '59 s'],
    [312, '5 min 12 s'],
    [3_600, '1 h'],
    [12_000, '3 h 20 min'],
    [86_400 * 12 + 4 * 3_600, '12 d 4 h'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(durationInWords(seconds)).toBe(text);
  });

  it('gives the date of a moment only when it is another day', () => {
    const now = Date.UTC(2026, 10, 23, 3);
    expect(momentInWords(now - 3_600_000, now)).toBe('02:00:00 UTC');
    expect(momentInWords(now - 4 * 3_600_000, now)).toBe('2026-11-22 23:00:00 UTC');
  });
});
