/** Points of a run of the past: there for any picture at once, finer where it is looked at, never asked for in a frame. */
import { describe, expect, test } from 'vitest';
import { decimate } from '#shared/telemetry/decimation.ts';
import { isComplete, joinPoints, PointTiles, type Picture, type TileRequest } from '../../../renderer/stores/replay/point-tiles.ts';

const hour = 3_600_000;

/** A core that has one sample of each series every `interval` ms for an hour. */
function openTiles(interval: number) {
  const times = Float64Array.from({ length: hour / interval }, (_, index) => 1_000_000 + index * interval);
  const values = times.map((time) => Math.sin(time));
  const requests: TileRequest[] = [];
  const failures: unknown[] = [];
  let failing = false;
  const tiles = new PointTiles({
    fetch: async (request) => {
      requests.push(request);
      await Promise.resolve();
      if (failing) throw new Error('gone');
      const stretch = request.stretch ?? { from: times[0] ?? 0, to: (times.at(-1) ?? 0) + 1 };
      const found = decimate({ times, values }, { ...stretch, columns: request.columns });
      return request.series.map((name) => ({ name, times: [...found.times], values: [...found.values] }));
    },
    changed: () => {},
    failed: (failure) => failures.push(failure),
  });
  return { tiles, requests, failures, times, values, fail: () => (failing = true) };
}

async function settle(tiles: PointTiles): Promise<void> {
  do await new Promise((resolve) => setTimeout(resolve));
  while (tiles.busy);
}

const picture = (from: number, length: number, pace = 0): Picture => ({ from, to: from + length, columns: 600, pace });

describe('tiles of points', () => {
  test('have the whole series first, and nothing more where that is all of it', async () => {
    const { tiles, requests, times } = openTiles(1_000);
    tiles.show(['a', 'b']);
    expect(tiles.points('a')).toBeNull();
    await settle(tiles);
    expect(tiles.points('b')?.times.length).toBe(times.length);
    tiles.look(picture(2_000_000, 30_000));
    await settle(tiles);
    expect(requests).toHaveLength(1);
  });

  test('fetch what a picture lacks, with room on both sides, and draw the coarse points until then', async () => {
    const { tiles, requests, times, values } = openTiles(50);
    tiles.show(['a']);
    await settle(tiles);
    const coarse = tiles.points('a');
    tiles.look(picture(2_000_000, 10_000));
    expect(tiles.points('a')).toBe(coarse);
    await settle(tiles);
    const shown = tiles.points('a');
    for (const [index, time] of times.entries()) {
      if (time < 2_000_000 || time > 2_010_000) continue;
      const place = shown?.times.indexOf(time) ?? -1;
      expect(shown?.values[place]).toBe(values[index]);
    }
    const asked = requests.length;
    // Within what was fetched no frame asks for anything but the next tile ahead.
    for (let from = 2_000_000; from < 2_008_000; from += 160) {
      tiles.look(picture(from, 10_000));
      expect(tiles.points('a')?.times.length).toBeGreaterThan(0);
    }
    expect(requests.length).toBeLessThanOrEqual(asked + 1);
  });

  test('are fetched ahead of a replay, so that it never has to draw coarsely', async () => {
    const { tiles } = openTiles(50);
    tiles.show(['a']);
    await settle(tiles);
    const pace = 10;
    tiles.look(picture(2_000_000, 10_000, pace));
    await settle(tiles);
    for (let from = 2_000_000; from < 2_100_000; from += 16 * pace) {
      tiles.look(picture(from, 10_000, pace));
      const found = new Set(tiles.points('a')?.times);
      const fine = Array.from({ length: 10_000 / 50 }, (_, index) => Math.ceil(from / 50) * 50 + index * 50);
      expect(fine.every((time) => found.has(time))).toBe(true);
      await new Promise((resolve) => setTimeout(resolve));
    }
  });

  test('are not asked for again when they cannot be had', async () => {
    const { tiles, requests, failures, fail } = openTiles(50);
    tiles.show(['a']);
    await settle(tiles);
    fail();
    for (let turn = 0; turn < 20; turn++) {
      tiles.look(picture(2_000_000, 10_000));
      await settle(tiles);
    }
    expect(requests.length).toBeLessThan(8);
    expect(failures.length).toBe(requests.length - 1);
    expect(tiles.points('a')?.times.length).toBeGreaterThan(0);
  });

  test('a series that the run does not have has no points, and is asked for once', async () => {
    const asked: TileRequest[] = [];
    const tiles = new PointTiles({ fetch: async (request) => (asked.push(request), []), changed: () => {}, failed: () => {} });
    tiles.show(['none']);
    await settle(tiles);
    tiles.look(picture(0, 1_000));
    await settle(tiles);
    expect([tiles.points('none')?.times.length, asked.length]).toEqual([0, 1]);
  });
});

describe('joining', () => {
  test('takes what parts share once, and keeps gaps', () => {
    const part = (...points: [number, number][]) => ({
      times: Float64Array.from(points, ([time]) => time),
      values: Float64Array.from(points, ([, value]) => value),
    });
    const joined = joinPoints([part([1, 1], [2, Number.NaN], [5, 5]), part([2, Number.NaN], [5, 5], [6, 6])]);
    expect([...joined.times]).toEqual([1, 2, 5, 6]);
    expect([...joined.values]).toEqual([1, Number.NaN, 5, 6]);
  });

  test('a series is complete only where no column holds two points', () => {
    const times = Float64Array.of(0, 10, 20, 30);
    expect(isComplete({ times, values: times }, 4)).toBe(true);
    expect(isComplete({ times, values: times }, 3)).toBe(false);
    expect(isComplete({ times: new Float64Array(), values: new Float64Array() })).toBe(true);
  });
});
