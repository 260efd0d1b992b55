/** Numbers in sentences: units that a tester would choose, and as many digits as say something. */
import { describe, expect, test } from 'vitest';
import { amount, amountRange, contractUnit, featureUnit, quoted } from '#shared/wording/quantities.ts';

describe('amounts', () => {
  test.each([
    [1_900_000, 'bytes per second', '1.9 MB/s'],
    [812_345_678, 'bytes', '812 MB'],
    [0, 'bytes', '0 bytes'],
    [2_400, 'ms', '2.4 s'],
    [300_000, 'ms', '5 min'],
    [0.0123, 'ms', '12.3 µs'],
    [-0.5, 'per second', '−0.5/s'],
    [1_234_567, 'count', '1,234,567'],
    [12.345, '%', '12.3 %'],
  ] as const)('%d %s is %s', (value, unit, text) => {
    expect(amount(value, unit)).toBe(text);
  });

  test('a range has one unit and the digits of its larger end', () => {
    expect(amountRange(-10_000, 20_000_000, 'bytes per second')).toBe('0 to 20 MB/s');
    expect(amountRange(-10_000, 20_000, 'bytes per second')).toBe('−10 to 20 kB/s');
    expect(amountRange(335, 411, 'ms')).toBe('335 to 411 ms');
    expect(amountRange(7, 7, 'count')).toBe('7');
  });

  test('trends are per second; what the contract has no unit for has none', () => {
    expect(featureUnit('bytes', 'trend')).toBe('bytes per second');
    expect(featureUnit('bytes', 'level')).toBe('bytes');
    expect(contractUnit(featureUnit('ms', 'trend'))).toBeNull();
    expect(contractUnit(featureUnit('count', 'trend'))).toBe('per second');
  });

  test('quotations', () => {
    expect(quoted('x'.repeat(200))).toHaveLength(82);
  });
});
