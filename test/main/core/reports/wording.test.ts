/** Values with their units, as reports write them. */
import { expect, test } from 'vitest';
import { exactText } from '#main/core/reports/wording.ts';

test.each([
  [326, 'ms', '326 ms'],
  [0.033, 'ms', '0.033 ms'],
  [600_400_000, 'bytes', '600400000 bytes (600 MB)'],
  [512, 'bytes', '512 B'],
  [2_500, 'bytes per second', '2500 bytes per second (2.5 kB/s)'],
  [12.5, '%', '12.5 %'],
  [3, 'per second', '3 /s'],
  [7, 'count', '7'],
  [1.25, 'none', '1.25'],
] as const)('%s in %s, with all its digits: %s', (value, unit, text) => {
  expect(exactText(value, unit)).toBe(text);
});
