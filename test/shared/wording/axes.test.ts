/** Labels of axes: short, and never a thousand of a unit. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unitSchema } from '#shared/telemetry/series.ts';
import { axisText, axisTime } from '#shared/wording/axes.ts';

test.each([
  [512_000_000, 'bytes', '512 MB'],
  [1_500, 'bytes per second', '1.5 kB/s'],
  [0.31, 'ms', '0.31 ms'],
  [2_500, 'ms', '2.5 s'],
  [65_000, 'ms', '1:05'],
  [12_345, 'count', '12.3 k'],
  [999_960, 'count', '1 M'],
  [9_999, 'count', '9,999'],
  [300, 'per second', '300/s'],
  [0, 'none', '0'],
  [-20_000, null, '−20 k'],
] as const)('%s %s reads %s', (value, unit, text) => expect(axisText(value, unit)).toBe(text));

test('times are told as the clock of a run tells them', () => {
  expect([0, 500, 59_400, 90_000, 7_500_000, -65_000].map(axisTime)).toEqual(['0 ms', '500 ms', '59.4 s', '1:30', '2:05:00', '−1:05']);
});

test('a label is short, whatever the value', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.integer({ min: -2_000, max: 2_000 }).map((value) => value / 100),
        fc.double({ min: 1, max: 1e10, noNaN: true }),
      ),
      fc.constantFrom(...unitSchema.options.filter((unit) => unit !== '%')),
      (value, unit) => {
        const text = axisText(value, unit);
        expect(text).not.toMatch(/NaN|undefined|(?<![.,\d])1,?000(\.\d+)? (k|M|G|B|kB|MB|GB|ms)\b/);
        expect(text.length).toBeLessThanOrEqual(10);
      },
    ),
  );
});
