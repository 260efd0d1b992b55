/** The last points of one series: a ring that grows as far as it may and then forgets the oldest. */

/** A stretch of points in order of time; NaN: no value there. */
export interface PointStretch {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

const firstCapacity = 32;

export class PointRing {
  /** Points ever taken; a listener remembers this number and later asks for what came since. */
  total = 0;
  /** Time of the newest point, ms since 1970; -Infinity before the first. */
  newest = Number.NEGATIVE_INFINITY;
  private times = new Float64Array(firstCapacity);
  private values = new Float64Array(firstCapacity);
  private count = 0;
  private next = 0;

  /** @param capacity how many points it may hold now */
  push(time: number, value: number, capacity: number): void {
    if (this.count === this.times.length && this.count < capacity) this.resize(Math.min(capacity, this.count * 2));
    this.times[this.next] = time;
    this.values[this.next] = value;
    this.next = this.next + 1 === this.times.length ? 0 : this.next + 1;
    if (this.count < this.times.length) this.count++;
    this.total++;
    this.newest = time;
  }

  /** The points after the first `seen` that were ever taken, as far as they are still here. */
  since(seen: number): PointStretch {
    const wanted = Math.min(this.count, Math.max(0, this.total - seen));
    const times = new Float64Array(wanted);
    const values = new Float64Array(wanted);
    const { length } = this.times;
    let from = (this.next - wanted + length) % length;
    for (let index = 0; index < wanted; index++) {
      times[index] = this.times[from] ?? Number.NaN;
      values[index] = this.values[from] ?? Number.NaN;
      from = from + 1 === length ? 0 : from + 1;
    }
    return { times, values };
  }

  /** Forgets everything: the clock was set back, and what follows would not be in order. */
  clear(): void {
    this.count = 0;
    this.next = 0;
    this.newest = Number.NEGATIVE_INFINITY;
  }

  private resize(length: number): void {
    const { times, values } = this.since(0);
    this.times = new Float64Array(length);
    this.values = new Float64Array(length);
    this.times.set(times);
    this.values.set(values);
    this.next = this.count % length;
  }
}
