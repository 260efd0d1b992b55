/** Drift is told from chance and from a step between releases; runs that disagree with themselves are counted. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { driftOf, intermittentRuns, trendLines } from '#shared/analysis/trends.ts';
import type { RunProfile } from '#shared/analysis/profile.ts';
import { Chance, noMetrics, profileOf, simulatedRun, stepsOf } from './simulated-runs.ts';

const values = (count: number, valueOf: (index: number) => number): number[] => Array.from({ length: count }, (_, index) => valueOf(index));

describe('drift', () => {
  test('a slow rise within one release is found, with its slope', () => {
    const chance = new Chance(1);
    const drift = driftOf(values(30, (index) => 100 + 0.5 * index + chance.normal()));
    expect(drift?.direction).toBe('up');
    expect(drift?.perRun).toBeCloseTo(0.5, 1);
    expect(drift?.p).toBeLessThan(1e-6);
  });

  test('a step from one release to the next is no drift', () => {
    const chance = new Chance(2);
    const releases = values(40, (index) => Math.floor(index / 10)).map((number) => `rc${number + 1}`);
    const stepped = values(40, (index) => 100 + 50 * Math.floor(index / 10) + chance.normal());
    expect(driftOf(stepped, releases)?.p).toBeGreaterThan(0.05);
    // Without knowing the releases it would look like one.
    expect(driftOf(stepped)?.p).toBeLessThan(1e-6);
  });

  test('many releases that creep upwards are drift, though each is level in itself', () => {
    const chance = new Chance(3);
    const releases = values(40, (index) => Math.floor(index / 4)).map((number) => `rc${number + 1}`);
    const drift = driftOf(
      values(40, (index) => 100 + 5 * Math.floor(index / 4) + chance.normal()),
      releases,
    );
    expect(drift?.p).toBeLessThan(0.01);
    expect(drift?.perRun).toBeGreaterThan(1.1);
    expect(drift?.perRun).toBeLessThan(1.4);
  });

  test('of chance, few are called drift', () => {
    const chance = new Chance(4);
    const found = values(1_000, () => ((driftOf(values(15, () => chance.heavy()))?.p ?? 1) <= 0.05 ? 1 : 0)).reduce(
      (sum, each) => sum + each,
      0,
    );
    expect(found).toBeLessThan(70);
    expect(found).toBeGreaterThan(15);
  });

  test('of few values nothing is said; gaps are no values', () => {
    expect(driftOf([1, 2, 3, 4, 5, 6, 7])).toBeNull();
    expect(driftOf([1, null, 2, null, 3, null, 4, 5, 6, Number.NaN, 7])).toBeNull();
  });

  test('turned round, it turns round; and one wild value changes little', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 8, maxLength: 40 }), (given) => {
        const [there, back] = [driftOf(given), driftOf(given.toReversed())];
        expect(back?.p).toBeCloseTo(there?.p ?? 1, 9);
        expect(back?.perRun).toBeCloseTo(-(there?.perRun ?? 0), 9);
      }),
      { numRuns: 200, seed: 1_945 },
    );
  });
});

const run = (index: number, more: Partial<RunProfile> = {}): RunProfile =>
  profileOf({ index, metrics: noMetrics, steps: stepsOf(['start_load', 'stop_load']), ...more });

describe('lines', () => {
  test('of durations, faults and chosen series, one value per run', () => {
    const chance = new Chance(5);
    const profiles = values(12, (index) => index).map((index) => ({
      ...simulatedRun({ index, series: 3, steps: 1, shape: 'constant', chance }),
      duration: 20_000 + 100 * index,
      faults: index === 4 ? [] : [{ key: 'kill -9 A#1', text: 'kill -9 A', recovered: 500 }],
    }));
    const lines = trendLines(profiles, { series: ['Part1.metric1', 'Nobody.knows', 'Part1.metric1'] });
    expect(lines.map(({ id }) => id)).toEqual(['run', 'step:exec_part 0#1', 'fault:kill -9 A#1', 'metric:Part1.metric1']);
    expect(lines[0]).toMatchObject({
      unit: 'ms',
      drift: { direction: 'up', perRun: 100, sentence: 'Duration of the run grows by 100 ms from run to run, over 12 runs.' },
    });
    expect(lines[2]?.values).toEqual(values(12, () => 500).map((value, index) => (index === 4 ? null : value)));
    expect(lines[3]).toMatchObject({ title: 'Part1.metric1', drift: null });
    expect(lines[3]?.values).toEqual(values(12, () => 100));
  });

  test('a drift that comes to nothing is not told', () => {
    const profiles = values(20, (index) => index).map((index) => run(index, { duration: 1_000_000 + index }));
    expect(trendLines(profiles, { series: [] })[0]?.drift).toBeNull();
  });

  test('no runs give a line without values', () => {
    expect(trendLines([], { series: ['x'] })).toEqual([
      { id: 'run', kind: 'run duration', title: 'Duration of the run', unit: 'ms', values: [], drift: null },
    ]);
  });
});

describe('runs that disagree with themselves', () => {
  test('are told with their rate and how sure it is', () => {
    const profiles = values(10, (index) => index).map((index) => run(index, index === 2 ? { outcome: 'failed' } : {}));
    const stopped = [run(20, { outcome: 'stopped' }), run(21, { outcome: 'interrupted' })];
    const [found, ...others] = intermittentRuns([...profiles, ...stopped]);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ release: 'rc1', runs: 10, failed: 1, rate: 0.1, disagreeing: [profiles[2]?.run] });
    // Wilson's interval for 1 of 10 (R: binom.wilson).
    expect(found?.low).toBeCloseTo(0.0179, 4);
    expect(found?.high).toBeCloseTo(0.4042, 4);
    expect(found?.sentence).toBe(
      'simulated on rc1 did not pass 1 of 10 times with nothing changed: 10 %, with 95 % confidence between 2 % and 40 %.',
    );
  });

  test('another release, text, environment or variable is another revision', () => {
    const other: Partial<RunProfile>[] = [
      { release: 'rc2' },
      { scenarioHash: 'b'.repeat(64) },
      { environment: 'x' },
      { conditions: { 'variable rate': '9' } },
    ];
    for (const more of other) expect(intermittentRuns([run(1), run(2, { outcome: 'failed', ...more })])).toEqual([]);
    expect(intermittentRuns([run(1), run(2, { outcome: 'failed', conditions: { host: 'elsewhere' } })])).toHaveLength(1);
  });
});
