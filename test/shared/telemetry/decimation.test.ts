/** Decimation keeps what a chart would show: extremes of each column, order, gaps. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimate, maximumPointsPerColumn, type Points, type Viewport } from '#shared/telemetry/decimation.ts';

const points = (pairs: readonly (readonly [number, number])[]): Points => ({
  times: Float64Array.from(pairs, ([time]) => time),
  values: Float64Array.from(pairs, ([, value]) => value),
});
const pairsOf = ({ times, values }: Points): [number, number][] => [...times].map((time, index) => [time, values[index] ?? Number.NaN]);

const columnOf = (time: number, { from, to, columns }: Viewport): number =>
  Math.min(columns - 1, Math.floor(((time - from) / (to - from)) * columns));
const inside = (all: readonly [number, number][], viewport: Viewport, column: number): number[] =>
  all.filter(([time]) => time >= viewport.from && time < viewport.to && columnOf(time, viewport) === column).map(([, value]) => value);

const series = fc
  .array(
    fc.tuple(
      fc.double({ min: 0, max: 1_000, noNaN: true }),
      fc.oneof(
        { weight: 5, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
        { weight: 1, arbitrary: fc.constant(Number.NaN) },
      ),
    ),
    {
      maxLength: 300,
    },
  )
  .map((pairs) => points(pairs.toSorted(([left], [right]) => left - right)));
const viewports = fc
  .record({
    from: fc.integer({ min: -100, max: 500 }),
    length: fc.integer({ min: 1, max: 1_500 }),
    columns: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ from, length, columns }) => ({ from, to: from + length, columns }));
const runs = { numRuns: 400, seed: 20_140_908 };

describe('decimation', () => {
  test('keeps first, lowest, highest and last of a column, in order of time', () => {
    const all = points([
      [0, 5],
      [1, 9],
      [2, 6],
      [3, 1],
      [4, 4],
      [5, 7],
    ]);
    expect(pairsOf(decimate(all, { from: 0, to: 10, columns: 1 }))).toEqual([
      [0, 5],
      [1, 9],
      [3, 1],
      [5, 7],
    ]);
  });

  test('a gap stays a gap, and the nearest point on each side outside is kept', () => {
    const all = points([
      [-9, 0],
      [-1, 1],
      [0, 2],
      [1, Number.NaN],
      [2, 3],
      [10, 4],
      [11, 5],
    ]);
    expect(pairsOf(decimate(all, { from: 0, to: 10, columns: 1 }))).toEqual([
      [-1, 1],
      [0, 2],
      [1, Number.NaN],
      [2, 3],
      [10, 4],
    ]);
  });

  test('a million points become a few thousand', () => {
    const count = 1_000_000;
    const all = {
      times: Float64Array.from({ length: count }, (_, index) => index),
      values: Float64Array.from({ length: count }, (_, index) => Math.sin(index / 1_000)),
    };
    const decimated = decimate(all, { from: 0, to: count, columns: 800 });
    expect(decimated.times.length).toBeLessThanOrEqual(800 * 4);
    expect(decimated.times[0]).toBe(0);
    expect(decimated.times.at(-1)).toBe(count - 1);
  });

  test('every column keeps its first, last and extreme values, and whether something is missing', () => {
    fc.assert(
      fc.property(series, viewports, (all, viewport) => {
        const before = pairsOf(all);
        const after = pairsOf(decimate(all, viewport));
        for (let column = 0; column < viewport.columns; column++) {
          const given = inside(before, viewport, column);
          const kept = inside(after, viewport, column);
          expect(kept.length).toBeLessThanOrEqual(maximumPointsPerColumn);
          expect(kept.some(Number.isNaN)).toBe(given.some(Number.isNaN));
          const [wasFinite, isFinite] = [given, kept].map((values) => values.filter((value) => !Number.isNaN(value)));
          expect(isFinite?.at(0)).toBe(wasFinite?.at(0));
          expect(isFinite?.at(-1)).toBe(wasFinite?.at(-1));
          expect(Math.min(...(isFinite ?? []))).toBe(Math.min(...(wasFinite ?? [])));
          expect(Math.max(...(isFinite ?? []))).toBe(Math.max(...(wasFinite ?? [])));
        }
      }),
      runs,
    );
  });

  test('the result is some of the points, in their order; decimating again changes nothing', () => {
    fc.assert(
      fc.property(series, viewports, (all, viewport) => {
        const given = pairsOf(all);
        const once = decimate(all, viewport);
        let position = 0;
        for (const pair of pairsOf(once)) {
          while (position < given.length && !(Object.is(given[position]?.[0], pair[0]) && Object.is(given[position]?.[1], pair[1])))
            position++;
          expect(position++).toBeLessThan(given.length);
        }
        expect(decimate(once, viewport)).toEqual(once);
      }),
      runs,
    );
  });

  test('with a column for each point everything is kept', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.double(), fc.constant(Number.NaN)), { maxLength: 100 }), (values) => {
        const all = points(values.map((value, index) => [index, value] as const));
        expect(decimate(all, { from: 0, to: Math.max(1, values.length), columns: Math.max(1, values.length) })).toEqual(all);
      }),
      runs,
    );
  });

  test('refuses a viewport that shows nothing', () => {
    expect(() => decimate(points([]), { from: 1, to: 1, columns: 10 })).toThrow(RangeError);
    expect(() => decimate(points([]), { from: 0, to: 1, columns: 0 })).toThrow(RangeError);
  });
});
