/** Digits as people read them, without a unit: three significant ones at most, thousands in groups, a true minus. */

/** Stands where a value is not known. */
export const notKnown = '–';

/** `short`: no zeros that say nothing. `steady`: always as many digits, for what changes before the reader's eyes and for columns. */
export type Digits = 'short' | 'steady';

const language = 'en-US';
/** Three significant digits, or all of a whole number. */
const common = {
  maximumSignificantDigits: 3,
  maximumFractionDigits: 0,
  roundingPriority: 'morePrecision',
  signDisplay: 'negative',
} as const;
const forms: Readonly<Record<Digits, Intl.NumberFormat>> = {
  short: new Intl.NumberFormat(language, common),
  steady: new Intl.NumberFormat(language, { ...common, minimumSignificantDigits: 3, minimumFractionDigits: 0 }),
};
const scientific = new Intl.NumberFormat(language, { notation: 'scientific', maximumSignificantDigits: 3 });
const mostPlaces = 8;
const byPlaces = Array.from(
  { length: mostPlaces + 1 },
  (_, places) => new Intl.NumberFormat(language, { maximumFractionDigits: places, signDisplay: 'negative' }),
);

/** Outside of it a number has more zeros than anyone counts. */
const readable = { least: 1e-6, most: 1e15 } as const;
/** Below it zeros stand before the digits already; more behind them would only be in the way. */
const leastSteady = 0.1;

/** `12.4`, `12,345`, `0.00123`, `−3`; beyond all measure `1.2E15`. */
export function numberText(value: number | null, digits: Digits = 'short'): string {
  if (value === null || !Number.isFinite(value)) return notKnown;
  const size = Math.abs(value);
  const form =
    size !== 0 && (size < readable.least || size >= readable.most) ? scientific : forms[size < leastSteady && size > 0 ? 'short' : digits];
  return withMinus(form.format(value));
}

/** A number of a row or a range: as many places as the largest of them needs. */
export function numberBeside(value: number, largest: number): string {
  const size = Math.abs(largest);
  if (!Number.isFinite(value) || size < readable.least || size >= readable.most) return numberText(value);
  const places = Math.min(mostPlaces, Math.max(0, 2 - Math.floor(Math.log10(size))));
  return withMinus((byPlaces[places] ?? forms.short).format(value));
}

/** Rounded as it is written, so that a unit is chosen for what is read: 999.7 is 1,000. */
export function asRead(value: number): number {
  return Math.abs(value) < 1_000 ? Number(value.toPrecision(3)) : Math.round(value);
}

export function two(value: number): string {
  return String(value).padStart(2, '0');
}

function withMinus(text: string): string {
  return text.replaceAll('-', '−');
}
