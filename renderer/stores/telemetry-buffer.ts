/**
 * The points of one live series, as the charts keep them: in typed arrays that only grow at their end. Old points are
 * thinned and forgotten, so that a console that watches for days needs no more memory than one that has just opened.
 */
import { decimate, type Points } from '#shared/telemetry/decimation.ts';

export type { Points } from '#shared/telemetry/decimation.ts';

/** Points as they cross the contract: null where there is no value. */
export interface IncomingPoints {
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
}

/** Columns to which the remembered window is thinned when a buffer has become long. */
const thinnedColumns = 600;
/** Points that a buffer holds before it is thinned. */
const longBuffer = 8_192;
/** Latest points, which thinning leaves alone. */
const untouched = 1_024;

export class SeriesBuffer {
  private times = new Float64Array(512);
  private values = new Float64Array(512);
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** ms since 1970 of the latest point; null when there is none. */
  get lastTime(): number | null {
    return this.count === 0 ? null : (this.times[this.count - 1] ?? null);
  }

  /** All points; a view of the buffer's own memory that the next change spoils. */
  points(): Points {
    return { times: this.times.subarray(0, this.count), values: this.values.subarray(0, this.count) };
  }

  /** Adds points at the end. Points that are not later than the last one are known already and are left out. */
  append(incoming: IncomingPoints): void {
    for (const [index, time] of incoming.times.entries()) {
      if (this.count > 0 && time <= (this.times[this.count - 1] ?? 0)) continue;
      if (this.count === this.times.length) this.grow();
      this.times[this.count] = time;
      this.values[this.count] = incoming.values[index] ?? Number.NaN;
      this.count++;
    }
  }

  /**
   * Takes what the core tells when it is listened to anew: it counts for all of its time, and what is known of the time before
   * stays. A core that was started anew knows nothing of it, and nobody knows what was between.
   */
  goOn(incoming: IncomingPoints): void {
    const [first] = incoming.times;
    if (first === undefined) return;
    const last = this.lastTime;
    if (last !== null && first > last) this.append({ times: [last + Math.min(1, (first - last) / 2)], values: [null] });
    else this.count = firstAtOrAfter(this.points(), first);
    this.append(incoming);
  }

  /** Forgets what is older than `before`, except the last point before it, from which the line enters the picture; thins what is left when it is much. */
  shorten(before: number): void {
    const first = Math.max(0, firstAtOrAfter(this.points(), before) - 1);
    if (first > this.count / 2 || (first > 0 && this.count > longBuffer)) {
      this.times.copyWithin(0, first, this.count);
      this.values.copyWithin(0, first, this.count);
      this.count -= first;
    }
    if (this.count > longBuffer) this.thin();
  }

  private thin(): void {
    const cut = this.count - untouched;
    const from = this.times[0] ?? 0;
    const to = this.times[cut] ?? from;
    if (!(to > from)) return;
    const old = { times: this.times.subarray(0, cut), values: this.values.subarray(0, cut) };
    const kept = decimate(old, { from, to, columns: thinnedColumns });
    const latest = [this.times.slice(cut, this.count), this.values.slice(cut, this.count)] as const;
    this.times.set(kept.times);
    this.values.set(kept.values);
    this.times.set(latest[0], kept.times.length);
    this.values.set(latest[1], kept.times.length);
    this.count = kept.times.length + untouched;
  }

  private grow(): void {
    const [times, values] = [new Float64Array(this.times.length * 2), new Float64Array(this.values.length * 2)];
    times.set(this.times);
    values.set(this.values);
    this.times = times;
    this.values = values;
  }
}

/** Index of the first point at or after a time; the number of points when there is none. */
export function firstAtOrAfter({ times }: Points, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Number.POSITIVE_INFINITY) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The value that held at a time: that of the last point at or before it. Null in a gap, and before the first point. */
export function valueAt(points: Points, time: number): { readonly time: number; readonly value: number } | null {
  let index = firstAtOrAfter(points, time);
  if (points.times[index] !== time) index--;
  const [at, value] = [points.times[index], points.values[index]];
  return at === undefined || value === undefined || Number.isNaN(value) ? null : { time: at, value };
}

/** The part of some points that a picture from `from` to `to` needs: those within, and the nearest on each side. Shares their memory. */
export function pointsWithin(points: Points, from: number, to: number): Points {
  const first = Math.max(0, firstAtOrAfter(points, from) - 1);
  const end = Math.min(points.times.length, firstAtOrAfter(points, to) + 1);
  return { times: points.times.subarray(first, end), values: points.values.subarray(first, end) };
}

/** Times, and for each series its values there: null is a gap, undefined means that this series tells nothing of that time. */
export type AlignedColumns = [number[], ...(number | null | undefined)[][]];

/** Brings several series onto one column of times, as one chart draws them. */
export function alignSeries(series: readonly Points[]): AlignedColumns {
  const places = series.map(() => 0);
  const times: number[] = [];
  const columns = series.map((): (number | null | undefined)[] => []);
  for (;;) {
    let time = Number.POSITIVE_INFINITY;
    for (const [index, points] of series.entries()) time = Math.min(time, points.times[places[index] ?? 0] ?? Number.POSITIVE_INFINITY);
    if (time === Number.POSITIVE_INFINITY) return [times, ...columns];
    times.push(time);
    for (const [index, points] of series.entries()) {
      const place = places[index] ?? 0;
      if (points.times[place] !== time) {
        columns[index]?.push(undefined);
        continue;
      }
      const value = points.values[place] ?? Number.NaN;
      columns[index]?.push(Number.isNaN(value) ? null : value);
      places[index] = place + 1;
    }
  }
}
