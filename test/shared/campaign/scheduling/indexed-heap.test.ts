/** The heap against sorting. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { IndexedHeap } from '#shared/campaign/scheduling/indexed-heap.ts';

const change = fc.record({ do: fc.constantFrom('add', 'delete', 'move', 'pop'), element: fc.nat(20), key: fc.nat(9) });

test('the first is always the first, whatever is added, taken out and moved (seed 20261207)', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 120, size: 'max' }), fc.nat(3), (changes, divisor) => {
      const keys = new Map<number, number>();
      const before = (left: number, right: number): boolean => {
        const difference = (keys.get(left) ?? 0) - (keys.get(right) ?? 0);
        return difference === 0 ? left < right : difference < 0;
      };
      const heap = new IndexedHeap(before);
      const inside = new Set<number>();
      for (const { do: what, element, key } of changes) {
        if (what === 'add' && !inside.has(element)) {
          keys.set(element, key);
          heap.add(element);
          inside.add(element);
        } else if (what === 'move') {
          keys.set(element, key);
          heap.moved(element);
        } else if (what === 'delete') {
          expect(heap.delete(element)).toBe(inside.delete(element));
        } else if (heap.first !== undefined) {
          inside.delete(heap.first);
          heap.delete(heap.first);
        }
        const sorted = [...inside].toSorted((left, right) => (before(left, right) ? -1 : 1));
        expect(heap.size).toBe(inside.size);
        expect(heap.first).toBe(sorted[0]);
        const accepted = (each: number): boolean => divisor === 0 || each % (divisor + 1) === 0;
        expect(heap.firstOf(accepted)).toBe(sorted.find(accepted));
      }
    }),
    { numRuns: 300, seed: 20_261_207 },
  );
});
