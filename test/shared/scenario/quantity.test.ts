/** Numbers with units. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearestName } from '#shared/scenario/nearest-name.ts';
import { longestDuration, parseDuration, parseQuantity, unitNames } from '#shared/scenario/quantity.ts';

describe('quantities', () => {
  test.each([
    ['0', 0, 'none'],
    ['.5', 0.5, 'none'],
    ['1.', 1, 'none'],
    ['1e3', 1_000, 'none'],
    ['2E-05', 0.00002, 'none'],
    ['2.5e+3ms', 2_500, 'ms'],
    ['−3', -3, 'none'],
    ['+3', 3, 'none'],
    ['-3%', -3, '%'],
    ['250ms', 250, 'ms'],
    ['1.5h', 5_400_000, 'ms'],
    ['1.1s', 1_100, 'ms'],
    ['7B', 7, 'bytes'],
    ['1GiB', 1_073_741_824, 'bytes'],
    ['1.5GB', 1_500_000_000, 'bytes'],
  ])('%s', (text, value, unit) => {
    expect(parseQuantity(text)).toEqual({ value, unit });
  });

  test.each(['', 's', '5mb', '5 MB', '1_000', '1,000', '0x10', '--1', '.', 'e3', '1e', '1e+', '1e3.5', '٣', '5MBs', 'NaN', 'Infinity'])(
    '%j is none',
    (text) => {
      expect(parseQuantity(text)).toBeNull();
    },
  );

  test('whole numbers keep their value in every unit', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), fc.constantFrom(...unitNames), (number, unit) => {
        const base = parseQuantity(`1${unit}`)!;
        expect(parseQuantity(`${number}${unit}`)).toEqual({ value: number * base.value, unit: base.unit });
      }),
      { seed: 7 },
    );
  });

  test('durations are times, not negative, and not longer than timers can be', () => {
    expect(parseDuration('1m')).toBe(60_000);
    expect(parseDuration('576h')).toBe(longestDuration);
    for (const text of ['5', '5MB', '-1s', '577h', '']) expect(parseDuration(text)).toBeNull();
  });
});

describe('the nearest name', () => {
  const names = ['MatchingEnginePrimary', 'MatchingEngineSecondary', 'Gateway', 'start_load', 'stop_load'];
  test.each([
    ['MatchingEnginPrimary', 'MatchingEnginePrimary'],
    ['gateway', 'Gateway'],
    ['Gatweay', 'Gateway'],
    ['strat_load', 'start_load'],
    ['stop_laod', 'stop_load'],
    ['entirely_other', null],
    ['Gateway', null],
    ['', null],
  ])('of %j is %j', (name, nearest) => {
    expect(nearestName(name, names)).toBe(nearest);
  });
});
