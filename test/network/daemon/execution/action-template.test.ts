/** From the words of a command to the argument list of a program. */
import { assert, property, string as anyString } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Parameter } from '#shared/protocol/observations.ts';
import { bindArguments, fillCommand } from '#network/daemon/execution/action-template.ts';

describe('arguments', () => {
  const parameters: Parameter[] = [
    { name: 'account', type: 'string' },
    { name: 'count', type: 'integer', minimum: 1, maximum: 10, default: 2 },
    { name: 'rate', type: 'number', default: 1.5 },
    { name: 'time', type: 'duration', default: '2s', maximum: 60_000 },
    { name: 'dry', type: 'boolean', default: false },
    { name: 'side', type: 'choice', choices: ['buy', 'sell'], default: 'buy' },
  ];
  const bound = (...words: string[]) => {
    const result = bindArguments(parameters, words);
    return 'value' in result ? Object.fromEntries(result.value) : result.problem;
  };

  test('are positional in declared order, or named; defaults fill the rest', () => {
    expect(bound('a')).toEqual({ account: 'a', count: '2', rate: '1.5', time: '2000', dry: 'false', side: 'buy' });
    expect(bound('side=sell', 'a', '7', 'time=1.5s', 'dry=yes')).toMatchObject({
      account: 'a',
      count: '7',
      side: 'sell',
      time: '1500',
      dry: 'true',
    });
    expect(bound('a=b; rm -rf /')).toMatchObject({ account: 'a=b; rm -rf /' });
  });

  test.each([
    ['1.5e3ms', '1500'],
    ['.5s', '500'],
    ['1 min', '60000'],
  ])('a duration may be written as in a scenario or as in the file: %s', (word, milliseconds) => {
    expect(bound('a', `time=${word}`)).toMatchObject({ time: milliseconds });
  });

  test.each([
    [[], '"account"'],
    [['a', 'x'], 'whole number'],
    [['a', '11'], 'at most 10'],
    [['a', '0'], 'at least 1'],
    [['a', '1.5'], 'whole number'],
    [['a', '1', 'NaN'], 'a number'],
    [['a', '1', '0x10'], 'a number'],
    [['a', '1', '1', '61s'], 'at most 60000'],
    [['a', '1', '1', '5'], 'a duration'],
    [['a', 'dry=maybe'], 'true or false'],
    [['a', 'side=Buy'], 'one of buy, sell'],
    [['a', 'account=b'], 'given twice'],
    [['a\0b'], 'NUL'],
    [['a', '1', '1', '1s', 'no', 'buy', 'more'], 'too many'],
  ])('%j are refused', (words, reason) => {
    expect(bound(...words)).toEqual(expect.stringContaining(reason));
  });

  test('a text fills its place in one element and is never an option of its own', () => {
    const names: Parameter[] = [
      { name: 'x', type: 'string' },
      { name: 'n', type: 'integer', default: 1 },
    ];
    const fill = (command: string[], x: string, n = '1') =>
      fillCommand(
        command,
        names,
        new Map([
          ['x', x],
          ['n', n],
        ]),
      );
    expect(fill(['p', '{x}', 'a{x}b'], 'one two')).toEqual({ value: ['p', 'one two', 'aone twob'] });
    expect(fill(['p', '--name={x}'], '--evil')).toEqual({ value: ['p', '--name=--evil'] });
    expect(fill(['p', '--', '{x}'], '--evil')).toEqual({ value: ['p', '--', '--evil'] });
    expect(fill(['p', '{x}'], '--evil')).toHaveProperty('problem');
    expect(fill(['p', '{x}{n}'], '-')).toHaveProperty('problem');
    // A negative number must not make an option of the text behind it.
    expect(fill(['p', '{n}{x}'], 'exec=sh', '-1')).toHaveProperty('problem');
    // This ends the options of env, not those of p.
    expect(fill(['env', '--', 'p', '{x}'], '--evil')).toHaveProperty('problem');
    expect(fill(['p', '--', '{n}', '{x}'], '--evil')).toEqual({ value: ['p', '--', '1', '--evil'] });
    expect(fill(['p', '{n}'], 'unused', '-5')).toEqual({ value: ['p', '-5'] });
    expect(fill(['p', '{{x}}'], 'v')).toEqual({ value: ['p', '{x}'] });
  });

  test('any text either arrives unchanged in its element or is refused', () => {
    assert(
      property(anyString({ maxLength: 40 }), (text) => {
        const names: Parameter[] = [{ name: 'x', type: 'string' }];
        const values = bindArguments(names, [`x=${text}`]);
        if ('problem' in values) return text.includes('\0');
        const filled = fillCommand(['p', '{x}'], names, values.value);
        return 'problem' in filled ? text.startsWith('-') : filled.value[1] === text;
      }),
      { seed: 20261120, numRuns: 2_000 },
    );
  });
});

test('a number that JavaScript cannot hold reaches the program as it was written', () => {
  const rate: Parameter[] = [{ name: 'rate', type: 'number' }];
  const bound = (word: string) => bindArguments(rate, [word]);
  for (const word of ['2733382000000000049', '0.10000000000000000001']) expect(bound(word)).toEqual({ value: new Map([['rate', word]]) });
  expect(bound('1.50')).toEqual({ value: new Map([['rate', '1.5']]) });
  expect(bound('1e3')).toEqual({ value: new Map([['rate', '1000']]) });
});
