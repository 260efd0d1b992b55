import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listed, quoted } from '#shared/wording/names.ts';

test('names stand in a sentence, and of many the rest is counted', () => {
  expect([[], ['A'], ['A', 'B'], ['A', 'B', 'C']].map((names) => listed(names))).toEqual(['', 'A', 'A and B', 'A, B and C']);
  expect([listed(['A', 'B', 'C', 'D'], 2), listed(['A', 'B'], 2), listed(['A', 'B'], 1)]).toEqual([
    'A, B and 2 more',
    'A and B',
    'A and 1 more',
  ]);
});

test('a list never names more than it may', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('GW', 'MEP', 'MES')), fc.integer({ min: 1, max: 9 }), (names, most) => {
      const told = listed(names, most).split(/, | and /).filter((name) => /^[A-Z]/.test(name)); // prettier-ignore
      expect(told).toEqual(names.slice(0, most));
    }),
  );
});

test('quotations', () => {
  expect(quoted('x'.repeat(200))).toHaveLength(82);
});
