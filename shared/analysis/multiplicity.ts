/**
 * Many numbers are tested at once, so some look odd by chance. Numbers of one subject (a series with all its steps and features)
 * are joined by Simes (1986) into one p, and over the subjects Benjamini and Hochberg (1995) controls the share of false findings.
 * The share that is controlled so is the one that a reader sees: of the rows of the list, not of the numbers behind them.
 */

/** Benjamini–Hochberg adjusted values, in the order given: the level at which each would just be found. */
export function adjustedForDiscovery(values: ArrayLike<number>): Float64Array {
  const count = values.length;
  const order = Uint32Array.from({ length: count }, (_, index) => index).sort((left, right) => (values[left] ?? 1) - (values[right] ?? 1));
  const adjusted = new Float64Array(count);
  let least = 1;
  for (let position = count - 1; position >= 0; position -= 1) {
    const index = order[position] ?? 0;
    least = Math.min(least, ((values[index] ?? 1) * count) / (position + 1));
    adjusted[index] = least;
  }
  return adjusted;
}

/**
 * Simes' p of the hypothesis that none of a family's numbers differs.
 * @param small the family's smallest values, in any order; all that are not given count as 1
 * @param size numbers in the family
 */
export function simes(small: readonly number[], size: number): number {
  const sorted = small.toSorted((left, right) => left - right);
  return sorted.reduce((least, value, index) => Math.min(least, (value * size) / (index + 1)), 1);
}

/** What one more subject would have had to reach, were its Simes p the only one that is not known yet. */
export function discoveryThreshold(found: number, families: number, rate: number): number {
  return (rate * Math.min(families, found + 1)) / Math.max(1, families);
}
