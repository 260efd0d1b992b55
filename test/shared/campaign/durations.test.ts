/** How long tests are expected to take. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DurationSketch } from '#shared/campaign/duration-sketch.ts';
import { Durations } from '#shared/campaign/durations.ts';
import { suiteName, testId, verdictOf } from './made-campaign.ts';

const s = suiteName('s');

describe('durations', () => {
  test('the newest counts most', () => {
    const durations = new Durations();
    durations.learn(s, 'g', verdictOf('a', 'passed', { duration: 1_000 }));
    durations.learn(s, 'g', verdictOf('a', 'failed', { duration: 2_000 }));
    expect(durations.of(s, testId('a'))).toBe(1_300);
  });

  test.each(['broken', 'skipped', 'missing'] as const)('an attempt that is %s spoils nothing', (verdict) => {
    const durations = new Durations();
    durations.learn(s, 'g', verdictOf('a', 'passed', { duration: 1_000 }));
    expect(durations.learn(s, 'g', verdictOf('a', verdict, { duration: 1 }))).toBe(false);
    expect(durations.of(s, testId('a'))).toBe(1_000);
  });

  test('what nobody has seen is guessed by its group, then its suite, then all', () => {
    const durations = new Durations();
    expect(durations.guess(s, 'g')).toBeNull();
    for (let index = 1; index <= 10; index += 1) {
      durations.learn(s, 'g', verdictOf(`g${index}`, 'passed', { duration: index * 100 }));
      durations.learn(s, 'h', verdictOf(`h${index}`, 'passed', { duration: index * 10_000 }));
    }
    expect(durations.guess(s, 'g')).toBe(900);
    expect(durations.guess(s, 'new')).toBe(80_000);
    expect(durations.guess(suiteName('other'), 'g')).toBe(80_000);
    expect(durations.together(s, 'g', [testId('g1'), testId('unseen')])).toBe(1_000);
    expect([durations.expected(s, 'g', testId('g1')), durations.expected(s, 'g', testId('unseen'))]).toEqual([100, 900]);
  });

  test('are kept between campaigns', () => {
    const durations = new Durations();
    durations.learn(s, 'g', verdictOf('a', 'passed', { duration: 1_000 }));
    durations.learn(s, 'h', verdictOf('b', 'passed', { duration: 5 }));
    const again = new Durations(durations.known());
    expect([...again.known()]).toEqual([...durations.known()]);
    expect(again.guess(s, 'g')).toBe(1_000);
  });

  test('a test that moves to another group leaves nothing in the old one', () => {
    const durations = new Durations();
    durations.learn(s, 'old', verdictOf('a', 'passed', { duration: 9_000 }));
    durations.learn(s, 'old', verdictOf('b', 'passed', { duration: 10 }));
    durations.learn(s, 'new', verdictOf('a', 'passed', { duration: 9_000 }));
    expect(durations.guess(s, 'old')).toBe(10);
  });
});

test('a quantile of many is within 2.5 % of the exact one, whatever was taken out meanwhile (seed 20261203)', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.double({ min: 1, max: 1e8, noNaN: true }), fc.boolean()), { minLength: 1, maxLength: 300, size: 'max' }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, share) => {
        const sketch = new DurationSketch();
        for (const [value] of values) sketch.add(value);
        const left = values.filter(([value, goes]) => {
          if (goes) sketch.remove(value);
          return !goes;
        });
        const sorted = left.map(([value]) => value).toSorted((one, other) => one - other);
        const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
        const found = sketch.quantile(share);
        if (exact === undefined) expect(found).toBeNull();
        else expect(Math.abs(Math.log(found! / exact))).toBeLessThanOrEqual(0.025);
      },
    ),
    { numRuns: 300, seed: 20_261_203 },
  );
});
