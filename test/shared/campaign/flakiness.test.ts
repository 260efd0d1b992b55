/** How intermittent a test is, and how sure that is. */
import { describe, expect, test } from 'vitest';
import {
  betaQuantile,
  failureRate,
  flakinessOf,
  isStorm,
  provenBelow,
  runsThatProve,
  type Observation,
} from '#shared/campaign/flakiness.ts';
import type { Verdict } from '#shared/campaign/words.ts';
import { randomFrom } from '../../repeatable-random.ts';

const at = (verdict: Verdict, more: Partial<Observation> = {}): Observation => ({
  verdict,
  revision: 'rc1',
  package: null,
  environment: 'e',
  ...more,
});

describe('the rate', () => {
  test.each([
    [0, 10, 0, 0.2172],
    [1, 10, 0.011, 0.3813],
    [5, 10, 0.2235, 0.7765],
    [10, 10, 0.7828, 1],
    [2, 100, 0.0042, 0.0629],
  ])('%i of %i: from %d to %d', (failures, attempts, low, high) => {
    const rate = failureRate(failures, attempts);
    expect(rate.low).toBeCloseTo(low, 3);
    expect(rate.high).toBeCloseTo(high, 3);
  });

  test('of nothing is anything', () => expect(failureRate(0, 0)).toMatchObject({ low: 0, high: 1 }));

  test('Beta(1, 1) is uniform, Beta(2, 1) the square', () => {
    expect(betaQuantile(0.3, 1, 1)).toBeCloseTo(0.3, 10);
    expect(betaQuantile(0.25, 2, 1)).toBeCloseTo(0.5, 10);
  });
});

test.each([
  [0.1, 29],
  [0.05, 59],
  [0.01, 299],
])('a rate below %d is proven by %i passes', (bound, runs) => {
  expect(runsThatProve(bound)).toBe(runs);
  expect(provenBelow(runs)).toBeLessThan(bound);
  expect(provenBelow(runs - 1)).toBeGreaterThanOrEqual(bound);
});

describe('evidence', () => {
  test('is what disagrees although nothing differs', () => {
    const found = flakinessOf([at('passed'), at('failed'), at('passed'), at('passed')]);
    expect(found).toMatchObject({ intermittent: true, failures: 1, attempts: 4, rate: 0.25 });
  });

  test.each<[string, Observation[]]>([
    ['another revision', [at('passed'), at('failed', { revision: 'rc2' })]],
    ['another package', [at('passed'), at('failed', { package: 'a' })]],
    ['another kind of server', [at('passed'), at('failed', { environment: 'f' })]],
    ['a storm', [at('passed'), at('failed', { suspended: true })]],
    ['a runner that said nothing', [at('passed'), at('missing')]],
    ['what never passes', [at('failed'), at('failed')]],
  ])('%s is none', (_, observations) => expect(flakinessOf(observations).intermittent).toBe(false));

  test('of a test that fails in 2 % of 300 runs is found; of one that fails always or never, or from a revision on, never', () => {
    const random = randomFrom(20_261_204);
    const runs = (verdict: (run: number) => Verdict): Observation[] =>
      Array.from({ length: 300 }, (_, run) => at(verdict(run), { revision: `rc${Math.floor(run / 100)}` }));
    const found = Array.from({ length: 400 }, () => flakinessOf(runs(() => (random() < 0.02 ? 'failed' : 'passed'))));
    expect(found.filter(({ intermittent }) => intermittent).length).toBeGreaterThanOrEqual(380);
    const covered = found.filter(({ low, high }) => low <= 0.02 && high >= 0.02).length;
    expect(covered / found.length).toBeGreaterThan(0.9);
    const steady: ((run: number) => Verdict)[] = [() => 'failed', () => 'passed', (run) => (run < 100 ? 'passed' : 'failed')];
    for (const each of steady) expect(flakinessOf(runs(each)).intermittent).toBe(false);
  });
});

test.each([
  [5, 10, 0.01, false],
  [15, 1_000, 0.01, false],
  [3, 20, 0.01, false],
  [20, 60, 0.01, true],
  [300, 1_000, 0.3, false],
  [600, 1_000, 0.3, true],
])('%i failures of %i where %d is usual: a storm is %s', (failures, attempts, usual, storm) =>
  expect(isStorm(failures, attempts, usual)).toBe(storm),
);
