/** The cheap look before an expression must never rule out a line that the expression matches. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LinearPattern, patternFault } from '#network/daemon/configuration/pattern.ts';
import { requiredLiteral } from '#network/daemon/configuration/required-literal.ts';
import { fillTemplate, parseTemplate, templatePlaces } from '#network/daemon/configuration/templates.ts';

describe('the text that every match contains', () => {
  test.each([
    ['STATE (?P<state>\\w+)', 'STATE '],
    ['latency=(?P<us>\\d+)us', 'latency='],
    ['ERROR (?P<what>.*)', 'ERROR '],
    ['^\\[(\\d+)\\] rejected', '] rejected'],
    ['abc+de', 'abc'],
    ['abc*defg', 'defg'],
    ['abc?', 'ab'],
    ['colou{0,1}r red', 'r red'],
    ['a\\.b\\.c', 'a.b.c'],
    ['[a-z]+ready[]x]now!', 'ready'],
    ['one|two', undefined],
    ['(one|two)', undefined],
    ['(?i)error', undefined],
    ['\\Qa.b\\E', undefined],
    ['\\x41\\x{42}cd', 'cd'],
    ['\\pLab', 'ab'],
    ['.*', undefined],
    ['x', undefined],
  ])('of %s is %s', (source, literal) => {
    expect(requiredLiteral(source)).toBe(literal);
  });

  test('never rules out what matches', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      'ab',
      '1',
      ' ',
      '.',
      '\\d',
      '\\w',
      '\\.',
      '[ab]',
      '[^a]',
      '[]a]',
      '(a)',
      '(?:a|b1)',
      '(?P<n>b)',
      '\\x61',
      '\\pL',
      '^',
      '$',
      '\\b',
      'é',
      '😀',
    );
    const part = fc
      .tuple(atom, fc.constantFrom('', '', '', '*', '+', '?', '{0,2}', '{2}', '*?', '+?', '??', '|'))
      .map((each) => each.join(''));
    const source = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', '1', ' ', '.', 'é', '😀', 'ab'), { maxLength: 12 }).map((parts) => parts.join(''));
    let matched = 0;
    const property = fc.property(source, fc.array(text, { minLength: 1, maxLength: 5 }), (expression, lines) => {
      fc.pre(patternFault(expression) === undefined);
      const pattern = new LinearPattern(expression);
      // A group around it takes the literal away, so the expression alone decides.
      const bare = new LinearPattern(`(?:${expression})`);
      for (const line of lines) {
        expect(pattern.test(line)).toBe(bare.test(line));
        expect(pattern.find(line)?.groups[0]).toBe(bare.find(line)?.groups[0]);
        if (bare.test(line)) matched++;
      }
    });
    fc.assert(property, { seed: 20261122, numRuns: 3_000 });
    expect(matched).toBeGreaterThan(1_000);
  });
});

describe('an expression that cannot be matched in linear time', () => {
  test.each([
    ['(?=x)y', 'Look-ahead'],
    ['(a)\\1', 'Back-references'],
    ['a++b', 'possessive'],
    ['(open', 'RE2'],
  ])('%s is refused with advice', (source, advice) => {
    expect(patternFault(source)?.tip).toContain(advice);
  });
});

describe('templates', () => {
  test('fill places and keep doubled braces', () => {
    const parts = parseTemplate('{{x}} {state}:{1}{unclosed {not a place}');
    expect(fillTemplate(parts, (name) => `<${name}>`)).toBe('{x} <state>:<1>{unclosed {not a place}');
    expect(templatePlaces('{a} {b} {a}')).toEqual(['a', 'b', 'a']);
  });
});
