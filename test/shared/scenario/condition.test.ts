/** Conditions decided with given values. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quantityOf } from '#shared/scenario/comparison.ts';
import { evaluateCondition } from '#shared/scenario/condition.ts';
import type { Reading } from '#shared/scenario/machine-contract.ts';
import { parseScenario } from '#shared/scenario/parser.ts';

function decide(text: string, values: Readonly<Record<string, Reading>> = {}) {
  const statement = parseScenario('x', `wait ${text}`).scenario.lines[0]?.statement;
  if (statement?.kind !== 'wait' || statement.condition.kind === 'event') throw new Error(`no condition: ${text}`);
  return evaluateCondition(statement.condition, (name) => (Object.hasOwn(values, name) ? values[name] : undefined));
}

describe('comparisons', () => {
  test.each([
    ['A.rss < 500MB', { 'A.rss': 499_999_999 }, true],
    ['A.rss < 500MB', { 'A.rss': 500_000_000 }, false],
    ['A.latency <= 1.5s', { 'A.latency': 1_500 }, true],
    ['A.cpu > 15%', { 'A.cpu': 15.5 }, true],
    ['A.STATE == READY', { 'A.STATE': 'READY' }, true],
    ['A.STATE == ready', { 'A.STATE': 'READY' }, false],
    ["'PASS' == #{x}", { x: 'PASS' }, true],
    ['#{x} == 5', { x: '5.0' }, true],
    ['#{x} > 9', { x: '10' }, true],
    ['#{x} < #{y}', { x: '2kB', y: '1MB' }, true],
    ['#{x} != 5', { x: 'five' }, true],
    ["#{x} contains 'ell'", { x: 'hello' }, true],
    ["#{x} contains 'ELL'", { x: 'hello' }, false],
    ["#{x} matches '^h.l+o$'", { x: 'hello' }, true],
    ["#{x} matches 'l{3}'", { x: 'hello' }, false],
    ["'a-#{x}' == a-1", { x: '1' }, true],
    ['not A.x == 1 and (A.x == 2 or A.x == 3)', { 'A.x': 3 }, true],
  ])('%s with %j is %s', (text, values, met) => {
    expect(decide(text, values)).toMatchObject({ met, problem: null });
  });

  test.each([
    'A.x == 1',
    'A.x != 1',
    'A.x < 1',
    'not A.x == 1',
    'not not A.x == 1',
    "A.x contains ''",
    "A.x matches ''",
    'A.x == A.x',
    "'-#{A.x}' == '-'",
  ])('a missing value meets nothing: %s', (text) => {
    expect(decide(text, { 'A.x': null })).toMatchObject({ met: false, problem: null, values: { 'A.x': null } });
  });

  test('decides beside a missing value where the other side is enough', () => {
    expect(decide('A.x == 1 or 1 == 1', { 'A.x': null }).met).toBe(true);
    expect(decide('not (A.x == 1 and 1 == 2)', { 'A.x': null }).met).toBe(true);
  });

  test.each([
    ['#{x} > 1e3', { x: '7' }, false],
    ['#{x} > 1e3', { x: '1001' }, true],
    ['#{x} > 0.5', { x: '2e-05' }, false],
    ['#{x} == #{y}', { x: '2733382000000000049', y: '2733382000000000048' }, false],
    ['#{x} != #{y}', { x: '2733382000000000049', y: '2733382000000000048' }, true],
    ['#{x} == 2733382000000000049', { x: '2733382000000000049' }, true],
    ['#{x} > 9007199254740992', { x: '9007199254740993' }, true],
    ['0.1 == 0.10000000000000000001', {}, false],
    ['1e3 == 1000', {}, true],
    ['1.0 == 1', {}, true],
    ['1000ms == 1s', {}, true],
    ['500MB == 0.5GB', {}, true],
    ['1.5e3ms == 1.5s', {}, true],
    ['0.1s == 100ms', {}, true],
    ['#{x} == 5', { x: ' +5.00\n' }, true],
    ['#{x} < 0', { x: '−5' }, true],
    ['-0 == 0', {}, true],
    ['#{x} < 1e999999999', { x: '1e999999998' }, true],
    ['A.x < 1e400', { 'A.x': 1e308 }, true],
    ['A.x == 0.1', { 'A.x': 0.1 }, true],
    ['A.x == 1e21', { 'A.x': 1e20 }, false],
    ['#{x} == 500MB', { x: '0.5GB' }, true],
    ['#{x} contains 1e3', { x: 'about 1e3 rows' }, true],
    ['#{x} contains 500MB', { x: '500000000' }, false],
    ['#{x} == 1,000', { x: '1000' }, false],
    ['#{x} == 0x10', { x: '16' }, false],
  ])('numbers are compared as numbers, to the last digit: %s with %j is %s', (text, values, met) => {
    expect(decide(text, values)).toMatchObject({ met, problem: null });
  });

  test.each([
    ['#{x} < 100', { x: '' }, "'x' (empty) is no number"],
    ['#{x} < 100', { x: 'abc' }, "'x' (abc) is no number"],
    ['100 > #{x}', { x: 'abc' }, "'x' (abc) is no number"],
    ['#{x} <= #{y}', { x: 'abc', y: 'abd' }, "'x' (abc)"],
    ['#{x} >= 9', { x: '10 rows' }, "'x' (10 rows)"],
    ['#{x} > 5', { x: '1,000' }, "'x' (1,000)"],
    ['#{x} > 5', { x: '0x10' }, "'x' (0x10)"],
    ['#{x} > 5', { x: 'NaN' }, "'x' (NaN)"],
    ['#{x} > 5', { x: 'Infinity' }, "'x' (Infinity)"],
    ['A.STATE > 5', { 'A.STATE': 'READY' }, "'A.STATE' (READY)"],
    ['A.STATE < READY', { 'A.STATE': null }, "'READY' is no number"],
    ['rc#{x} < 5', { x: '2' }, "'x' (rc2) is no number"],
    ['1 == 1 or #{x} < 5', { x: 'abc' }, "'x' (abc)"],
    ['1 == 2 and #{x} < 5', { x: 'abc' }, "'x' (abc)"],
    ['not #{x} < 5', { x: 'abc' }, "'x' (abc)"],
    ['not (1 == 2 and not #{x} < 5)', { x: '' }, "'x' (empty)"],
    ['A.y == 1 or #{x} < 5', { x: 'abc', 'A.y': null }, "'x' (abc)"],
    ['5s > 3MB', {}, 'different units'],
    ['#{x} == 5s', { x: '5000B' }, 'different units'],
    ['#{x} != 5s', { x: '5000B' }, 'different units'],
    ['#{x} != 5', { x: '' }, "'x' (empty) is no number to be compared with '5'"],
    ['not #{x} == 5', { x: '' }, "'x' (empty)"],
    ['#{x} contains #{y}', { x: 'abc', y: '' }, "'y' is empty"],
    ['#{x} matches #{y}', { x: 'abc', y: '' }, "'y' is empty"],
    ['A.x == 9007199254740993', { 'A.x': 9007199254740992 }, 'too large for a metric'],
    ['A.x != 9007199254740993', { 'A.x': 9007199254740992 }, 'too large for a metric'],
    ['A.x >= 9007199254740993', { 'A.x': 9007199254740992 }, 'too large for a metric'],
  ])('is neither met nor not met: %s with %j', (text, values, problem) => {
    const verdict = decide(text, values);
    expect(verdict.met).toBe(false);
    expect(verdict.problem).toContain(problem);
  });

  test.each([
    ['#{x} == 5', { x: '' }],
    ['#{x} == abc', { x: '' }],
    ['A.x < 5', { 'A.x': Number.NaN }],
    ['not A.x < 5', { 'A.x': Number.POSITIVE_INFINITY }],
  ])('is simply not met: %s with %j', (text, values) => {
    expect(decide(text, values)).toMatchObject({ met: false, problem: null });
  });

  test('no comparison by order with anything but numbers is ever met, nor is its opposite', () => {
    const word = fc
      .oneof(fc.string(), fc.constantFrom('', 'READY', '1,000', '0x10', '1e', 'NaN', '5 MB', '5mb', '١'))
      .filter((text) => quantityOf(text) === null);
    const other = fc.oneof(word, fc.constantFrom('5', '-1e3', '500MB'), fc.constant(null));
    const shape = fc.constantFrom('%', 'not %', '(% or 1 == 1)', 'not (% and 1 == 2)', '(% and 1 == 1)', 'not not %', '1 == 1 or %');
    fc.assert(
      fc.property(word, other, fc.constantFrom('<', '<=', '>', '>='), shape, fc.boolean(), (text, beside, operator, form, turned) => {
        const comparison = turned ? `A.y ${operator} #{x}` : `#{x} ${operator} A.y`;
        const verdict = decide(form.replace('%', comparison), { x: text, 'A.y': beside });
        expect(verdict.met).toBe(false);
        expect(verdict.problem).not.toBeNull();
      }),
      { seed: 20261205, numRuns: 3_000 },
    );
  });

  test('tells what it was decided on', () => {
    expect(decide('A.x == 1 and #{y} == 2', { 'A.x': 1, y: '3', z: '9' }).values).toEqual({ 'A.x': 1, y: '3' });
  });

  test('says which variable is unknown and which pattern is bad', () => {
    expect(decide('#{nobody} == 1').problem).toContain("'nobody'");
    expect(decide("1 == 1 or A.x matches '(a'", { 'A.x': 'b' }).problem).toContain("'(a'");
    expect(decide("A.x matches '(?=a)'", { 'A.x': 'b' }).problem).not.toBeNull();
  });

  test('matches in linear time', () => {
    expect(decide("#{x} matches '^(a+)+$'", { x: `${'a'.repeat(50_000)}!` }).met).toBe(false);
  });

  test('never throws, whatever the pattern and the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, text) => {
        const verdict = decide('#{x} matches #{y}', { x: text, y: pattern });
        expect(verdict.met && verdict.problem !== null).toBe(false);
      }),
      { seed: 20261120, numRuns: 1_000 },
    );
  });
});
