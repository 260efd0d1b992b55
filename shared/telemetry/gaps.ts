/** Breaks the line of a series where nobody told its values: from the last one before a silence to the first one after it. */
import type { Points } from './decimation.ts';

/** In the time of the points, ms; `to` null: it has no known end. */
interface Stretch {
  readonly from: number;
  readonly to: number | null;
}

/**
 * The points with a missing value (NaN) in each silence that they do not tell of. What was observed in it and told afterwards
 * is no gap: two points are parted where at least half of a silence lies between them.
 */
export function withGaps(points: Points, silences: readonly Stretch[]): Points {
  const { times, values } = points;
  const parted = new Set<number>();
  for (const { from, to } of silences) {
    if (to === null || !(to > from)) continue;
    for (let next = Math.max(1, placeOf(times, from)); next < times.length && (times[next - 1] ?? to) < to; next++) {
      const [before, after] = [times[next - 1] ?? from, times[next] ?? to];
      if (Math.min(after, to) - Math.max(before, from) >= (to - from) / 2) parted.add(next);
    }
  }
  if (parted.size === 0) return points;
  const withThem = { times: new Float64Array(times.length + parted.size), values: new Float64Array(times.length + parted.size) };
  let place = 0;
  for (let index = 0; index < times.length; index++) {
    const [time, before] = [times[index] ?? 0, times[index - 1] ?? 0];
    if (parted.has(index)) {
      // As near to the last value as the live line ends.
      withThem.times[place] = before + Math.min(1, (time - before) / 2);
      withThem.values[place++] = Number.NaN;
    }
    withThem.times[place] = time;
    withThem.values[place++] = values[index] ?? Number.NaN;
  }
  return withThem;
}

/** Index of the first point at or after a time. */
export function placeOf(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? time) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
