/** The scheduler against a simple count, over random steps: capacity is never exceeded, nothing is lost, nothing waits without a reason. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../../thoroughness.ts';
import { ScheduledWorld, stepKinds } from './scheduled-world.ts';

const step = fc.record({ kind: fc.constantFrom(...stepKinds), a: fc.nat(1_000), b: fc.nat(1_000) });
const seed = 20_261_201;
const wanted = cases(1_000_000, 6_000);

test(`whatever happens, in ${wanted} random steps (seed ${seed})`, { timeout: 3_600_000 }, () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      // There are more cases than are needed; those that come after are not executed.
      if (taken >= wanted) return;
      const world = new ScheduledWorld();
      for (const each of steps) world.step(each);
      world.finish();
      taken += steps.length;
    }),
    { numRuns: wanted / 20, seed },
  );
  expect(taken).toBeGreaterThanOrEqual(wanted);
});
