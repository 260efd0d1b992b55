/** Numbers as testers read them: `1.9 MB/s`, `2.4 s`, `−0.01 to 0.02 MB/s`. Decimal units, three significant digits. */
import type { MetricFeature } from '#shared/analysis/comparison.ts';
import type { Unit } from '#shared/telemetry/series.ts';

/** Units of what is told: those of series, and how fast these change. */
export type ToldUnit = Unit | 'ms per second' | '% per second' | 'per second squared';

interface Scale {
  readonly factor: number;
  readonly name: string;
}

const bytes: readonly Scale[] = [
  { factor: 1e9, name: ' GB' },
  { factor: 1e6, name: ' MB' },
  { factor: 1e3, name: ' kB' },
  { factor: 1, name: ' bytes' },
];
const perSecond = (scales: readonly Scale[]): readonly Scale[] => scales.map(({ factor, name }) => ({ factor, name: `${name}/s` }));
const scalesOf: Readonly<Record<ToldUnit, readonly Scale[]>> = {
  bytes,
  'bytes per second': perSecond(bytes),
  ms: [
    { factor: 120_000, name: ' min' },
    { factor: 1_000, name: ' s' },
    { factor: 1, name: ' ms' },
    { factor: 1e-3, name: ' µs' },
  ],
  'ms per second': [{ factor: 1, name: ' ms/s' }],
  '%': [{ factor: 1, name: ' %' }],
  '% per second': [{ factor: 1, name: ' %/s' }],
  count: [{ factor: 1, name: '' }],
  none: [{ factor: 1, name: '' }],
  'per second': [{ factor: 1, name: '/s' }],
  'per second squared': [{ factor: 1, name: '/s each second' }],
};

/** The scale in which the largest of some values is written. */
function scaleFor(values: readonly number[], unit: ToldUnit): Scale {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scales = scalesOf[unit];
  const usual = scales.find(({ factor }) => factor === 1) ?? scales[0];
  const found = largest === 0 ? usual : (scales.find(({ factor }) => largest >= factor) ?? scales.at(-1));
  const chosen = found ?? { factor: 1, name: '' };
  return chosen.name === ' min' ? { factor: 60_000, name: ' min' } : chosen;
}

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 });

/** @param step the smallest difference worth a digit */
function digits(value: number, step: number): string {
  if (value === 0 || !Number.isFinite(value)) return Number.isFinite(value) ? '0' : 'none';
  const size = Math.abs(value);
  const places = Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(Math.max(step, Number.MIN_VALUE)))));
  const text = size >= 1e15 ? size.toExponential(2) : grouped.format(Number(size.toFixed(places)));
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** `1.9 MB/s`. */
export function amount(value: number, unit: ToldUnit): string {
  const { factor, name } = scaleFor([value], unit);
  return digits(value / factor, Math.abs(value / factor)) + name;
}

/** `−0.01 to 0.02 MB/s`; one amount where both are written alike. */
export function amountRange(low: number, high: number, unit: ToldUnit): string {
  const { factor, name } = scaleFor([low, high], unit);
  const step = Math.max(Math.abs(low), Math.abs(high)) / factor;
  const from = digits(low / factor, step);
  const to = digits(high / factor, step);
  return from === to ? from + name : `${from} to ${to}${name}`;
}

/** The unit of a feature of a series: trends are per second. */
export function featureUnit(unit: Unit, feature: MetricFeature): ToldUnit {
  if (feature !== 'trend') return unit;
  switch (unit) {
    case 'bytes':
      return 'bytes per second';
    case 'ms':
      return 'ms per second';
    case '%':
      return '% per second';
    case 'count':
    case 'none':
      return 'per second';
    case 'per second':
    case 'bytes per second':
      return 'per second squared';
  }
}

/** The unit as the contract knows it; null: it has no name for it. */
export function contractUnit(unit: ToldUnit): Unit | null {
  return unit === 'ms per second' || unit === '% per second' || unit === 'per second squared' ? null : unit;
}

/** A step's or line's text within a sentence. */
export function quoted(text: string): string {
  return `“${text.length > 80 ? `${text.slice(0, 79)}…` : text}”`;
}
