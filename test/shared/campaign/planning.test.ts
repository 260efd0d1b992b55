/** Units out of what an adapter listed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ListedTest, SuitePlan } from '#shared/campaign/plan.ts';
import { planUnits, serialMatcher, type PlanningHistory } from '#shared/campaign/planning.ts';
import { testIdSchema, type TestId } from '#shared/campaign/words.ts';
import { suitePlan } from './made-campaign.ts';

const id = (text: string): TestId => testIdSchema.parse(text);
const suite = (more: Partial<SuitePlan> = {}): SuitePlan => suitePlan('api', more);
const listed = (test: string, more: Partial<ListedTest> = {}): ListedTest => ({
  test: id(test),
  unit: test,
  group: 'g',
  serial: false,
  tags: [],
  ...more,
});
const nothing: PlanningHistory = { expected: () => null, failedBefore: () => false };

describe('units', () => {
  test('are what is to be executed together, numbered on, in the order of the list', () => {
    const tests = [listed('a', { unit: 'f' }), listed('b'), listed('c', { unit: 'f', serial: true })];
    const { units } = planUnits(suite(), null, tests, 7, nothing);
    expect(units.map(({ unit, tests, serial }) => [unit, tests, serial])).toEqual([
      [7, ['a', 'c'], true],
      [8, ['b'], false],
    ]);
  });

  test('hold only what has a tag, or what was named, whatever its tags are; what was named and is not there is told', () => {
    const tests = [listed('a', { tags: ['smoke'] }), listed('b')];
    expect(planUnits(suite({ tags: ['smoke'] }), null, tests, 0, nothing).units.map(({ tests }) => tests)).toEqual([['a']]);
    const named = planUnits(suite({ tags: ['smoke'] }), { api: [id('b'), id('gone')] }, tests, 0, nothing);
    expect([named.units.map(({ tests }) => tests), named.unknown]).toEqual([[['b']], ['gone']]);
    expect(planUnits(suite(), { other: [id('a')] }, tests, 0, nothing).units).toEqual([]);
  });

  test('take as long as their tests did, and are unknown as long as one of these is', () => {
    const took: PlanningHistory = {
      expected: (_suite, _group, test) => ({ a: 10, b: 20 })[test as string] ?? null,
      failedBefore: (_, test) => test === 'b',
    };
    const tests = [listed('a', { unit: 'f' }), listed('b', { unit: 'f' }), listed('c', { unit: 'g' }), listed('a2', { unit: 'g' })];
    expect(planUnits(suite(), null, tests, 0, took).units.map(({ expected, failedBefore }) => [expected, failedBefore])).toEqual([
      [30, true],
      [null, false],
    ]);
  });

  test('hold every listed id once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('u', 'v'))), (pairs) => {
        const { units, twice, tests } = planUnits(
          suite(),
          null,
          pairs.map(([name, unit]) => listed(name, { unit })),
          0,
          nothing,
        );
        const all = units.flatMap((unit) => unit.tests);
        expect(all.toSorted()).toEqual([...new Set(pairs.map(([name]) => name))].toSorted());
        expect(all.length + twice.length).toBe(pairs.length);
        expect(tests).toBe(all.length);
      }),
      { seed: 20_261_201 },
    );
  });
});

describe('patterns of serial tests', () => {
  test.each([
    ['a::b', ['a::b'], true],
    ['a::bc', ['a::b'], false],
    ['tests/global/x.py::y', ['tests/global/*'], true],
    ['x[a*b]', ['x[a*b]'], true],
    ['ab', ['a*b*b'], false],
    ['abb', ['a*b*b'], true],
    ['aa', ['a*a'], true],
    ['a', ['a*a'], false],
    ['anything', ['*'], true],
    ['anything', [], false],
  ])('%s is as one of %j: %s', (test, patterns, expected) => {
    expect(serialMatcher(patterns)(id(test))).toBe(expected);
  });

  test('agree with a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '['), minLength: 1, maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '[', '*'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(text, pattern, (test, each) => {
        const expression = new RegExp(
          `^${each
            .split('*')
            .map((part) => part.replaceAll('[', '\\['))
            .join('.*')}$`,
          's',
        );
        expect(serialMatcher([each])(id(test))).toBe(expression.test(test));
      }),
      { seed: 20_261_201 },
    );
  });
});
