/**
 * Numbers with units: `500MB`, `30s`, `15%`, `2.5e3ms`, and the base units in which they are kept. Exactly, as they are compared
 * (`readQuantity`); and as near as a JavaScript number comes, for timers, charts and the like (`parseQuantity`).
 */
import { numberPattern, readNumber, times, type ExactNumber } from './exact-number.ts';

export type QuantityUnit = 'bytes' | 'ms' | '%' | 'none';

/** `value` is in the base unit: bytes, milliseconds, per cent, or a plain number. */
export interface Quantity {
  readonly value: number;
  readonly unit: QuantityUnit;
}

/** A quantity to the last digit, in the base unit. */
export interface ExactQuantity {
  readonly number: ExactNumber;
  readonly unit: QuantityUnit;
}

const units: ReadonlyMap<string, { readonly unit: QuantityUnit; readonly factor: number }> = new Map([
  ['', { unit: 'none', factor: 1 }],
  ['%', { unit: '%', factor: 1 }],
  ['ms', { unit: 'ms', factor: 1 }],
  ['s', { unit: 'ms', factor: 1_000 }],
  ['m', { unit: 'ms', factor: 60_000 }],
  ['h', { unit: 'ms', factor: 3_600_000 }],
  ['B', { unit: 'bytes', factor: 1 }],
  ['kB', { unit: 'bytes', factor: 1_000 }],
  ['MB', { unit: 'bytes', factor: 1_000_000 }],
  ['GB', { unit: 'bytes', factor: 1_000_000_000 }],
  ['KiB', { unit: 'bytes', factor: 1_024 }],
  ['MiB', { unit: 'bytes', factor: 1_048_576 }],
  ['GiB', { unit: 'bytes', factor: 1_073_741_824 }],
]);

/** All units that may follow a number. */
export const unitNames: readonly string[] = [...units.keys()].filter((name) => name !== '');

/** Other ways in which people write units, and what they mean. */
const misspelledUnits: ReadonlyMap<string, string> = new Map([
  ...unitNames.map((name) => [name.toLowerCase(), name] as const),
  ['msec', 'ms'],
  ['millis', 'ms'],
  ['milliseconds', 'ms'],
  ['sec', 's'],
  ['secs', 's'],
  ['second', 's'],
  ['seconds', 's'],
  ['min', 'm'],
  ['mins', 'm'],
  ['minute', 'm'],
  ['minutes', 'm'],
  ['hour', 'h'],
  ['hours', 'h'],
  ['hr', 'h'],
  ['byte', 'B'],
  ['bytes', 'B'],
]);

/** The longest time a scenario may wait for: 24 days, what the timers of every host can do. */
export const longestDuration = 24 * 24 * 3_600_000;

const numberWithUnit = new RegExp(`^(${numberPattern})([A-Za-z]{0,12}|%)$`);

/** A number and what was written after it, without judging the unit; null where the text is no number. */
export function splitQuantity(text: string): { readonly number: string; readonly unit: string } | null {
  const found = numberWithUnit.exec(text);
  return found ? { number: found[1] ?? '', unit: found[2] ?? '' } : null;
}

/** Reads `500`, `500MB`, `1.5s`, `15%`, `1e3`; null where the text is not a number with a known unit. */
export function parseQuantity(text: string): Quantity | null {
  const parts = splitQuantity(text);
  const unit = parts && units.get(parts.unit);
  return parts && unit ? { value: scaled(Number(parts.number.replaceAll('\u2212', '-')), unit.factor), unit: unit.unit } : null;
}

/** As {@link parseQuantity}, to the last digit. */
export function readQuantity(text: string): ExactQuantity | null {
  const parts = splitQuantity(text);
  const unit = parts && units.get(parts.unit);
  const number = parts && readNumber(parts.number);
  return number && unit ? { number: times(number, unit.factor), unit: unit.unit } : null;
}

/** Reads a duration such as `250ms`, `30s`, `1.5m`; in milliseconds. Null where it is none, negative, or longer than `longestDuration`. */
export function parseDuration(text: string): number | null {
  const quantity = parseQuantity(text);
  return quantity && quantity.unit === 'ms' && quantity.value >= 0 && quantity.value <= longestDuration ? quantity.value : null;
}

/** The unit that was probably meant by an unknown one: `mb` → `MB`, `sec` → `s`. */
export function intendedUnit(unit: string): string | null {
  return misspelledUnits.get(unit.toLowerCase()) ?? null;
}

/** Fifteen significant digits keep `1.1s` at 1100 ms instead of 1100.0000000000002. */
function scaled(number: number, factor: number): number {
  if (factor === 1) return number;
  return Number.isInteger(number) ? number * factor : Number((number * factor).toPrecision(15));
}
