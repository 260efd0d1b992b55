/** What a trend's charts show and where. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TrendLine } from '#shared/analysis/trend.ts';
import {
  bandMedians,
  bandsOf,
  changeOf,
  lineAxis,
  placeAfter,
  placeAt,
  shortTitle,
  stepsByChange,
  titlesOf,
  trendSections,
} from '../../../renderer/views/releases/trend-lines.ts';
import { comparedRun } from './release-made.ts';

const line = (id: string, values: TrendLine['values'], more: Partial<TrendLine> = {}): TrendLine => ({
  id,
  kind: 'step duration',
  title: `Duration of “${id}”`,
  unit: 'ms',
  values,
  drift: null,
  ...more,
});
const drift = { perRun: 1, p: 0.001, q: 0.01, direction: 'up', sentence: 'It grows.' } as const;
const runs = ['rc1', 'rc1', 'rc2', 'rc2', 'rc1'].map((release, index) => comparedRun(index + 1, { release }));
const bands = bandsOf(runs);

describe('bands of releases', () => {
  test('neighbouring runs of a release are one band; a release that comes again is another', () => {
    expect(bands).toEqual([
      { release: 'rc1', from: 0, to: 1 },
      { release: 'rc2', from: 2, to: 3 },
      { release: 'rc1', from: 4, to: 4 },
    ]);
    expect(bandsOf([])).toEqual([]);
  });

  test('bands cover every run once, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', '')), (releases) => {
        const covered = bandsOf(releases.map((release) => ({ release }))).flatMap(({ release, from, to }) =>
          Array.from({ length: to - from + 1 }, (_, index) => ({ place: from + index, release })),
        );
        expect(covered).toEqual(releases.map((release, place) => ({ place, release })));
      }),
      { seed: 4711 },
    );
  });

  test('each has the median of its values, if it has any', () => {
    expect(bandMedians({ values: [1, 3, null, 10, null] }, bands)).toEqual([
      { release: 'rc1', from: 0, to: 1, value: 2 },
      { release: 'rc2', from: 2, to: 3, value: 10 },
    ]);
  });
});

describe('how much a line changed', () => {
  test('a jump between releases counts more than what varies from run to run', () => {
    const jump = line('jump', [100, 102, 3_000, 3_004, 101]);
    const noise = line('noise', [100, 900, 120, 880, 500]);
    expect(changeOf(jump, bands)).toBeGreaterThan(changeOf(noise, bands) * 5);
    expect(stepsByChange([noise, jump], bands).map(({ id }) => id)).toEqual(['jump', 'noise']);
  });

  test('fractions of a millisecond are no change, however regular', () => {
    expect(changeOf(line('tiny', [0.01, 0.01, 0.08, 0.08, 0.01]), bands)).toBeLessThan(0.1);
  });

  test('without values, or with one release only, nothing changed', () => {
    expect(changeOf(line('none', [null, null, null, null, null]), bands)).toBe(0);
    expect(changeOf(line('one', [1, 9, null, null, null]), bands)).toBe(0);
  });

  test('it is a finite number whatever the values', () => {
    const value = fc.oneof(fc.constant(null), fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e12, max: 1e12 }));
    fc.assert(
      fc.property(fc.array(value, { minLength: 5, maxLength: 5 }), fc.constantFrom('ms' as const, 'bytes' as const), (values, unit) => {
        const change = changeOf({ values, unit }, bands);
        expect(change).toBeGreaterThanOrEqual(0);
        expect(change).not.toBeNaN();
      }),
      { seed: 815 },
    );
  });
});

describe('which lines are shown', () => {
  const lines = [
    line('run', [1, 1, 1, 1, 1], { kind: 'run duration', title: 'Duration of the run' }),
    line('quiet', [100, 100, 101, 100, 100]),
    line('jump', [100, 102, 3_000, 3_004, 101]),
    line('drifting', [100, 101, 102, 103, 104], { drift }),
    line('fault', [1, 1, 1, 1, 1], { kind: 'fault', title: 'Recovery from “kill”' }),
    line('metric:A.rss', [1, 1, 1, 1, 1], { kind: 'metric', title: 'A.rss' }),
  ];
  const shown = (steps: readonly string[] | null, usual = 1) =>
    trendSections({ lines, runs }, steps, usual).map(({ title, lines: own }) => [title, own.map(({ id }) => id)]);

  test('unless chosen, the steps that changed most, and always those that drift', () => {
    expect(shown(null)).toEqual([
      ['The run, and recovery from faults', ['run', 'fault']],
      ['Steps (2 of 3)', ['jump', 'drifting']],
      ['Metrics, level over the run', ['metric:A.rss']],
    ]);
  });

  test('chosen steps, with those that drift', () => {
    expect(shown(['quiet'])[1]).toEqual(['Steps (2 of 3)', expect.arrayContaining(['quiet', 'drifting'])]);
    expect(shown([])[1]).toEqual(['Steps (1 of 3)', ['drifting']]);
    expect(shown(['quiet', 'jump'])[1]?.[0]).toBe('Steps');
  });

  test('headings without lines are left out', () => {
    expect(trendSections({ lines: [], runs }, null, 6)).toEqual([]);
  });
});

test('titles of steps say the step only; the same title again has a number', () => {
  const same = { title: 'Duration of “defer stop”' };
  const titles = titlesOf([
    line('one', [], same),
    line('two', [], same),
    line('three', [], { kind: 'run duration', title: 'Duration of the run' }),
  ]);
  expect([...titles.values()]).toEqual(['“defer stop”', '“defer stop” (2)', 'Duration of the run']);
  expect(shortTitle({ kind: 'metric', title: 'Duration of x' })).toBe('Duration of x');
});

describe('the axis', () => {
  test('holds all values, with round ticks within', () => {
    const value = fc.oneof(fc.constant(null), fc.double({ noNaN: true, min: -1e9, max: 1e9 }));
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const { low, high, ticks } = lineAxis({ values, unit: 'ms' });
        expect(high).toBeGreaterThan(low);
        for (const each of values) if (each !== null) expect(each >= low - 1e-9 && each <= high + 1e-9).toBe(true);
        expect(ticks.length).toBeLessThan(12);
        for (const tick of ticks)
          expect(tick >= low - 1e-6 * Math.abs(low) - 1e-9 && tick <= high + 1e-6 * Math.abs(high) + 1e-9).toBe(true);
      }),
      { seed: 99 },
    );
  });
});

describe('the cursor', () => {
  test('a pointer is nearest to the run in whose share of the width it is', () => {
    expect(placeAt(0, 100, 4)).toBe(0);
    expect(placeAt(26, 100, 4)).toBe(1);
    expect(placeAt(100, 100, 4)).toBe(3);
    expect(placeAt(-20, 100, 4)).toBe(0);
    expect(placeAt(500, 100, 4)).toBe(3);
    expect(placeAt(1, 100, 0)).toBeNull();
    expect(placeAt(1, 0, 4)).toBeNull();
  });

  test('keys go from run to run, to the ends, and from release to release', () => {
    const after = (key: string, place: number) => placeAfter(key, place, { runs: runs.length, bands });
    expect(after('ArrowRight', 1)).toBe(2);
    expect(after('ArrowRight', 4)).toBe(4);
    expect(after('ArrowLeft', 0)).toBe(0);
    // Nothing was pointed at yet: the newest run.
    expect(after('ArrowLeft', 5)).toBe(4);
    expect(after('ArrowRight', 5)).toBe(4);
    expect(after('Home', 3)).toBe(0);
    expect(after('End', 1)).toBe(4);
    expect(after('PageDown', 0)).toBe(2);
    expect(after('PageDown', 4)).toBe(4);
    expect(after('PageUp', 3)).toBe(2);
    expect(after('PageUp', 2)).toBe(0);
    expect(after('x', 2)).toBeNull();
    expect(placeAfter('End', 0, { runs: 0, bands: [] })).toBeNull();
  });
});
