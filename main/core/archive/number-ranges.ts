/** A set of record numbers, kept as ranges: which numbered records of a daemon's epoch are in the archive, and which are not. */

export type NumberRange = readonly [from: number, to: number];

export class NumberRanges {
  /** Sorted, disjoint and not touching. */
  private readonly ranges: [number, number][] = [];

  static of(ranges: Iterable<NumberRange>): NumberRanges {
    const made = new NumberRanges();
    for (const [from, to] of ranges) made.add(from, to);
    return made;
  }

  /** Adds all numbers from `from` to `to`, both included. Numbers mostly come in order, so the end is tried first. */
  add(from: number, to = from): void {
    const last = this.ranges.at(-1);
    if (last === undefined || from > last[1] + 1) this.ranges.push([from, to]);
    else if (from >= last[0]) last[1] = Math.max(last[1], to);
    else this.insert(from, to);
  }

  private insert(from: number, to: number): void {
    const first = this.firstReaching(from - 1);
    let end = first;
    let low = from;
    let high = to;
    for (let range = this.ranges[end]; range !== undefined && range[0] <= to + 1; range = this.ranges[++end]) {
      low = Math.min(low, range[0]);
      high = Math.max(high, range[1]);
    }
    this.ranges.splice(first, end - first, [low, high]);
  }

  /** Index of the first range that ends at or after a number. */
  private firstReaching(number: number): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ranges[middle]?.[1] ?? Infinity) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  has(number: number): boolean {
    const range = this.ranges[this.firstReaching(number)];
    return range !== undefined && range[0] <= number;
  }

  get highest(): number {
    return this.ranges.at(-1)?.[1] ?? 0;
  }

  get lowest(): number {
    return this.ranges[0]?.[0] ?? 0;
  }

  toArray(): NumberRange[] {
    return this.ranges.map(([from, to]) => [from, to]);
  }

  /** Holes between the lowest and the highest number. */
  missing(): NumberRange[] {
    const holes: NumberRange[] = [];
    for (let index = 1; index < this.ranges.length; index++) {
      holes.push([(this.ranges[index - 1]?.[1] ?? 0) + 1, (this.ranges[index]?.[0] ?? 0) - 1]);
    }
    return holes;
  }
}
