import { expect, test } from 'vitest';
import { dateAndTime, dateAndTimeUtc, exactDateAndTime, exactTimeOfDay, runClock, sinceStart, timeOfDay } from '#shared/wording/times.ts';

const moment = new Date(2026, 10, 21, 2, 33, 7, 45).getTime();

test('the time of day is that of whoever reads', () => {
  expect([timeOfDay(moment), exactTimeOfDay(moment), exactTimeOfDay(moment + 954.7)]).toEqual(['02:33:07', '02:33:07.045', '02:33:08.000']);
  expect(timeOfDay(moment + 954.7)).toBe('02:33:08');
});

test('runs that followed each other within a minute are told apart', () => {
  expect([dateAndTime(moment), exactDateAndTime(moment)]).toEqual(['2026-11-21 02:33', '2026-11-21 02:33:07']);
  expect(dateAndTimeUtc(Date.UTC(2026, 10, 21, 1, 34, 7))).toBe('2026-11-21 01:34:07 UTC');
});

test('what is no moment is unknown', () => {
  for (const tell of [timeOfDay, exactTimeOfDay, dateAndTime, exactDateAndTime, dateAndTimeUtc]) {
    expect([tell(Number.NaN), tell(1e300)]).toEqual(['–', '–']);
  }
});

test('the clock of a run', () => {
  expect([runClock(7_350), runClock(3_725_000), runClock(59_999.6), runClock(65_900, false), runClock(-1_500), runClock(-0.3)]).toEqual([
    '0:07.350',
    '1:02:05.000',
    '1:00.000',
    '1:05',
    '−0:01.500',
    '0:00.000',
  ]);
  expect([sinceStart(65_120, 0), sinceStart(0, 1_500), runClock(Number.NaN)]).toEqual(['+1:05.120', '−0:01.500', '–']);
});
