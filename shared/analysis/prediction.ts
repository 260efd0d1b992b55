/**
 * How surprising is one new run, given the earlier ones? The deviate z is the distance from their median in units of Qn, widened by
 * √(1 + 1/n) because the new value varies as well as the median. For normal values z follows, up to a factor, Student's distribution
 * with fewer degrees of freedom than n − 1, since a robust scale knows less; the table below says how many.
 */
import { logNormalTail, logStudentTail, normalQuantileOfLogTail } from './distributions.ts';
import { medianOfSorted, qnOfSorted, resolutionOfSorted } from './robust.ts';

/**
 * Degrees of freedom and factor of z by number of runs, fitted to simulations of up to 1.5 million baselines each (error of the tail
 * probability below 10 % between 0.1 and 5e-6, 20 % for 9 runs); test/shared/analysis/prediction.test.ts simulates anew.
 */
const reference: readonly (readonly [runs: number, freedom: number, factor: number])[] = [
  [4, 1.95, 0.856],
  [5, 2.02, 0.948],
  [6, 2.96, 0.872],
  [7, 3.02, 0.892],
  [8, 4.33, 0.936],
  [9, 4.16, 0.9],
  [10, 5.5, 0.936],
  [11, 5.73, 0.968],
  [12, 6.86, 0.956],
  [13, 7.14, 0.972],
  [14, 8.3, 0.976],
  [15, 8.55, 0.976],
  [17, 10.03, 0.98],
  [18, 10.86, 0.972],
  [19, 11.54, 0.98],
  [20, 12.01, 0.97],
  [24, 15.26, 0.984],
  [30, 19.8, 0.992],
  [40, 27.81, 0.996],
  [50, 34.66, 0.996],
  [70, 52.74, 1],
  [100, 77.13, 1],
  [200, 160, 1],
];

interface Reference {
  readonly freedom: number;
  readonly factor: number;
}

const referenceByRuns: Reference[] = [];

/** The distribution of z for so many runs, between the table's lines by interpolation. */
export function referenceFor(runs: number): Reference {
  return (referenceByRuns[runs] ??= interpolated(runs));
}

function interpolated(runs: number): Reference {
  const above = reference.findIndex(([count]) => count >= runs);
  const [low, high] = [reference[Math.max(0, above - 1)], reference[above]];
  if (above < 0 || !low || !high) return { freedom: runs * 0.8, factor: 1 };
  if (high[0] === runs || above === 0) return { freedom: high[1], factor: high[2] };
  const share = (runs - low[0]) / (high[0] - low[0]);
  return { freedom: low[1] + share * (high[1] - low[1]), factor: low[2] + share * (high[2] - low[2]) };
}

/** √(1 + 1/n) */
export function predictionFactor(runs: number): number {
  return Math.sqrt(1 + 1 / runs);
}

/**
 * The deviate as a normal score: as improbable for normal values as z is for so many runs. So deviates of different numbers of runs can
 * stand in one pool.
 */
export function normalScore(z: number, runs: number): number {
  const { freedom, factor } = referenceFor(runs);
  const size = Math.abs(z) / factor;
  const score = Math.min(largestScore, normalQuantileOfLogTail(logStudentTail(size, freedom)));
  return z < 0 ? -score : score;
}

/** Beyond this nothing is told apart. */
export const largestScore = 37;

/** The z that has a given normal score. */
export function deviateOfScore(score: number, runs: number): number {
  const { freedom, factor } = referenceFor(runs);
  const wanted = logNormalTail(Math.abs(score));
  let low = 0;
  let high = 1;
  while (logStudentTail(high, freedom) > wanted && high < 1e30) high *= 4;
  for (let round = 0; round < 100 && high - low > 1e-9 * high; round += 1) {
    const middle = (low + high) / 2;
    if (logStudentTail(middle, freedom) > wanted) low = middle;
    else high = middle;
  }
  return Math.sign(score) * ((low + high) / 2) * factor;
}

/** What a baseline says about one number. Reused from number to number: copy what is kept. */
export interface BaselineSpread {
  runs: number;
  median: number;
  /** Qn, or the floor where the values (almost) do not differ. */
  scale: number;
  /** More than half of the values are the same, or differ by less than the floor. */
  constant: boolean;
}

/**
 * Median and scale of the first `count` values of an ascending list.
 * @param floor differences below it matter to nobody
 */
export function measureSpread(sorted: Float64Array, count: number, floor: number, into: BaselineSpread): BaselineSpread {
  into.runs = count;
  into.median = medianOfSorted(sorted, count);
  const scale = qnOfSorted(sorted, count);
  into.constant = !(scale > floor);
  // Values of few different sizes: half of the smallest step between them is as much as they can resolve.
  into.scale = into.constant ? Math.max(floor, resolutionOfSorted(sorted, count) / 2) : scale;
  return into;
}

/** Signed deviate of a new value. */
export function deviate(value: number, { median, scale, runs }: BaselineSpread): number {
  const difference = value - median;
  if (difference === 0) return 0;
  return scale === 0 ? Math.sign(difference) * Infinity : difference / (scale * predictionFactor(runs));
}
