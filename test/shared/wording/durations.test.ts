/** Durations as people read them, on screen, in the terminal and in reports. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differenceText, durationText, secondsText, spanText } from '#shared/wording/durations.ts';
import { cases } from '../../thoroughness.ts';

/** ms that a text tells, as a reader would take it. */
function readDuration(text: string): number {
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 };
  const size = [...text.matchAll(/([\d.,E-]+) (ms|s|min|h)/g)].reduce(
    (sum, [, number = '', unit = '']) => sum + Number(number.replaceAll(',', '')) * (units[unit] ?? Number.NaN),
    0,
  );
  return text.startsWith('< ') ? 0 : text.startsWith('−') ? -size : size;
}

const milliseconds = fc.oneof(
  fc.double({ min: 0, max: 90_000, noNaN: true }),
  fc.double({ min: 0, max: 1e9, noNaN: true }),
  fc
    .tuple(fc.constantFrom(1, 1_000, 10_000, 60_000, 3_600_000, 7_200_000), fc.double({ min: -600, max: 600, noNaN: true }))
    .map(([edge, beside]) => Math.max(0, edge + beside)),
);

describe('a duration', () => {
  test.each([
    [null, '–'],
    [Number.NaN, '–'],
    [0, '< 1 ms'],
    [0.2, '< 1 ms'],
    [12.4, '12 ms'],
    [850, '850 ms'],
    [999.6, '1 s'],
    [3_440, '3.44 s'],
    [12_400, '12.4 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min 00 s'],
    [65_000, '1 min 05 s'],
    [119_700, '2 min 00 s'],
    [3_599_600, '1 h 00 min'],
    [3_720_000, '1 h 02 min'],
    [-65_000, '−1 min 05 s'],
  ])('of %s ms reads %s', (value, text) => expect(durationText(value)).toBe(text));

  test('keeps its digits where it counts on', () => {
    expect([850, 1_000, 3_400, 12_000, 59_960].map((value) => durationText(value, 'steady'))).toEqual([
      '850 ms',
      '1.00 s',
      '3.40 s',
      '12.0 s',
      '1 min 00 s',
    ]);
  });

  test.each(['short', 'steady'] as const)('%s: is what it was given, to three digits, and never has 60 of a unit', (digits) => {
    fc.assert(
      fc.property(milliseconds, (value) => {
        const text = durationText(value, digits);
        expect(text).not.toMatch(/NaN|(?<![.\d])60(\.\d+)? (s|min)\b|\b1,?000 ms\b/);
        const unit = value >= 3_599_500 ? 30_000 : value >= 59_950 ? 500 : value >= 1_000 ? value * 0.005 : 1;
        expect(Math.abs(readDuration(text) - value)).toBeLessThanOrEqual(unit + 1e-6);
      }),
      { numRuns: cases(20_000, 2_000) },
    );
  });

  test('that is longer never reads as a shorter one', () => {
    fc.assert(
      fc.property(milliseconds, milliseconds, (one, other) => {
        const [less, more] = one < other ? [one, other] : [other, one];
        expect(readDuration(durationText(more))).toBeGreaterThanOrEqual(readDuration(durationText(less)));
      }),
      { numRuns: cases(20_000, 2_000) },
    );
  });

  test('is counted in whole seconds where it is waited for', () => {
    expect([0, 400, 7_000, 65_400].map((value) => secondsText(value))).toEqual(['0 s', '0 s', '7 s', '1 min 05 s']);
    expect([secondsText(3_999, Math.floor), secondsText(3_001, Math.ceil), secondsText(-5)]).toEqual(['3 s', '4 s', '0 s']);
  });

  test('is longer or shorter than another', () => {
    expect([1_200, -40, 0.3, 0, null].map(differenceText)).toEqual(['+1.2 s', '−40 ms', '0 ms', '0 ms', '–']);
  });
});

test.each([
  [10_000, '10 s'],
  [60_000, '1 min'],
  [90_000, '1 min 30 s'],
  [300_000, '5 min'],
  [3_600_000, '1 h'],
])('a stretch of %i ms that is chosen reads %s', (milliseconds, text) => expect(spanText(milliseconds)).toBe(text));
