/** A brace that closes nothing is said beside a reference, and nowhere else. */
import { describe, expect, test } from 'vitest';
import { parseCondition, parseScenario } from '#shared/scenario/parser.ts';

function stray(text: string): (string | undefined)[] {
  const { problems } = parseScenario('test', text);
  return problems
    .filter(({ code }) => code === 'stray-brace')
    .map(({ severity, range, fix }) => {
      expect(severity).toBe('warning');
      return fix && text.slice(0, fix.range.start.offset) + fix.replacement + text.slice(fix.range.end.offset, range.end.offset + 100);
    });
}

describe('a closing brace that closes nothing', () => {
  test.each([
    ['echo #{x}}', 'echo #{x}'],
    ["echo '#{x}}'", "echo '#{x}'"],
    ['echo }#{x}', 'echo #{x}'],
    ['expect #{x}} == 5', 'expect #{x} == 5'],
    ["set a = '#{x} }'", "set a = '#{x} '"],
    ['wait #{Gateway.orders{side="buy"}}} > 5', 'wait #{Gateway.orders{side="buy"}} > 5'],
    ['call other a=#{x}}', 'call other a=#{x}'],
    ["if #{x}} == 'a' then echo b", "if #{x} == 'a' then echo b"],
  ])('%s', (text, mended) => {
    expect(stray(text)).toEqual([mended]);
    expect(stray(mended)).toEqual([]);
  });

  test.each([
    'echo }',
    "echo 'a } b'",
    'echo #{x} # and }',
    'post \'{"id": #{x}}\'',
    'post {"id": #{x}}',
    'echo { #{x} }',
    'wait #{Gateway.orders{side="buy"}} > 5',
    "if a matches '^[0-9]{3}#{x}$' then echo b",
  ])('not %s', (text) => {
    expect(stray(text)).toEqual([]);
  });

  test('two of them are two problems, in conditions outside of scenarios too', () => {
    expect(stray('echo #{x}}}')).toHaveLength(2);
    expect(parseCondition('#{x}} == 5').problems.map(({ code }) => code)).toEqual(['stray-brace']);
  });
});
