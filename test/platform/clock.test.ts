/** Calls that come again and again. */
import { expect, test } from 'vitest';
import { every } from '#platform/clock.ts';
import { ManualClock } from '../main/core/link/manual-clock.ts';

test('calls come one interval apart until they are stopped, also from within a call', () => {
  const clock = new ManualClock();
  const times: number[] = [];
  const began = clock.monotonic();
  const stop = every(clock, 100, () => {
    times.push(clock.monotonic() - began);
    if (times.length === 3) stop();
  });
  for (let step = 0; step < 50; step++) clock.pass(10);
  expect(times).toEqual([100, 200, 300]);
});

test('what a call throws ends none of the later ones', () => {
  const clock = new ManualClock();
  let calls = 0;
  const stop = every(clock, 100, () => {
    if (++calls === 1) throw new Error('a mistake');
  });
  expect(() => clock.pass(100)).toThrow('a mistake');
  clock.pass(100);
  stop();
  clock.pass(1_000);
  expect(calls).toBe(2);
});
