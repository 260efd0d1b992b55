/** How many servers begin serial, and how much they do at once. */
import { describe, expect, test } from 'vitest';
import { EffectiveParallelism } from '#shared/campaign/scheduling/effective-parallelism.ts';
import { serialServers } from '#shared/campaign/scheduling/server-modes.ts';
import { randomFrom } from '../../../repeatable-random.ts';

test.each([
  // 4 servers, 4·S / (S + P / c).
  [4, 0, 100, 5, 0],
  [4, 100, 0, 5, 4],
  [4, 100, 500, 5, 2],
  [4, 100, 501, 5, 2],
  [4, 101, 500, 5, 3],
  [4, 1, 1_000_000, 5, 1],
  [1, 100, 500, 5, 1],
  [0, 100, 500, 5, 0],
])('%i servers, serial work %i, parallel work %i by %i: %i begin serial', (servers, serial, parallel, parallelism, expected) =>
  expect(serialServers(servers, serial, parallel, parallelism)).toBe(expected),
);

describe('what a server does at once', () => {
  test('is its slots while nothing is known', () => expect(new EffectiveParallelism().of(8)).toBe(8));

  test('is learnt from how units slow each other down', () => {
    const random = randomFrom(20_261_206);
    const learnt = new EffectiveParallelism();
    for (let index = 0; index < 2_000; index += 1) {
      const together = 1 + Math.floor(random() * 8);
      // Each one beside it makes a unit a tenth slower.
      learnt.observe(together, 1_000, 1_000 * (1 + 0.1 * (together - 1)) * (0.8 + 0.4 * random()));
    }
    expect(learnt.of(8)).toBeCloseTo(8 / 1.7, 0);
    expect(learnt.slowdown(1)).toBeCloseTo(1, 1);
  });

  test('is never less than one unit, never more than its slots', () => {
    const learnt = new EffectiveParallelism();
    for (let index = 0; index < 100; index += 1) learnt.observe(1 + (index % 4), 1_000, 9_000 * (1 + (index % 4)));
    expect(learnt.of(4)).toBe(1);
    const quick = new EffectiveParallelism();
    for (let index = 0; index < 100; index += 1) quick.observe(1 + (index % 4), 1_000, 100);
    expect(quick.of(4)).toBe(4);
  });
});
