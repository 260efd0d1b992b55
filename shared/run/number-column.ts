/** A long list of numbers in little memory: it grows at its end, or near to it. */

const firstCapacity = 1_024;

/** Numbers one after the other in an array that grows as it must; 8 bytes or 4 for each. */
export class NumberColumn {
  private values: Float64Array | Uint32Array;
  private count = 0;

  /** @param kind `exact` for any number (8 bytes each), `small` for whole numbers from 0 to 4,294,967,295 (4 bytes each) */
  constructor(kind: 'exact' | 'small') {
    this.values = kind === 'exact' ? new Float64Array(firstCapacity) : new Uint32Array(firstCapacity);
  }

  get length(): number {
    return this.count;
  }

  push(value: number): void {
    if (this.count === this.values.length) {
      const grown = this.values instanceof Float64Array ? new Float64Array(this.count * 2) : new Uint32Array(this.count * 2);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.count++] = value;
  }

  /** Adds a number where it belongs, in a list whose numbers never fall. */
  insert(value: number): void {
    const place = this.countUpTo(value);
    this.push(value);
    this.values.copyWithin(place + 1, place, this.count - 1);
    this.values[place] = value;
  }

  /** The number at an index; NaN where there is none. */
  at(index: number): number {
    return index >= 0 && index < this.count ? (this.values[index] ?? Number.NaN) : Number.NaN;
  }

  /** Changes a number that is there. */
  set(index: number, value: number): void {
    if (index >= 0 && index < this.count) this.values[index] = value;
  }

  /** How many numbers are less than or equal to a value, in a list whose numbers never fall. */
  countUpTo(value: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.values[middle] ?? Number.POSITIVE_INFINITY) <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
