/** Where the values of a finding lie: on a line from 0 to 1 for the small picture in each row, on an axis for the large one. */
import type { Finding } from '#shared/analysis/comparison.ts';
import { axisRange, roundStep } from '../run/charts/units.ts';

export interface DistributionPlaces {
  /** One per baseline run. */
  readonly dots: readonly number[];
  /** In which another run of the baseline would be expected. */
  readonly expected: { readonly low: number; readonly high: number; readonly median: number } | null;
  readonly candidate: number | null;
}

/** Share of the line that stays free at each end, so that marks are not cut. */
const margin = 0.04;

/** Ticks of an axis, about. */
const wantedTicks = 5;

/** Null where nothing is to be drawn. */
export function distributionPlaces({
  candidate,
  baseline,
  expected,
}: Pick<Finding, 'candidate' | 'baseline' | 'expected'>): DistributionPlaces | null {
  const values = baseline.map(({ value }) => value).filter(Number.isFinite);
  const own = candidate !== null && Number.isFinite(candidate) ? candidate : null;
  const all = [...values, ...(own === null ? [] : [own]), ...(expected ? [expected.low, expected.high].filter(Number.isFinite) : [])];
  if (all.length === 0) return null;
  const low = all.reduce((one, other) => Math.min(one, other));
  const high = all.reduce((one, other) => Math.max(one, other));
  const place = (value: number): number => {
    if (high === low) return 0.5;
    // Halves, since the difference of the largest numbers is none.
    const share = Math.min(1, Math.max(0, (value / 2 - low / 2) / (high / 2 - low / 2)));
    return margin + share * (1 - 2 * margin);
  };
  return {
    dots: values.map(place),
    expected: expected && { low: place(expected.low), high: place(expected.high), median: place(expected.median) },
    candidate: own === null ? null : place(own),
  };
}

/** The axis of a finding's values: a round range around all that is drawn, with a tick at every round step. */
export function valueAxis({ candidate, baseline, expected, unit }: Pick<Finding, 'candidate' | 'baseline' | 'expected' | 'unit'>): {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
} {
  const values = [...baseline.map(({ value }) => value), ...(candidate === null ? [] : [candidate])];
  // A range of what cannot be negative may reach below nought; nobody expects a value there.
  const isNeverNegative = values.every((value) => value >= 0);
  const range = expected ? [isNeverNegative ? Math.max(0, expected.low) : expected.low, expected.high] : [];
  const drawn = [...values, ...range];
  const least = drawn.reduce((one, other) => Math.min(one, other), Infinity);
  const most = drawn.reduce((one, other) => Math.max(one, other), -Infinity);
  const [low, high] = axisRange(least, most, unit ?? 'none');
  const step = roundStep((high - low) / wantedTicks);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.max(0, Math.floor(high / step + 1e-9) - first + 1);
  return { low, high, ticks: Array.from({ length: count }, (_, index) => (first + index) * step) };
}
