/**
 * How much the tests try: a sample, within the minutes that `npm test` may take, or everything, as `npm run test:long` does: all damaged
 * messages and bundles, all kills, and the screens on each host instead of on one wherever hosts do not differ.
 */

/** Whether everything is tried. */
export const thorough = process.env['TESTOPS_LONG'] === '1';

/** How many cases of a kind are tried; the cases of the sample are among those of the whole. */
export function cases(all: number, sample: number): number {
  return thorough ? all : sample;
}
