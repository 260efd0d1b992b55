/**
 * How surprising is one new run, given the earlier ones? The deviate z is the distance from their median in units of a robust scale, widened by
 * √(1 + 1/n) because the new value varies as well as the median. For normal values z follows, up to a factor, Student's distribution
 * with fewer degrees of freedom than n − 1, since a robust scale knows less; the table below says how many.
 */
import { logNormalTail, logStudentTail, normalQuantileOfLogTail } from './distributions.ts';
import { medianOfSorted, qnOfSorted, resolutionOfSorted } from './robust.ts';

/**
 * Degrees of freedom and factor of z by number of runs, fitted to simulations of up to 500,000 baselines each (error of the tail
 * probability below 15 % between 0.1 and 5e-6 from 8 runs on); test/shared/analysis/statistics.test.ts simulates anew.
 */
const reference: readonly (readonly [runs: number, freedom: number, factor: number])[] = [
  [4, 2.73, 1.004],
  [5, 3.92, 1.236],
  [6, 4.88, 1.132],
  [7, 5.39, 1.14],
  [8, 6.33, 1.072],
  [9, 6.86, 1.088],
  [10, 7.73, 1.044],
  [11, 8.21, 1.06],
  [12, 9.07, 1.024],
  [13, 9.64, 1.044],
  [14, 10.86, 1.036],
  [15, 10.65, 1.02],
  [16, 12.01, 1.02],
  [18, 13.01, 1.012],
  [20, 14.37, 1.004],
  [24, 17.21, 1],
  [30, 19.8, 0.992],
  [40, 27.81, 0.996],
  [50, 36.8, 1],
  [70, 51.7, 1],
  [100, 77.13, 1],
  [200, 158, 1],
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
  /** See `steadyScale`; never less than what matters. */
  scale: number;
  /** There is no spread to measure by: more than half of the values are the same, or, where steps are measured, all are. */
  constant: boolean;
}

export interface SpreadRules {
  /** Differences below it matter to nobody. */
  readonly floor: number;
  /**
   * A number whose values are mostly alike because it is told in steps (a latency in whole milliseconds) is measured by its steps and
   * by how far a run was seen off. Without, it counts as constant.
   */
  readonly steps: boolean;
  /** Scale that is known already from more values. */
  readonly least?: number;
}

/** Median and scale of the first `count` values of an ascending list. */
export function measureSpread(
  sorted: Float64Array,
  count: number,
  { floor, steps, least = 0 }: SpreadRules,
  into: BaselineSpread,
): BaselineSpread {
  into.runs = count;
  into.median = medianOfSorted(sorted, count);
  const usual = steadyScale(sorted, count, into.median);
  // Values of few different sizes: half of the smallest step between them is as much as they can resolve.
  const resolution = usual > 0 ? 0 : resolutionOfSorted(sorted, count) / 2;
  const inSteps = usual > 0 || !steps || resolution === 0 ? 0 : Math.max(resolution, farthestOfSorted(sorted, count, into.median) / 4);
  const scale = Math.max(usual, inSteps, least);
  into.constant = !(scale > 0);
  into.scale = Math.max(floor, into.constant ? resolution : scale);
  return into;
}

/**
 * Qn, but never less than a quarter of the distance that a baseline run was seen at: what was far off in a run of the baseline is no
 * steady number, however alike the others are. Of many runs the farthest (one in 25) do not count. Few runs that lie close together by
 * chance make Qn too small; this keeps it from becoming nothing, so the tails of z are lighter than with Qn alone.
 */
export function steadyScale(sorted: Float64Array, count: number, median: number): number {
  const scale = qnOfSorted(sorted, count);
  // More than half of the values are alike: then a few others are no spread.
  return scale > 0 ? Math.max(scale, farthestOfSorted(sorted, count, median) / 4) : scale;
}

/** How far off a run was seen; of many runs the farthest (one in 25) do not count. */
function farthestOfSorted(sorted: Float64Array, count: number, median: number): number {
  let [low, high] = [0, count - 1];
  let farthest = 0;
  for (let left = among(count); left > 0; left -= 1) {
    const [below, above] = [median - (sorted[low] ?? median), (sorted[high] ?? median) - median];
    farthest = Math.max(below, above);
    if (below > above) low += 1;
    else high -= 1;
  }
  return farthest;
}

/** Of so many baseline runs, how many must have had a value as far out for it to be unremarkable. */
export function among(runs: number): number {
  return Math.max(1, Math.ceil(runs * 0.04));
}

/** Signed deviate of a new value. */
export function deviate(value: number, { median, scale, runs }: BaselineSpread): number {
  const difference = value - median;
  if (difference === 0) return 0;
  return scale === 0 ? Math.sign(difference) * Infinity : difference / (scale * predictionFactor(runs));
}
