import { expect, test } from 'vitest';
import { counted, countText, shareText, timesText } from '#shared/wording/counts.ts';

test('the words agree with the number', () => {
  expect([counted(0, 'run'), counted(1, 'run'), counted(12_000, 'run')]).toEqual(['0 runs', '1 run', '12,000 runs']);
  expect([counted(1, 'series', 'series'), counted(2, 'line was', 'lines were')]).toEqual(['1 series', '2 lines were']);
  expect([0, 1, 2, 3, 1_200].map(timesText)).toEqual(['never', 'once', 'twice', '3 times', '1,200 times']);
});

test('thousands stand in groups, however many there are', () => {
  expect([0, 999, 12_345, 1_234_567_890].map(countText)).toEqual(['0', '999', '12,345', '1,234,567,890']);
  expect(countText(null)).toBe('–');
});

test('a share is all only where it is all', () => {
  expect([0, 0.123, 0.999, 1, Number.NaN].map(shareText)).toEqual(['0 %', '12 %', '99 %', '100 %', '–']);
});
