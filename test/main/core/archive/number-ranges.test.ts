/** Sets of numbers behave as sets, in whatever order the numbers come. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberRanges } from '#main/core/archive/number-ranges.ts';

const additions = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat({ max: 6 })), { maxLength: 40 });

test('numbers added in any order are there, the others missing', () => {
  fc.assert(
    fc.property(additions, (added) => {
      const ranges = new NumberRanges();
      const numbers = new Set<number>();
      for (const [from, width] of added) {
        ranges.add(from, from + width);
        for (let number = from; number <= from + width; number++) numbers.add(number);
      }
      const lowest = numbers.size > 0 ? Math.min(...numbers) : 0;
      const highest = Math.max(0, ...numbers);
      expect([ranges.lowest, ranges.highest]).toEqual([lowest, highest]);
      const told = ranges.toArray().flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
      expect(told).toEqual([...numbers].sort((one, other) => one - other));
      const missing = ranges.missing();
      for (let number = 0; number <= 70; number++) {
        expect(ranges.has(number)).toBe(numbers.has(number));
        const hole = number > lowest && number < highest && !numbers.has(number);
        expect(missing.some(([from, to]) => from <= number && number <= to)).toBe(hole);
      }
      // No two ranges touch: the same set is always told in the same way.
      const all = ranges.toArray();
      for (let index = 1; index < all.length; index++) expect(all[index]![0]).toBeGreaterThan(all[index - 1]![1] + 1);
      expect(NumberRanges.of(all).toArray()).toEqual(all);
    }),
    { seed: 20_261_120, numRuns: 300 },
  );
});
