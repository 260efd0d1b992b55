/**
 * Durations and sizes as configuration files write them: the units of scenarios and a few more, perhaps with a blank before the unit;
 * without a sign and without an exponent.
 */
import { parseQuantity, type QuantityUnit } from '#shared/scenario/quantity.ts';

/** Units that scenarios do not have, in those that they have. */
const furtherUnits: ReadonlyMap<string, readonly [factor: number, unit: string]> = new Map([
  ['min', [1, 'm']],
  ['d', [24, 'h']],
  ['KB', [1, 'kB']],
  ['TB', [1_000, 'GB']],
  ['TiB', [1_024, 'GiB']],
]);

function parseAmount(text: string, wanted: QuantityUnit): number | undefined {
  const [, number = '', written = ''] = /^(\d{1,12}(?:\.\d{1,6})?)\s?([A-Za-z]{1,3})$/.exec(text.trim()) ?? [];
  const [factor, unit] = furtherUnits.get(written) ?? [1, written];
  const quantity = parseQuantity(`${number}${unit}`);
  return quantity?.unit === wanted ? quantity.value * factor : undefined;
}

/** `1.5s` in ms; undefined where it is no duration. */
export function parseDuration(text: string): number | undefined {
  return parseAmount(text, 'ms');
}

/** `64MB` in bytes; undefined where it is no size. */
export function parseSize(text: string): number | undefined {
  const bytes = parseAmount(text, 'bytes');
  return bytes === undefined ? undefined : Math.round(bytes);
}
