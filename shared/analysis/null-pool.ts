/**
 * What deviates look like when nothing has changed, learnt from the baseline itself: each of its runs in turn is held against the
 * others, and the deviates of many numbers of one kind go into one pool. Where numbers have heavier tails than normal ones, or runs
 * differ in common, the pool shows it and p grows; it is never taken to be lighter than the normal.
 */
import { logNormalTail } from './distributions.ts';

/** From so many deviates on, the pool's own tail is continued; with fewer, the normal's in a shape that the pool corrects. */
const many = 5_000;
/** Weight of what is expected of normal values, in deviates, when the tail's steepness is estimated. */
const priorWeight = 20;

interface Tail {
  /** Descending, all that were given above `lowest`. */
  readonly scores: Float64Array;
  /** Score from which on the tail is a formula. */
  readonly from: number;
  /** ln P(score > from) */
  readonly logAtFrom: number;
  /** Steepness beyond: of ln P by score (many), or relative to the normal's (few). */
  readonly steepness: number;
}

/** Normal scores of one kind of number. */
export class NullPool {
  /** Scores nearer to the middle need only be counted. */
  static readonly lowest = 1;
  readonly #up: number[] = [];
  readonly #down: number[] = [];
  #size = 0;
  #tails: { readonly up: Tail; readonly down: Tail } | null = null;

  get size(): number {
    return this.#size;
  }

  /** Deviates that are near the middle. */
  addInner(count: number): void {
    this.#size += count;
  }

  add(score: number): void {
    this.#size += 1;
    if (score > NullPool.lowest) this.#up.push(score);
    else if (score < -NullPool.lowest) this.#down.push(-score);
  }

  /** ln P of a deviate at least as far out on the side of this one. */
  logTail(score: number): number {
    this.#tails ??= { up: tailOf(this.#up, this.#size), down: tailOf(this.#down, this.#size) };
    const tail = score >= 0 ? this.#tails.up : this.#tails.down;
    const size = Math.abs(score);
    return Math.max(logNormalTail(size), this.#logPool(tail, size));
  }

  #logPool(tail: Tail, size: number): number {
    if (this.#size === 0 || tail.from === Infinity || size <= NullPool.lowest) return -Infinity;
    if (size <= tail.from) return Math.log(countAtLeast(tail.scores, size) / this.#size);
    if (this.#size >= many) return tail.logAtFrom - tail.steepness * (size - tail.from);
    return tail.logAtFrom + tail.steepness * (logNormalTail(size) - logNormalTail(tail.from));
  }
}

/**
 * The tail beyond the k-th largest score. Of many scores: exponential, its rate from the mean excess, which is right for tails like
 * Student's and cautious for lighter ones. Of few: as the normal's, to a power of at most 1.
 */
function tailOf(given: readonly number[], size: number): Tail {
  const scores = Float64Array.from(given).sort().reverse();
  const k = Math.min(scores.length - 1, Math.max(5, Math.min(100, Math.floor(size / (size >= many ? 500 : 25)))));
  const from = scores[k];
  if (from === undefined || k < 3) return { scores, from: Infinity, logAtFrom: 0, steepness: 1 };
  const logFrom = logNormalTail(from);
  let excess = 0;
  let normalExcess = 0;
  for (let index = 0; index < k; index += 1) {
    const score = scores[index] ?? from;
    excess += score - from;
    normalExcess += logFrom - logNormalTail(score);
  }
  const hazard = Math.exp(-from * from * 0.5 - logFrom) / Math.sqrt(2 * Math.PI);
  const steepness =
    size >= many ? (k + priorWeight) / (excess + priorWeight / hazard) : Math.min(1, (k + priorWeight) / (normalExcess + priorWeight));
  return { scores, from, logAtFrom: Math.log((k + 1) / size), steepness };
}

/** How many of a descending list are at least so large. */
function countAtLeast(descending: Float64Array, value: number): number {
  let low = 0;
  let high = descending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((descending[middle] ?? 0) >= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Numbers that are (almost) the same in all runs have no spread to measure a change by. Instead it is counted how often such a number
 * deviated when one run was held against the others: never in thousands of cases, and a change is news; now and then, and it is not.
 */
export class ConstancyPool {
  readonly #deviates: number[] = [];
  #size = 0;
  #sorted: Float64Array | null = null;

  get size(): number {
    return this.#size;
  }

  addConstant(count: number): void {
    this.#size += count;
  }

  add(z: number): void {
    this.#size += 1;
    if (z !== 0) this.#deviates.push(Math.abs(z));
    this.#sorted = null;
  }

  /** ln P of a deviate of at least this size, by the rule of succession. */
  logTail(z: number): number {
    this.#sorted ??= Float64Array.from(this.#deviates).sort().reverse();
    return Math.log((countAtLeast(this.#sorted, Math.abs(z)) + 0.5) / (this.#size + 1));
  }
}
