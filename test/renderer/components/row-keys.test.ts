/** Keys that lead from row to row. */
import { expect, test } from 'vitest';
import { selectionAfter } from '../../../renderer/components/row-keys.ts';

test('the selection stays within the list', () => {
  expect(selectionAfter('ArrowDown', -1, 3, 10)).toBe(0);
  expect(selectionAfter('ArrowUp', -1, 3, 10)).toBe(2);
  expect(selectionAfter('ArrowDown', 2, 3, 10)).toBe(2);
  expect(selectionAfter('PageUp', 1, 3, 10)).toBe(0);
  expect(selectionAfter('End', 0, 3, 10)).toBe(2);
  expect(selectionAfter('x', 0, 3, 10)).toBeNull();
  expect(selectionAfter('ArrowDown', -1, 0, 10)).toBeNull();
});
