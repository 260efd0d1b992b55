/**
 * Is there a trend in a row of numbers, and how steep is it? Mann–Kendall (Mann 1945, Kendall 1975) for the first, the median of
 * pairwise slopes (Theil 1950, Sen 1968) for the second. Neither minds outliers or what the values are distributed like.
 */
import { median } from './robust.ts';

export interface KendallScore {
  /** Pairs that rise less pairs that fall. */
  readonly score: number;
  /** Its variance when there is no trend, ties allowed for. */
  readonly variance: number;
}

/** Score of values in their order; those that are not finite must have been left out. */
export function kendallScore(values: readonly number[]): KendallScore {
  let score = 0;
  for (const [index, left] of values.entries()) {
    for (let other = index + 1; other < values.length; other += 1) score += Math.sign((values[other] ?? left) - left);
  }
  const ties = new Map<number, number>();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  const term = (count: number): number => count * (count - 1) * (2 * count + 5);
  const tied = [...ties.values()].reduce((sum, count) => sum + term(count), 0);
  return { score, variance: (term(values.length) - tied) / 18 };
}

/** Scores of independent groups add up, and so do their variances (Hirsch, Slack and Smith 1982). */
export function addedScores(scores: readonly KendallScore[]): KendallScore {
  return scores.reduce((sum, each) => ({ score: sum.score + each.score, variance: sum.variance + each.variance }), {
    score: 0,
    variance: 0,
  });
}

/** Standard normal deviate of a score, with continuity correction. */
export function kendallDeviate({ score, variance }: KendallScore): number {
  if (variance <= 0 || score === 0) return 0;
  return (score - Math.sign(score)) / Math.sqrt(variance);
}

/** Slopes between all pairs of points, `x` being their positions. */
export function pairwiseSlopes(x: readonly number[], y: readonly number[]): number[] {
  const slopes: number[] = [];
  for (let left = 0; left < x.length; left += 1) {
    for (let right = left + 1; right < x.length; right += 1) {
      const run = (x[right] ?? 0) - (x[left] ?? 0);
      if (run !== 0) slopes.push(((y[right] ?? 0) - (y[left] ?? 0)) / run);
    }
  }
  return slopes;
}

/** Theil–Sen slope; NaN of fewer than two points. */
export function theilSenSlope(x: readonly number[], y: readonly number[]): number {
  return median(pairwiseSlopes(x, y));
}
