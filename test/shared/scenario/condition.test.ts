/** Conditions decided with given values. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateCondition } from '#shared/scenario/condition.ts';
import type { Reading } from '#shared/scenario/machine-contract.ts';
import { parseScenario } from '#shared/scenario/parser.ts';

function decide(text: string, values: Readonly<Record<string, Reading>> = {}) {
  const statement = parseScenario('x', `wait ${text}`).scenario.lines[0]?.statement;
  if (statement?.kind !== 'wait' || statement.condition.kind === 'event') throw new Error(`no condition: ${text}`);
  return evaluateCondition(statement.condition, (name) => (Object.hasOwn(values, name) ? values[name] : undefined));
}

describe('comparisons', () => {
  it.each([
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
    ['#{x} < #{y}', { x: 'abc', y: 'abd' }, true],
    ['#{x} < #{y}', { x: '10', y: '9x' }, true],
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

  it.each([
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

  it('decides beside a missing value where the other side is enough', () => {
    expect(decide('A.x == 1 or 1 == 1', { 'A.x': null }).met).toBe(true);
    expect(decide('not (A.x == 1 and 1 == 2)', { 'A.x': null }).met).toBe(true);
  });

  it('tells what it was decided on', () => {
    expect(decide('A.x == 1 and #{y} == 2', { 'A.x': 1, y: '3', z: '9' }).values).toEqual({ 'A.x': 1, y: '3' });
  });

  it('says which variable is unknown and which pattern is bad', () => {
    expect(decide('#{nobody} == 1').problem).toContain("'nobody'");
    expect(decide("1 == 1 or A.x matches '(a'", { 'A.x': 'b' }).problem).toContain("'(a'");
    expect(decide("A.x matches '(?=a)'", { 'A.x': 'b' }).problem).not.toBeNull();
  });

  it('matches in linear time', () => {
    expect(decide("#{x} matches '^(a+)+$'", { x: `${'a'.repeat(50_000)}!` }).met).toBe(false);
  });

  it('never throws, whatever the pattern and the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, text) => {
        const verdict = decide('#{x} matches #{y}', { x: text, y: pattern });
        expect(verdict.met && verdict.problem !== null).toBe(false);
      }),
      { seed: 20261120, numRuns: 1_000 },
    );
  });
});
