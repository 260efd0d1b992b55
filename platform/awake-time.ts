/**
 * Waiting that only counts time in which this process got to run. When it was starved or suspended, what arrived meanwhile
 * still lies unread in its sockets while its timers are due already: silence in such a time proves nothing about others.
 */
import type { Clock } from './clock.ts';

/** ms between looks at whether this process runs on time. */
const slice = 100;

/** Whether a timer for `wanted` ms that came after `elapsed` ms was held up. */
export function isLate(elapsed: number, wanted: number): boolean {
  return elapsed > 2 * wanted + slice;
}

/**
 * As `clock.after`, for judging others: ms in which this process did not run do not count, and after such a time one more
 * slice is waited. `meanwhile` is called between slices. Returns what cancels it.
 */
export function afterAwake(clock: Clock, milliseconds: number, callback: () => void, meanwhile: () => void = () => undefined): () => void {
  let cancelSlice: () => void;
  const wait = (rest: number): void => {
    const wanted = Math.min(slice, rest);
    const began = clock.monotonic();
    cancelSlice = clock.after(wanted, () => {
      const left = isLate(clock.monotonic() - began, wanted) ? Math.max(rest - wanted, slice) : rest - wanted;
      if (left <= 0) return callback();
      wait(left);
      meanwhile();
    });
  };
  wait(Math.max(0, milliseconds));
  return () => cancelSlice();
}
