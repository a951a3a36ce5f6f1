import { describe, expect, it } from 'vitest';
import { countBetween, nextAfter, type Recurrence } from '../../src/schedules/recurrence.ts';

const allDays = [0, 1, 2, 3, 4, 5, 6];
const daily = (time: string, zone: string): Recurrence => ({ zone, every: 'week', days: allDays, times: [time] });

function next(when: Recurrence, from: string, count: number): string[] {
  const found: string[] = [];
  for (let at = nextAfter(when, Date.parse(from)); at !== undefined && found.length < count; at = nextAfter(when, at))
    found.push(new Date(at).toISOString().slice(0, 16));
  return found;
}

describe('the next time of a schedule', () => {
  it.each([
    ['Europe/Berlin', '02:30', '2026-03-28T12:00:00Z', ['2026-03-29T01:00', '2026-03-30T00:30']],
    ['America/New_York', '02:30', '2026-03-07T12:00:00Z', ['2026-03-08T07:00', '2026-03-09T06:30']],
    ['Australia/Lord_Howe', '02:15', '2026-10-03T00:00:00Z', ['2026-10-03T15:30', '2026-10-04T15:15']],
  ])('in the hour that %s loses is the end of that hour, once', (zone, time, from, expected) => {
    expect(next(daily(time, zone), from, 2)).toEqual(expected);
  });

  it.each([
    ['Europe/Berlin', '02:30', '2026-10-24T12:00:00Z', ['2026-10-25T00:30', '2026-10-26T01:30']],
    ['America/New_York', '01:30', '2026-10-31T12:00:00Z', ['2026-11-01T05:30', '2026-11-02T06:30']],
  ])('in the hour that %s has twice is the first of the two, once', (zone, time, from, expected) => {
    expect(next(daily(time, zone), from, 2)).toEqual(expected);
  });

  it('keeps the time of day of its zone over the year', () => {
    expect(next(daily('08:00', 'Asia/Kolkata'), '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T02:30']);
    expect(next(daily('08:00', 'Europe/Berlin'), '2026-07-01T00:00:00Z', 1)).toEqual(['2026-07-01T06:00']);
    expect(next(daily('08:00', 'Europe/Berlin'), '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T07:00']);
  });

  it('goes on every quarter of an hour through both changes of the clock', () => {
    const quarters: Recurrence = { zone: 'Europe/Berlin', every: 'minutes', step: 15 };
    for (const from of ['2026-03-29T00:00:00Z', '2026-10-25T00:00:00Z']) {
      const found = next(quarters, from, 12).map((time) => Date.parse(`${time}Z`));
      expect(found.map((at, index) => at - (found[index - 1] ?? Date.parse(from)))).toEqual(Array(12).fill(900_000));
    }
  });

  it('every two hours leaves no gap where an hour is lost, and comes once where one is there twice', () => {
    const often: Recurrence = { zone: 'Europe/Berlin', every: 'hours', step: 2, minute: 30 };
    expect(next(often, '2027-03-27T23:00:00Z', 3)).toEqual([
      '2027-03-27T23:30',
      '2027-03-28T01:00',
      '2027-03-28T02:30',
    ]);
    expect(next(often, '2026-10-24T23:00:00Z', 3)).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T03:30',
      '2026-10-25T05:30',
    ]);
  });

  it('on the last day is that of each month, and on the 31st leaves short months out', () => {
    const month = (day: number | 'last'): Recurrence => ({
      zone: 'UTC',
      every: 'month',
      days: [day],
      times: ['06:00'],
    });
    expect(next(month('last'), '2027-12-01T00:00:00Z', 4)).toEqual([
      ...['2027-12-31T06:00', '2028-01-31T06:00', '2028-02-29T06:00', '2028-03-31T06:00'],
    ]);
    expect(next(month(31), '2027-12-01T00:00:00Z', 3)).toEqual([
      '2027-12-31T06:00',
      '2028-01-31T06:00',
      '2028-03-31T06:00',
    ]);
  });

  it('that went by meanwhile are counted, and not beyond what anybody would read', () => {
    const quarters: Recurrence = { zone: 'UTC', every: 'minutes', step: 15 };
    const from = Date.parse('2026-11-23T08:00:00Z');
    expect(countBetween(quarters, from, from + 3_600_000, 1_000)).toBe(4);
    expect(countBetween(quarters, from, from + 365 * 86_400_000, 100)).toBe(100);
  });
});
