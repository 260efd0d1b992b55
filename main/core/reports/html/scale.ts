/** Where values stand in a picture: a linear scale from a range of values to a range of pixels, with round values for its axis. */

export interface Scale {
  readonly from: number;
  readonly to: number;
  /** Place of a value, in pixels with one decimal. */
  place(value: number): number;
}

/** Where values from `from` to `to` lie between the places `start` and `end`, to a tenth. */
export function scaleOf(from: number, to: number, start: number, end: number): Scale {
  const span = to - from;
  return { from, to, place: (value) => Math.round((start + ((value - from) / (span || 1)) * (end - start)) * 10) / 10 };
}

/** Round steps between two values: 1, 2 or 5 times a power of ten, at most `most` of them. */
export function roundValues(from: number, to: number, most: number): number[] {
  const span = to - from;
  if (!(span > 0) || !Number.isFinite(span)) return Number.isFinite(from) ? [from] : [];
  const power = 10 ** Math.floor(Math.log10(span / most));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => span / each <= most) ?? 10 * power;
  const values: number[] = [];
  for (let index = Math.ceil(from / step); index * step <= to + step * 1e-9 && values.length <= most; index++) values.push(index * step);
  return values;
}

/** The range of some values with a little room on both sides; zero is taken in where it is near. */
export function rangeOf(values: Iterable<number>, takeInZero = true): { readonly from: number; readonly to: number } | null {
  let [lowest, highest] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  if (lowest > highest) return null;
  if (takeInZero && lowest > 0 && lowest < highest * 0.6) lowest = 0;
  if (lowest === highest) {
    const room = Math.abs(lowest) * 0.1 || 1;
    return { from: lowest === 0 ? 0 : lowest - room, to: highest + room };
  }
  const room = (highest - lowest) * 0.06;
  return { from: lowest === 0 ? 0 : lowest - room, to: highest + room };
}

/** How a label under an axis is anchored, so that none is cut off at the edges of a picture. */
export function anchorAt(x: number, right: number): 'middle' | 'end' {
  return x > right - 14 ? 'end' : 'middle';
}
