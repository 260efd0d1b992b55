/**
 * Decimal numbers of any length and exponent, compared exactly. Nothing is calculated with but the digits that were written: no
 * rounding, and work that grows with the length of the text, not with the size of the number (`1e999999999` is three digits).
 */

/** `sign` times 0.`digits` times 10^`exponent`; the digits neither begin nor end with 0, and zero has none. */
export interface ExactNumber {
  readonly sign: -1 | 0 | 1;
  readonly digits: string;
  readonly exponent: bigint;
}

const zero: ExactNumber = { sign: 0, digits: '', exponent: 0n };

/** What a number may look like: a sign, digits with a point somewhere or not at all, an exponent. U+2212 counts as the minus it is. */
export const numberPattern = '[+\\-\\u2212]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+\\-\\u2212]?[0-9]+)?';

const form = /^([+\-\u2212]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+\-\u2212]?)([0-9]+))?$/;

/**
 * Reads `12`, `-0.5`, `+3`, `.5`, `5.`, `1e3`, `2E-05`; null for everything else: separators of thousands, hexadecimal
 * numbers, `NaN` and `Infinity` are no numbers.
 */
export function readNumber(text: string): ExactNumber | null {
  const [, sign = '', whole = '', fraction = '', exponentSign = '', exponent = '0'] = form.exec(text) ?? [];
  if (whole === '' && fraction === '') return null;
  const written = BigInt(exponent);
  return scaled(sign, whole + fraction, BigInt(whole.length) + (isMinus(exponentSign) ? -written : written));
}

function isMinus(sign: string): boolean {
  return sign === '-' || sign === '\u2212';
}

function scaled(sign: string, digits: string, exponent: bigint): ExactNumber {
  let start = 0;
  while (digits[start] === '0') start += 1;
  let end = digits.length;
  while (end > start && digits[end - 1] === '0') end -= 1;
  if (start === end) return zero;
  return { sign: isMinus(sign) ? -1 : 1, digits: digits.slice(start, end), exponent: exponent - BigInt(start) };
}

/** Below, at or above 0 where `left` is below, equal to or above `right`. */
export function compareNumbers(left: ExactNumber, right: ExactNumber): -1 | 0 | 1 {
  if (left.sign !== right.sign) return left.sign < right.sign ? -1 : 1;
  const size = compareSizes(left, right);
  return size === 0 || left.sign === 1 ? size : size === 1 ? -1 : 1;
}

/** Without signs. Both texts of digits stand right behind the point, so their order is that of their characters. */
function compareSizes(left: ExactNumber, right: ExactNumber): -1 | 0 | 1 {
  if (left.exponent !== right.exponent) return left.exponent < right.exponent ? -1 : 1;
  if (left.digits === right.digits) return 0;
  return left.digits < right.digits ? -1 : 1;
}

/** How many digits are multiplied at a time: with a factor below 2^31 the product and its carry stay exact. */
const block = 6;

/** The number times a whole factor from 1 to 2^31. */
export function times(number: ExactNumber, factor: number): ExactNumber {
  if (factor === 1 || number.sign === 0) return number;
  const blocks: string[] = [];
  let carry = 0;
  for (let end = number.digits.length; end > 0; end -= block) {
    const product = Number(number.digits.slice(Math.max(0, end - block), end)) * factor + carry;
    // The first digits may be fewer than a block; what is multiplied with is then just smaller.
    blocks.push(String(product % 10 ** block).padStart(block, '0'));
    carry = Math.floor(product / 10 ** block);
  }
  const digits = String(carry) + blocks.reverse().join('');
  const behind = BigInt(number.digits.length) - number.exponent;
  return scaled(number.sign < 0 ? '-' : '', digits, BigInt(digits.length) - behind);
}

/** The number where it is whole, not negative and at most `largest`; null otherwise. */
export function wholeNumber(text: string, largest: number): number | null {
  const number = readNumber(text.trim());
  if (!number || number.sign < 0) return null;
  if (number.sign === 0) return 0;
  const bound = readNumber(String(largest));
  const isWhole = number.exponent >= BigInt(number.digits.length);
  if (!isWhole || !bound || compareNumbers(number, bound) > 0) return null;
  return Number(number.digits.padEnd(Number(number.exponent), '0'));
}
