/** How small a difference of any number could be and still be seen, given the baseline's values of it. */
import type { Comparison } from './comparison.ts';
import { minimumBaselineRuns } from './comparison.ts';
import { normalQuantileOfLogTail } from './distributions.ts';
import { deviateOfScore, measureSpread, predictionFactor, type BaselineSpread } from './prediction.ts';

/**
 * The smallest difference from the baseline's median that a comparison could have confirmed in a number that stands alone, in the
 * number's unit, were its values normal; null: fewer than 8 values, or all alike. A finding's own `smallestVisible` is larger where
 * the baseline has shown heavier tails.
 * @param values one per run of the baseline
 * @param tested of the comparison: how many numbers were tested, at which rate of false discoveries
 */
export function smallestVisibleDifference(
  values: readonly number[],
  tested: Pick<Comparison['tested'], 'numbers' | 'falseDiscoveryRate'>,
): number | null {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
  if (sorted.length < minimumBaselineRuns) return null;
  const spread: BaselineSpread = { runs: 0, median: 0, scale: 0, constant: false };
  const { scale, constant } = measureSpread(sorted, sorted.length, { floor: 0, steps: true }, spread);
  if (constant) return null;
  const p = tested.falseDiscoveryRate / Math.max(1, tested.numbers);
  return deviateOfScore(normalQuantileOfLogTail(Math.log(p / 2)), sorted.length) * scale * predictionFactor(sorted.length);
}
