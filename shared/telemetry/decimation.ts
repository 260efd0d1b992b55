/**
 * Decimation for charts: of all points that fall into one column of pixels only the first, the lowest, the highest and
 * the last are kept. Drawn as a line that is the same picture, pixel for pixel, as drawing every point.
 *
 * The algorithm is M4, from Uwe Jugel, Zbigniew Jerzak, Gregor Hackenbroich and Volker Markl: "M4: A Visualization-Oriented
 * Time Series Data Aggregation", Proceedings of the VLDB Endowment 7(10), 2014. Added here: missing values (NaN) keep
 * their place, so that a gap stays a gap.
 */

/** Points of one series: times in ms, in order, and values; NaN where there is none. */
export interface Points {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** The stretch of time that is drawn, in ms, its end not included, and the number of pixels that it is wide. */
export interface Viewport {
  readonly from: number;
  readonly to: number;
  readonly columns: number;
}

/** Most points that one column keeps: first, lowest, highest, last, first and last missing. */
export const maximumPointsPerColumn = 6;

/** Indices, within all points, of those that a column keeps; -1 where it has none. */
class Column {
  private first = -1;
  private lowest = -1;
  private highest = -1;
  private last = -1;
  private firstMissing = -1;
  private lastMissing = -1;

  add(index: number, values: Float64Array): void {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) {
      if (this.firstMissing === -1) this.firstMissing = index;
      this.lastMissing = index;
      return;
    }
    if (this.first === -1) {
      this.first = index;
      this.lowest = index;
      this.highest = index;
    } else if (value < (values[this.lowest] ?? value)) this.lowest = index;
    else if (value > (values[this.highest] ?? value)) this.highest = index;
    this.last = index;
  }

  /** Hands the kept indices on in order, each once, and starts anew. */
  flush(keep: (index: number) => void): void {
    const kept = [this.first, this.lowest, this.highest, this.last, this.firstMissing, this.lastMissing].sort(
      (left, right) => left - right,
    );
    let before = -1;
    for (const index of kept) {
      if (index !== before) keep(index);
      before = index;
    }
    this.first = -1;
    this.lowest = -1;
    this.highest = -1;
    this.last = -1;
    this.firstMissing = -1;
    this.lastMissing = -1;
  }
}

/**
 * The points worth drawing. Of those outside the viewport the nearest on each side is kept, so that the line enters and
 * leaves the picture where it should. At most `columns` × {@link maximumPointsPerColumn} + 2 points; the result shares no memory with the input.
 */
export function decimate(points: Points, viewport: Viewport): Points {
  const { times, values } = points;
  const { from, to, columns } = viewport;
  if (!(to > from) || !Number.isInteger(columns) || columns < 1) {
    throw new RangeError('A viewport needs an end after its start, and at least one column.');
  }
  const count = Math.min(times.length, values.length);
  const kept: number[] = [];
  const keep = (index: number): void => void kept.push(index);
  const column = new Column();
  let current = -1;
  let before = -1;
  let after = -1;
  for (let index = 0; index < count; index++) {
    const time = times[index] ?? Number.NaN;
    if (time < from) before = index;
    else if (time >= to) {
      after = index;
      break;
    } else {
      const place = Math.min(columns - 1, Math.floor(((time - from) / (to - from)) * columns));
      if (place !== current) column.flush(keep);
      current = place;
      column.add(index, values);
    }
  }
  column.flush(keep);
  const chosen = [...(before === -1 ? [] : [before]), ...kept, ...(after === -1 ? [] : [after])];
  return {
    times: Float64Array.from(chosen, (index) => times[index] ?? Number.NaN),
    values: Float64Array.from(chosen, (index) => values[index] ?? Number.NaN),
  };
}
