/** Exact numbers against whole-number arithmetic: order, forms, and time that does not grow with the size of a number. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareNumbers, readNumber, times, wholeNumber } from '#shared/scenario/exact-number.ts';
import { parseQuantity, readQuantity, unitNames } from '#shared/scenario/quantity.ts';

/** A number as `digits` times 10^`exponent`, and one of the ways to write it. */
const written = fc
  .record({
    digits: fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
    exponent: fc.integer({ min: -30, max: 30 }),
    shift: fc.integer({ min: -12, max: 12 }),
    zeros: fc.nat({ max: 3 }),
    sign: fc.constantFrom('', '+'),
    letter: fc.constantFrom('e', 'E', 'e+'),
  })
  .map(({ digits, exponent, shift, zeros, sign, letter }) => {
    const size = String(digits < 0n ? -digits : digits);
    const padded = '0'.repeat(zeros) + size;
    // Moves the point `shift` digits to the left, where there are that many.
    const point = Math.min(Math.max(shift, 0), padded.length);
    const text = point === 0 ? `${padded}${shift < 0 ? '.' : ''}` : `${padded.slice(0, -point)}.${padded.slice(-point)}`;
    const rest = exponent + point;
    const power = rest < 0 ? `e${rest}` : rest === 0 ? '' : `${letter}${rest}`;
    return { text: `${digits < 0n ? '-' : sign}${text}${power}`, digits, exponent };
  });

function exact(text: string) {
  const number = readNumber(text);
  if (!number) throw new Error(`no number: ${text}`);
  return number;
}

/** All exponents of the generator become whole numbers. */
function scaled({ digits, exponent }: { digits: bigint; exponent: number }): bigint {
  return digits * 10n ** BigInt(exponent + 40);
}

function orderOf(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

describe('exact numbers', () => {
  test('stand to one another as the numbers do', () => {
    fc.assert(
      fc.property(written, written, (left, right) => {
        const order = compareNumbers(exact(left.text), exact(right.text));
        expect(order).toBe(orderOf(scaled(left), scaled(right)));
        expect(compareNumbers(exact(right.text), exact(left.text)) + order).toBe(0);
      }),
      { seed: 20261201, numRuns: 5_000 },
    );
  });

  test('a number is the same in every form', () => {
    fc.assert(
      fc.property(written, fc.integer({ min: -300, max: 300 }), ({ text, digits, exponent }, shift) => {
        const other = `${digits}${'0'.repeat(Math.max(0, shift))}e${exponent - Math.max(0, shift)}`;
        expect(readNumber(text)).toEqual(readNumber(other));
      }),
      { seed: 20261202, numRuns: 3_000 },
    );
  });

  test('units multiply exactly', () => {
    fc.assert(
      fc.property(written, fc.constantFrom(...unitNames), ({ text, digits, exponent }, unit) => {
        const factor = BigInt(parseQuantity(`1${unit}`)!.value);
        expect(readQuantity(text + unit)!.number).toEqual(readNumber(`${digits * factor}e${exponent}`));
      }),
      { seed: 20261203, numRuns: 3_000 },
    );
    expect(times(exact('0.5'), 1_000)).toEqual(exact('500'));
  });

  test('agree with doubles where those are exact', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (left, right) => {
          expect(compareNumbers(exact(String(left)), exact(String(right)))).toBe(left < right ? -1 : left > right ? 1 : 0);
        },
      ),
      { seed: 20261204, numRuns: 5_000 },
    );
  });

  test.each([
    ['9223372036854775807', '9223372036854775808', -1],
    ['0.1', '0.10000000000000000001', -1],
    ['2e-05', '0.5', -1],
    ['1e400', '1e401', -1],
    ['1e400', '9e399', 1],
    ['-1e400', '1e-400', -1],
    ['1e-999999999999', '0', 1],
    ['1e999999999', '1e999999998', 1],
    ['-0', '0', 0],
    ['0e99999999999999999999', '-0.000', 0],
    ['+007.50', '7.5', 0],
    ['1.', '.1e1', 0],
    ['−5', '-5', 0],
  ])('%s and %s', (left, right, order) => {
    expect(compareNumbers(exact(left), exact(right))).toBe(order);
  });

  test.each(['', '.', '-', 'e5', '1e', '1e+', '1,000', '1_000', '1 000', '0x10', 'NaN', 'Infinity', '--1', '1.2.3', '٣', '１'])(
    '%j is none',
    (text) => expect(readNumber(text)).toBeNull(),
  );

  test('length costs, size does not', () => {
    const long = '7'.repeat(1_000_000);
    expect(compareNumbers(exact(`${long}8`), exact(`${long}7`))).toBe(1);
    expect(compareNumbers(exact(`0.${'0'.repeat(1_000_000)}1`), exact('1e-1000001'))).toBe(0);
    expect(compareNumbers(exact(`1e${'9'.repeat(10_000)}`), exact(`-1e${'9'.repeat(10_000)}`))).toBe(1);
    expect(readQuantity(`${'0'.repeat(1_000_000)}${long}GiB`)?.unit).toBe('bytes');
    expect(readNumber(`${'0'.repeat(1_000_000)}x`)).toBeNull();
  });

  test.each([
    ['1e3', 1_000],
    [' 3.0 ', 3],
    ['0', 0],
    ['0e999999999', 0],
    ['1e6', 1_000_000],
    ['1000001', null],
    ['1e999999999', null],
    ['2.5', null],
    ['1e-1', null],
    ['-1', null],
    ['', null],
    ['0x10', null],
    ['3s', null],
  ])('%j as a whole number up to a million is %j', (text, value) => {
    expect(wholeNumber(text, 1_000_000)).toBe(value);
  });
});
