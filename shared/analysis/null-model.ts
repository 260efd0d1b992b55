/** From a deviate to a p: the pools of one kind of number, filled by holding each run of the baseline against the others. */
import { logNormalTail } from './distributions.ts';
import { ConstancyPool, NullPool } from './null-pool.ts';
import { resolutionOfSorted } from './robust.ts';
import { deviate, deviateOfScore, measureSpread, normalScore, predictionFactor, type BaselineSpread } from './prediction.ts';

/** One number of the candidate against the baseline's. */
export interface Deviation {
  readonly z: number;
  readonly score: number;
  readonly runs: number;
  readonly median: number;
  readonly scale: number;
  readonly constant: boolean;
}

/** Of values with a spread, deviates nearer than this are only counted when there are many: they say nothing about tails. */
const innerDeviate = (runs: number): number => (runs > 20 ? 2.2 : 1);

/** What kinds of numbers learn together: a hiccup of the machine can show in any of them. */
export interface SharedNull {
  readonly varying: NullPool;
  readonly constant: ConstancyPool;
}

/** Empty pools, into which several models gather what usual differences are like. */
export function sharedNull(): SharedNull {
  return { varying: new NullPool(), constant: new ConstancyPool() };
}

/** What differences between runs of the baseline alone are like: by it a candidate's difference is told from chance. */
export class NullModel {
  readonly #varying = new NullPool();
  readonly #shared: SharedNull;
  readonly #steps: boolean;
  readonly #spread: BaselineSpread = { runs: 0, median: 0, scale: 0, constant: false };
  #others = new Float64Array(64);

  /** @param steps see `SpreadRules` */
  constructor(shared: SharedNull, steps = false) {
    this.#shared = shared;
    this.#steps = steps;
  }

  /** Holds each of the first `count` values of an ascending list against the others. */
  learn(sorted: Float64Array, count: number, floor: number): void {
    const whole = { ...measureSpread(sorted, count, { floor, steps: this.#steps }, this.#spread) };
    const inner = whole.constant ? 0.5 : innerDeviate(count);
    let quiet = 0;
    for (let index = 0; index < count; index += 1) {
      const value = sorted[index] ?? 0;
      if (Math.abs(value - whole.median) <= inner * whole.scale) quiet += 1;
      else this.#learnOne(sorted, count, index, floor, whole.constant);
    }
    const { varying, constant } = this.#shared;
    if (whole.constant) constant.addConstant(quiet);
    else for (const pool of [this.#varying, varying]) pool.addInner(quiet);
  }

  #learnOne(sorted: Float64Array, count: number, left: number, floor: number, constant: boolean): void {
    if (this.#others.length < count) this.#others = new Float64Array(count * 2);
    for (let index = 0, filled = 0; index < count; index += 1) if (index !== left) this.#others[filled++] = sorted[index] ?? 0;
    // Where all others are alike, a number was steady and then was not: no step is known that it could be measured by.
    const alike = this.#steps && this.#others[0] === this.#others[count - 2];
    const least = this.#steps && !alike ? resolutionOfSorted(sorted, count) / 2 : 0;
    const z = deviate(sorted[left] ?? 0, measureSpread(this.#others, count - 1, { floor, steps: this.#steps, least }, this.#spread));
    if (constant || alike) this.#shared.constant.add(z);
    // Read as if it were of all runs: a heavy tail is the new value's, whatever the number of the others.
    else for (const pool of [this.#varying, this.#shared.varying]) pool.add(normalScore(z, count));
  }

  /** How a new value deviates from the first `count` of an ascending list. */
  deviation(value: number, sorted: Float64Array, count: number, floor: number): Deviation {
    const spread = measureSpread(sorted, count, { floor, steps: this.#steps }, this.#spread);
    const z = deviate(value, spread);
    const { runs, median, scale, constant } = spread;
    return { z, score: normalScore(z, runs), runs, median, scale, constant };
  }

  /** ln p, two-sided. */
  logP({ z, score, constant }: Pick<Deviation, 'z' | 'score' | 'constant'>): number {
    const shared = constant ? this.#shared.constant.logTail(z) : Math.LN2 + this.#shared.varying.logTail(score);
    const own = Math.LN2 + (constant ? logNormalTail(Math.abs(score)) : this.#varying.logTail(score));
    return Math.min(0, Math.max(own, shared));
  }

  /** The smallest difference from the median whose p would have been so small; Infinity: none would. */
  visible({ runs, scale, constant }: Deviation, p: number, side: 1 | -1 = 1): number {
    const wanted = Math.log(p);
    const reached = (score: number): boolean =>
      this.logP({ z: side * deviateOfScore(score, runs), score: side * score, constant }) <= wanted;
    let [low, high] = [0, 36];
    if (!reached(high)) return Infinity;
    for (let round = 0; round < 40; round += 1) {
      const middle = (low + high) / 2;
      if (reached(middle)) high = middle;
      else low = middle;
    }
    return deviateOfScore(high, runs) * scale * predictionFactor(runs);
  }
}

/** Half the width of the range in which 95 of 100 further runs are expected. */
export function expectedHalfWidth({ runs, scale }: Deviation): number {
  return deviateOfScore(1.959963984540054, runs) * scale * predictionFactor(runs);
}
