/** Steps side by side, and lines of many runs over each other. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overlayOf, valueAt, type EvidenceLine } from '../../../renderer/views/compare/overlay.ts';
import { durationBar, filterSteps, isOtherState, sideText, statesText } from '../../../renderer/views/compare/step-rows.ts';
import { runId, step } from './comparison-made.ts';

describe('steps side by side', () => {
  test('durations are shares of the longest in the row', () => {
    expect(durationBar(step('a'))).toEqual({ candidate: 1, median: 0.5, range: { low: 0.4, high: 0.6 } });
    expect(durationBar(step('a', { candidate: null }))).toEqual({ candidate: null, median: 500 / 600, range: { low: 400 / 600, high: 1 } });
    expect(durationBar(step('a', { candidate: null, baseline: null }))).toBeNull();
    expect(durationBar(step('a', { candidate: { execution: 1, state: 'passed', duration: 3 }, baseline: null }))).toBeNull();
  });

  test('states of the baseline, the commonest first; what most runs did not have is told', () => {
    const mixed = step('a', {
      baseline: {
        runs: 10,
        duration: null,
        states: [
          { state: 'failed', runs: 1 },
          { state: 'passed', runs: 9 },
        ],
      },
    });
    expect(statesText(mixed.baseline)).toBe('passed 9, failed 1');
    expect(statesText(step('a').baseline)).toBe('passed');
    expect(isOtherState(mixed)).toBe(false);
    expect(isOtherState({ ...mixed, candidate: { execution: 1, state: 'failed', duration: null } })).toBe(true);
    expect(isOtherState(step('a', { baseline: null }))).toBe(false);
  });

  test('only different ones: findings, one side, another state', () => {
    const steps = [
      step('same'),
      step('found', { findings: 2 }),
      step('new', { side: 'candidate', baseline: null }),
      step('failed', { candidate: { execution: 1, state: 'failed', duration: 3 } }),
    ];
    expect(filterSteps(steps, { onlyDifferent: true }).map(({ key }) => key)).toEqual(['found', 'new', 'failed']);
    expect(filterSteps(steps, { onlyDifferent: false })).toHaveLength(4);
    expect(sideText({ side: 'baseline' })).toBe('only in the baseline');
  });
});

const line = (run: number, times: number[], values: (number | null)[]): EvidenceLine => ({
  run: runId(run),
  release: 'rc1',
  duration: null,
  name: 'Engine.rss',
  times,
  values,
});

describe('lines over each other', () => {
  test('a value between two points lies on the straight between them; not in gaps or outside', () => {
    const one = line(1, [0, 10, 20, 30], [0, 100, null, 50]);
    expect([0, 5, 10, 15, 20, 25, 30, 31, -1].map((time) => valueAt(one, time))).toEqual([0, 50, 100, null, null, null, 50, null, null]);
    expect(valueAt({ times: [], values: [] }, 0)).toBeNull();
  });

  test('the band is the middle half of the runs at each time', () => {
    const runs = [1, 2, 3, 4, 5].map((run) => line(run, [0, 100], [run * 10, run * 10]));
    const overlay = overlayOf([line(9, [0, 50], [500, 600]), ...runs], runId(9), 3);
    expect(overlay.grid).toEqual([0, 50, 100]);
    expect(overlay.median).toEqual([30, 30, 30]);
    expect(overlay.low).toEqual([20, 20, 20]);
    expect(overlay.high).toEqual([40, 40, 40]);
    expect(overlay.candidate?.run).toBe(runId(9));
    expect(overlay.baseline).toHaveLength(5);
    expect(overlay.values).toEqual({ low: 10, high: 600 });
  });

  test('where most runs have ended there is no median, and three runs have no band', () => {
    const overlay = overlayOf([line(1, [0, 100], [1, 1]), line(2, [0, 40], [2, 2]), line(3, [0, 40], [3, 3])], runId(9), 3);
    expect(overlay.median).toEqual([2, null, null]);
    expect(overlay.low).toEqual([null, null, null]);
    expect(overlay.candidate).toBeNull();
    expect(overlayOf([], runId(9), 3).values).toBeNull();
  });

  test('the band never leaves what the runs had', () => {
    const points = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(points, { maxLength: 8 }), (all) => {
        const lines = all.map((values, index) =>
          line(
            index + 1,
            values.map((_, place) => place * 10),
            values,
          ),
        );
        const { low, high, median, values } = overlayOf(lines, runId(99), 7);
        const drawn = [...low, ...high, ...median].filter((value) => value !== null);
        // Sums of doubles may be off by their last digit.
        return drawn.every((value) => values !== null && value >= values.low - 1e-6 && value <= values.high + 1e-6);
      }),
      { seed: 4_712 },
    );
  });
});
