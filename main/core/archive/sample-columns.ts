/** Samples in memory on their way to the disk: columns that grow, and the frames that they came in. */
import type { DaemonName, Epoch } from '#shared/identifiers.ts';
import { NumberRanges } from './number-ranges.ts';

const firstCapacity = 16_384;

/** The frames of one daemon's epoch that are in some columns or in a segment. */
export interface FrameNumbers {
  readonly daemon: DaemonName;
  readonly epoch: Epoch;
  readonly numbers: NumberRanges;
}

export class SampleColumns {
  private seriesColumn = new Uint32Array(firstCapacity);
  private valueColumn = new Float64Array(firstCapacity);
  private rows = 0;
  /** Frames: their time (ms) and how many rows they have. */
  private readonly times: number[] = [];
  private readonly counts: number[] = [];
  readonly frames = new Map<string, FrameNumbers>();

  get length(): number {
    return this.rows;
  }

  get isEmpty(): boolean {
    return this.frames.size === 0;
  }

  add(daemon: DaemonName, epoch: Epoch, sequence: number, time: number, series: Uint32Array, values: Float64Array): void {
    const count = Math.min(series.length, values.length);
    this.reserve(this.rows + count);
    this.seriesColumn.set(series.subarray(0, count), this.rows);
    this.valueColumn.set(values.subarray(0, count), this.rows);
    this.rows += count;
    this.times.push(Math.round(time));
    this.counts.push(count);
    this.note(daemon, epoch, sequence);
  }

  series(from: number, to: number): Uint32Array {
    return this.seriesColumn.subarray(from, to);
  }

  values(from: number, to: number): Float64Array {
    return this.valueColumn.subarray(from, to);
  }

  /** Times row by row into a column from the start to the end, `width` rows at a time; the same array is filled again and again. */
  *timesInChunks(width: number): Generator<BigInt64Array> {
    const chunk = new BigInt64Array(width);
    let filled = 0;
    for (const [frame, count] of this.counts.entries()) {
      const time = BigInt(this.times[frame] ?? 0);
      for (let left = count; left > 0;) {
        const part = Math.min(left, width - filled);
        chunk.fill(time, filled, filled + part);
        filled += part;
        left -= part;
        if (filled === width) {
          yield chunk;
          filled = 0;
        }
      }
    }
    if (filled > 0) yield chunk.subarray(0, filled);
  }

  private note(daemon: DaemonName, epoch: Epoch, sequence: number): void {
    const key = `${daemon} ${epoch}`;
    let known = this.frames.get(key);
    if (!known) this.frames.set(key, (known = { daemon, epoch, numbers: new NumberRanges() }));
    known.numbers.add(sequence);
  }

  private reserve(rows: number): void {
    let capacity = this.seriesColumn.length;
    if (rows <= capacity) return;
    while (capacity < rows) capacity *= 2;
    const series = new Uint32Array(capacity);
    const values = new Float64Array(capacity);
    series.set(this.seriesColumn.subarray(0, this.rows));
    values.set(this.valueColumn.subarray(0, this.rows));
    this.seriesColumn = series;
    this.valueColumn = values;
  }
}
