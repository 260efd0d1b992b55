import { expect, test } from 'vitest';
import { counted } from '#shared/wording/counts.ts';

test('the words agree with the number', () => {
  expect([counted(0, 'run'), counted(1, 'run'), counted(12_000, 'run')]).toEqual(['0 runs', '1 run', '12,000 runs']);
  expect([counted(1, 'series', 'series'), counted(2, 'line was', 'lines were')]).toEqual(['1 series', '2 lines were']);
});
