/**
 * How durations turn out, measured over expected. What is still executed counts too, as longer than it has taken so far: without it the long
 * ones, which are begun first and end last, would be missing, and every forecast would be too early. The estimate is Kaplan and Meier's (1958),
 * drawn anew for each replay from what was seen (the bootstrap), since what was seen is a sample itself.
 */

export interface Outcome {
  /** Measured over expected; of what is still executed so far. */
  readonly ratio: number;
  readonly ended: boolean;
}

/** Outcomes that have ended below which the guess is mixed in: quantiles of a lognormal distribution with σ = 0.25. */
const enough = 20;
const guessed = [0.66, 0.77, 0.84, 0.91, 0.97, 1.03, 1.1, 1.19, 1.3, 1.51];
/** Quantiles that a drawn distribution is kept as. */
const points = 256;
/** How much longer than the longest that was seen it may take where all that is known is that it is longer. */
const beyond = 1.2;

/** One distribution of ratios. */
export class DrawnOutcomes {
  private readonly quantiles: Float64Array;
  private readonly random: () => number;

  constructor(quantiles: Float64Array, random: () => number) {
    this.quantiles = quantiles;
    this.random = random;
  }

  draw(): number {
    return this.at(this.random());
  }

  /** One that is greater than this. */
  drawAbove(ratio: number): number {
    let [low, high] = [0, this.quantiles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.quantiles[middle] ?? 0) <= ratio) low = middle + 1;
      else high = middle;
    }
    if (low === this.quantiles.length) return ratio * (1 + (beyond - 1) * this.random());
    const from = low / this.quantiles.length;
    return this.at(from + this.random() * (1 - from));
  }

  private at(share: number): number {
    return this.quantiles[Math.min(this.quantiles.length - 1, Math.floor(share * this.quantiles.length))] ?? 1;
  }
}

export class Outcomes {
  private readonly sorted: readonly Outcome[];

  constructor(seen: readonly Outcome[]) {
    const ended = seen.filter((outcome) => outcome.ended).length;
    const all = ended >= enough ? seen : [...seen, ...guessed.map((ratio) => ({ ratio, ended: true }))];
    // Of the same ratio what has ended comes first, as Kaplan and Meier have it.
    this.sorted = all.toSorted((left, right) => left.ratio - right.ratio || Number(right.ended) - Number(left.ended));
  }

  drawn(random: () => number): DrawnOutcomes {
    const { sorted } = this;
    const counts = new Uint32Array(sorted.length);
    for (let draw = 0; draw < sorted.length; draw += 1) {
      const index = Math.floor(random() * sorted.length);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    const quantiles = new Float64Array(points);
    let [survival, atRisk, filled, last] = [1, sorted.length, 0, 1];
    sorted.forEach(({ ratio, ended }, index) => {
      const count = counts[index] ?? 0;
      if (count === 0) return;
      if (ended) survival *= 1 - count / atRisk;
      atRisk -= count;
      last = ratio;
      for (const until = (1 - survival) * points; filled < Math.min(points, Math.round(until)); filled += 1) quantiles[filled] = ratio;
    });
    quantiles.fill(last * beyond, filled);
    return new DrawnOutcomes(quantiles, random);
  }
}
