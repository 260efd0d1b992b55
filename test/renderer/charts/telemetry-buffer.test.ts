import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alignSeries, firstAtOrAfter, pointsWithin, SeriesBuffer, valueAt } from '../../../renderer/stores/telemetry-buffer.ts';

function filled(count: number, step = 100): SeriesBuffer {
  const buffer = new SeriesBuffer();
  buffer.append({
    times: Array.from({ length: count }, (_, index) => index * step),
    values: Array.from({ length: count }, (_, index) => index),
  });
  return buffer;
}

describe('a buffer of live points', () => {
  test('takes each time once, and nothing older than its last point', () => {
    const buffer = new SeriesBuffer();
    buffer.append({ times: [1, 2, 3], values: [10, null, 30] });
    buffer.append({ times: [2, 3, 4], values: [99, 99, 40] });
    expect([...buffer.points().times]).toEqual([1, 2, 3, 4]);
    expect([...buffer.points().values]).toEqual([10, Number.NaN, 30, 40]);
    expect(buffer.lastTime).toBe(4);
  });

  test('takes what the core tells anew in place of what it had of that time, and keeps what was before', () => {
    const buffer = filled(10);
    buffer.goOn({ times: [500, 900, 1_000], values: [7, 8, 9] });
    expect([...buffer.points().times]).toEqual([0, 100, 200, 300, 400, 500, 900, 1_000]);
    expect([...buffer.points().values].slice(-3)).toEqual([7, 8, 9]);
  });

  test('keeps the line from before a core that was started anew, with a gap for the time between', () => {
    const buffer = filled(3);
    buffer.goOn({ times: [], values: [] });
    buffer.goOn({ times: [9_000, 9_100], values: [7, 8] });
    expect([...buffer.points().times]).toEqual([0, 100, 200, 201, 9_000, 9_100]);
    expect([...buffer.points().values]).toEqual([0, 1, 2, Number.NaN, 7, 8]);
  });

  test('stays small however long it is fed, and keeps the extremes of its window', () => {
    const buffer = new SeriesBuffer();
    for (let second = 0; second < 40_000; second++) {
      const times = Array.from({ length: 10 }, (_, index) => second * 1_000 + index * 100);
      buffer.append({ times, values: times.map((time) => (time === 39_000_000 ? 5_000 : time % 7)) });
      buffer.shorten(second * 1_000 - 3_600_000);
    }
    const { times, values } = buffer.points();
    expect(times.length).toBeLessThan(10_000);
    expect(times[0]).toBeLessThanOrEqual(39_999_000 - 3_600_000);
    expect(Math.max(...values)).toBe(5_000);
    expect(times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0))).toBe(true);
  });

  test('keeps the last point before the window, from which the line enters the picture', () => {
    const buffer = filled(1_000);
    buffer.shorten(80_050);
    expect(buffer.points().times[0]).toBe(80_000);
  });

  test('knows the value that held at a time, and none in a gap or before the first', () => {
    const buffer = new SeriesBuffer();
    buffer.append({ times: [10, 20, 30], values: [1, null, 3] });
    expect(valueAt(buffer.points(), 9)).toBeNull();
    expect(valueAt(buffer.points(), 15)).toEqual({ time: 10, value: 1 });
    expect(valueAt(buffer.points(), 25)).toBeNull();
    expect(valueAt(buffer.points(), 31)).toEqual({ time: 30, value: 3 });
  });
});

describe('points of a picture', () => {
  test('are those within it and the nearest on each side', () => {
    expect([...pointsWithin(filled(10).points(), 250, 450).times]).toEqual([200, 300, 400, 500]);
  });

  test('are found as a plain search finds them', () => {
    const rising = fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { maxLength: 60 }).map((times) => times.sort((a, b) => a - b));
    fc.assert(
      fc.property(rising, fc.integer({ min: -5, max: 505 }), (times, time) => {
        const points = { times: Float64Array.from(times), values: new Float64Array(times.length) };
        const plain = times.findIndex((each) => each >= time);
        expect(firstAtOrAfter(points, time)).toBe(plain === -1 ? times.length : plain);
      }),
      { seed: 20_261_120 },
    );
  });
});

describe('series on one column of times', () => {
  test('have null in their gaps, and undefined where another series has a point', () => {
    const left = { times: Float64Array.of(1, 3), values: Float64Array.of(10, Number.NaN) };
    const right = { times: Float64Array.of(2, 3), values: Float64Array.of(20, 30) };
    expect(alignSeries([left, right])).toEqual([
      [1, 2, 3],
      [10, undefined, null],
      [undefined, 20, 30],
    ]);
  });

  test('lose no point and gain none', () => {
    const series = fc
      .uniqueArray(fc.integer({ min: 0, max: 200 }), { maxLength: 40 })
      .map((times) => times.sort((a, b) => a - b))
      .map((times) => ({ times: Float64Array.from(times), values: Float64Array.from(times, (time) => time * 2) }));
    fc.assert(
      fc.property(fc.array(series, { maxLength: 5 }), (all) => {
        const [times, ...columns] = alignSeries(all);
        expect(times).toEqual([...new Set(all.flatMap((each) => [...each.times]))].sort((a, b) => a - b));
        for (const [index, each] of all.entries()) {
          const told = times.filter((_, place) => columns[index]?.[place] !== undefined);
          expect(told).toEqual([...each.times]);
        }
      }),
      { seed: 20_261_121 },
    );
  });
});
