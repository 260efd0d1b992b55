/** Which conditions are learnt to matter, and that a candidate under others is not judged. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { learntConditions, runsUnderLikeConditions } from '#shared/analysis/learnt-conditions.ts';
import type { RunProfile } from '#shared/analysis/profile.ts';
import { Chance, compared, profileOf, simulatedMetrics } from './simulated-runs.ts';

const seeded = { numRuns: 40, seed: 20_261_201 };

/** A run whose series follow a factor of their conditions. */
function runUnder(index: number, chance: Chance, conditions: Record<string, string>, factor = 1, release = 'rc1'): RunProfile {
  const metrics = simulatedMetrics({ index, series: 40, shape: 'normal', chance });
  const times = (column: Float64Array): Float64Array => column.map((value) => value * factor);
  const { level, minimum, maximum } = metrics;
  const changed = { level: times(level), minimum: times(minimum), maximum: times(maximum) };
  return profileOf({ index, release, conditions, metrics: { ...metrics, ...changed } });
}

describe('conditions that matter', () => {
  test('a variable that all series follow is learnt, one that none follows is not', () => {
    const chance = new Chance(1);
    const runs = Array.from({ length: 24 }, (_, index) =>
      runUnder(
        index,
        chance,
        { 'variable size': index % 2 === 0 ? 'small' : 'large', 'variable colour': `${index % 3}` },
        index % 2 === 0 ? 1 : 3,
      ),
    );
    expect(learntConditions(runs).map(({ name }) => name)).toEqual(['variable size']);
  });

  test('decoys are seldom learnt', () => {
    let learnt = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const chance = new Chance(seed);
      const runs = Array.from({ length: 16 }, (_, index) =>
        runUnder(index, chance, {
          'variable decoy': `${1 + Math.floor(chance.uniform() * 3)}`,
          'variable name': chance.uniform() < 0.5 ? 'a' : 'b',
        }),
      );
      learnt += learntConditions(runs).length;
    }
    expect(learnt).toBeLessThanOrEqual(2);
  });

  test('what goes with the release is what is compared', () => {
    const chance = new Chance(2);
    const runs = Array.from({ length: 20 }, (_, index) => {
      const release = index % 2 === 0 ? 'rc1' : 'rc2';
      return runUnder(index, chance, { 'variable image': release }, index % 2 === 0 ? 1 : 3, release);
    });
    expect(learntConditions(runs)).toEqual([]);
  });

  test('how much is asked of the system counts even where all accepted runs were alike', () => {
    const chance = new Chance(3);
    const runs = Array.from({ length: 10 }, (_, index) => runUnder(index, chance, { load: '4.5' }));
    expect(learntConditions(runs)).toEqual([{ name: 'load', numeric: true }]);
  });
});

describe('runs under like conditions', () => {
  test('are all of them where nothing is learnt, and never more than were given', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 400 }),
        (loads, own) => {
          const chance = new Chance(4);
          const runs = loads.map((load, index) => runUnder(index, chance, { load: `${load}` }));
          const { near, apart } = runsUnderLikeConditions(runUnder(99, chance, { load: `${own}` }), runs);
          const within = loads.filter((load) => Math.abs(Math.log(load / own)) <= Math.log(1.2) + 1e-9).length;
          expect(near.length).toBeLessThanOrEqual(within);
          expect(apart === '').toBe(within === loads.length || near.length === loads.length);
          expect(runsUnderLikeConditions(runUnder(99, chance, {}), runs).near.length).toBe(loads.length);
        },
      ),
      seeded,
    );
  });

  test('are chosen within the smallest distance that leaves twenty', () => {
    const chance = new Chance(5);
    const runs = Array.from({ length: 60 }, (_, index) => runUnder(index, chance, { load: `${100 + (index % 30)}` }));
    const { near, under } = runsUnderLikeConditions(runUnder(99, chance, { load: '110' }), runs);
    expect(near.length).toBe(22);
    expect(under).toBe('load 105 to 115');
  });
});

describe('a comparison', () => {
  test('with runs of another load alone gives no verdict, and says what would be needed', () => {
    const chance = new Chance(6);
    const baseline = Array.from({ length: 20 }, (_, index) => runUnder(index, chance, { load: index % 2 === 0 ? '4.43' : '4.6' }));
    const { verdict, reason } = compared(runUnder(30, chance, { load: '8.3' }, 2), baseline);
    expect(verdict).toBe('no comparable history');
    expect(reason).toContain('load 8.3, they had 4.43 to 4.6');
    expect(reason).toContain('8 more accepted runs under the candidate');
  });

  test('with runs of two loads uses those of its own, and says so', () => {
    const chance = new Chance(7);
    const baseline = Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0 ? runUnder(index, chance, { load: `${4.5 + (index % 3) / 10}` }) : runUnder(index, chance, { load: '9' }, 2),
    );
    const { verdict, reason } = compared(runUnder(50, chance, { load: '9.1' }, 2), baseline);
    expect(verdict).toBe('no change');
    expect(reason).toContain('Compared with 20 runs at load 9; 20 runs left out: load 9.1, they had 4.5 to 4.7.');
  });
});
