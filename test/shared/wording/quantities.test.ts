/** Values with their units: those that a tester would choose, and as many digits as say something. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changeText, quantityRange, quantityText } from '#shared/wording/quantities.ts';
import { unitSchema } from '#shared/telemetry/series.ts';
import { cases } from '../../thoroughness.ts';

const anyUnit = fc.constantFrom(...unitSchema.options);
const anyValue = fc.oneof(
  fc.double({ min: -1e12, max: 1e12, noNaN: true }),
  fc.double({ min: -2_000, max: 2_000, noNaN: true }),
  fc
    .tuple(fc.integer({ min: 0, max: 5 }), fc.double({ min: -0.6, max: 0.6, noNaN: true }))
    .map(([power, beside]) => (1_000 + beside) * 1_000 ** power),
);

const factors: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15 };
/** The number of bytes that a text tells. */
function readBytes(text: string): number {
  const [number = '', unit = ''] = text.replaceAll('−', '-').replaceAll(',', '').split(' ');
  return Number(number) * (factors[unit] ?? 1);
}

describe('a quantity', () => {
  test.each([
    [1_900_000, 'bytes per second', '1.9 MB/s'],
    [812_345_678, 'bytes', '812 MB'],
    [48_200_000, 'bytes', '48.2 MB'],
    [0, 'bytes', '0 B'],
    [999, 'bytes', '999 B'],
    [999_700, 'bytes', '1 MB'],
    [-1_500_000, 'bytes', '−1.5 MB'],
    [0.31, 'ms', '0.31 ms'],
    [2_400, 'ms', '2.4 s'],
    [65_000, 'ms', '1 min 05 s'],
    [3_725_000, 'ms', '1 h 02 min'],
    [-65_000, 'ms', '−1 min 05 s'],
    [-0.5, 'per second', '−0.5 /s'],
    [305, 'per second', '305 /s'],
    [1_234_567, 'count', '1,234,567'],
    [12.345, '%', '12.3 %'],
    [99.96, '%', '100 %'],
    [0.000_05, 'none', '0.00005'],
    [1.2e-9, 'none', '1.2E−9'],
    [3e18, 'count', '3E18'],
    [2, 'per second squared', '2 /s each second'],
    [null, 'bytes', '–'],
    [Number.NaN, '%', '–'],
    [7.25, null, '7.25'],
  ] as const)('%s %s reads %s', (value, unit, text) => expect(quantityText(value, unit)).toBe(text));

  test('keeps its digits where it changes before the reader; counts have none to keep', () => {
    const steady = (value: number, unit: Parameters<typeof quantityText>[1]) => quantityText(value, unit, 'steady');
    expect([
      steady(12, '%'),
      steady(2_000_000, 'bytes'),
      steady(512, 'bytes'),
      steady(2_000, 'ms'),
      steady(0.007, 'ms'),
      steady(5, 'count'),
    ]).toEqual(['12.0 %', '2.00 MB', '512 B', '2.00 s', '0.007 ms', '5']);
  });

  test('never has a thousand of a unit, minus nothing, or no number', () => {
    fc.assert(
      fc.property(anyValue, anyUnit, fc.constantFrom('short' as const, 'steady' as const), (value, unit, digits) => {
        const text = quantityText(value, unit, digits);
        expect(text).not.toMatch(/NaN|undefined|Infinity|-/);
        expect(text).not.toMatch(/(?<![.\d])60(\.\d+)? (s|min)\b|(?<![.,\d])1,?000(\.\d+)? (B|kB|MB|GB|TB|ms)\b/);
        expect(text).not.toMatch(/^−0(\.0+)?( |$)/);
      }),
      { numRuns: cases(30_000, 3_000) },
    );
  });

  test('that is larger never reads as a smaller one', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (one, other) => {
        const [less, more] = one < other ? [one, other] : [other, one];
        expect(readBytes(quantityText(more, 'bytes'))).toBeGreaterThanOrEqual(readBytes(quantityText(less, 'bytes')));
      }),
      { numRuns: cases(30_000, 3_000) },
    );
  });

  test('is more or less than another', () => {
    expect([changeText(1_500_000, 'bytes'), changeText(-3, '%'), changeText(0, 'bytes'), changeText(null, 'ms')]).toEqual([
      '+1.5 MB',
      '−3 %',
      '0 B',
      '–',
    ]);
  });
});

describe('a range', () => {
  test('has one unit and the digits of its larger end', () => {
    expect(quantityRange(-10_000, 20_000_000, 'bytes per second')).toBe('0 to 20 MB/s');
    expect(quantityRange(-10_000, 20_000, 'bytes per second')).toBe('−10 to 20 kB/s');
    expect(quantityRange(335, 411, 'ms')).toBe('335 to 411 ms');
    expect(quantityRange(1_200, 2_400, 'ms')).toBe('1.2 to 2.4 s');
    expect(quantityRange(7, 7, 'count')).toBe('7');
  });

  test('of minutes tells each end in full', () => {
    expect(quantityRange(59_000, 65_000, 'ms')).toBe('59 s to 1 min 05 s');
    expect(quantityRange(65_000, 65_001, 'ms')).toBe('1 min 05 s');
  });

  test('never has a thousand of a unit, minus nothing, or no number', () => {
    fc.assert(
      fc.property(anyValue, anyValue, anyUnit, (one, other, unit) => {
        const text = quantityRange(Math.min(one, other), Math.max(one, other), unit);
        expect(text).not.toMatch(/NaN|undefined|Infinity|-/);
        expect(text).not.toMatch(/(?<![.\d])60(\.\d+)? (s|min)\b|(?<![.,\d])1,?000(\.\d+)? (B|kB|MB|GB|TB|ms)\b/);
        expect(text).not.toMatch(/(^|to )−0(\.0+)?( |$)/);
      }),
      { numRuns: cases(30_000, 3_000) },
    );
  });
});
