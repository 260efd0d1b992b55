/**
 * Quantiles of many durations that come and go: exact for a few, then counted in classes of 5 %, so that a quantile of 100,000 is within
 * 2.5 % and costs the same as one of a hundred.
 */

/** Values up to which all are kept. */
const few = 40;
const classesPerLog = 1 / Math.log(1.05);
/** Class of 1 ms and less; the last one is beyond a year. */
const lowest = 1;
const classCount = 500;

export class DurationSketch {
  private size = 0;
  /** Ascending; null once they are counted instead. */
  private values: number[] | null = [];
  private counts: Uint32Array | null = null;

  get count(): number {
    return this.size;
  }

  add(value: number): void {
    this.size += 1;
    if (this.values) {
      this.values.splice(placeOf(this.values, value), 0, value);
      if (this.values.length > few) this.countThem(this.values);
    } else this.change(value, 1);
  }

  /** Takes out a value that was added. */
  remove(value: number): void {
    this.size -= 1;
    if (this.values) this.values.splice(placeOf(this.values, value), 1);
    else this.change(value, -1);
  }

  /** The value that a share (0–1) of all does not exceed; null of none. */
  quantile(share: number): number | null {
    if (this.size === 0) return null;
    const rank = Math.min(this.size, Math.max(1, Math.ceil(share * this.size)));
    if (this.values) return this.values[rank - 1] ?? null;
    let passed = 0;
    for (let index = 0; index < classCount; index += 1) {
      passed += this.counts?.[index] ?? 0;
      if (passed >= rank) return lowest * Math.exp((index + 0.5) / classesPerLog);
    }
    return null;
  }

  private countThem(values: readonly number[]): void {
    this.values = null;
    this.counts = new Uint32Array(classCount);
    for (const value of values) this.change(value, 1);
  }

  private change(value: number, by: 1 | -1): void {
    const index = Math.min(classCount - 1, Math.max(0, Math.floor(Math.log(Math.max(lowest, value) / lowest) * classesPerLog)));
    if (this.counts) this.counts[index] = (this.counts[index] ?? 0) + by;
  }
}

/** Place of the first value that is not less. */
function placeOf(ascending: readonly number[], value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
