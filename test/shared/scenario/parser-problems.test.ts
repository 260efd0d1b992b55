/** What the parser says about text that is no scenario: each mistake once, at its place, with the way to mend it. */
import { describe, expect, test } from 'vitest';
import { maximumLines, maximumProblems, parseScenario } from '#shared/scenario/parser.ts';

function problemsOf(line: string) {
  return parseScenario('test', line).problems.map(({ code, severity, range, tip, fix }) => ({
    code,
    severity,
    at: line.slice(range.start.offset, range.end.offset),
    tip,
    mended: fix && line.slice(0, fix.range.start.offset) + fix.replacement + line.slice(fix.range.end.offset),
  }));
}

describe('what is wrong is said once, at its place, with the way to mend it', () => {
  test.each<[line: string, code: string, at: string, mended?: string]>([
    ['if #{x} = 5 then goto a', 'unknown-operator', '=', 'if #{x} == 5 then goto a'],
    ['if X.STATE is READY then goto a', 'unknown-operator', 'is', 'if X.STATE == READY then goto a'],
    ['expect a => b', 'unknown-operator', '=>', 'expect a >= b'],
    ['expect a == b && c == d', 'unknown-operator', '&&', 'expect a == b and c == d'],
    ['expect a == b AND c == d', 'unknown-operator', 'AND', 'expect a == b and c == d'],
    ['expect a ~ b', 'unknown-operator', '~'],
    ['if #{x} == 5 goto a', 'missing-then', 'goto', 'if #{x} == 5 then goto a'],
    ['if #{x} == 5 THEN goto a', 'missing-then', 'THEN', 'if #{x} == 5 then goto a'],
    ['if #{x} == 5', 'missing-then', ''],
    ['if then goto a', 'missing-condition', ''],
    ['if #{x} then goto a', 'missing-operator', '#{x}'],
    ['if #{x} == then goto a', 'missing-operand', ''],
    ['if (#{x} == contains) then goto a', 'missing-operand', ''],
    ['if #{x} == 5 then wait (else==a) else echo a', 'missing-operand', ''],
    ['if #{x} == 5 then', 'missing-statement', ''],
    ['if #{x} == 5 then goto a else', 'missing-statement', ''],
    ['if a == b then if c == d then goto x', 'nested-statement', 'if'],
    ['if (a == b then goto a', 'missing-parenthesis', '(', 'if (a == b) then goto a'],
    ['wait', 'missing-condition', ''],
    ['wait 5', 'missing-unit', '5', 'wait 5s'],
    ['wait 5 s', 'missing-unit', '5 s', 'wait 5s'],
    ['wait 5sec', 'missing-duration', '5sec', 'wait 5s'],
    ['wait 5MB', 'missing-duration', '5MB'],
    ['wait #{delay}', 'missing-duration', '#{delay}'],
    ['wait 1000h', 'duration-out-of-range', '1000h'],
    ['wait -5s', 'duration-out-of-range', '-5s'],
    ['wait 1e400s', 'duration-out-of-range', '1e400s'],
    ['wait X.STATE == READY within 30', 'missing-unit', '30', 'wait X.STATE == READY within 30s'],
    ['wait X.STATE == READY within', 'missing-duration', ''],
    ['wait X.STATE == READY Within 30s', 'unexpected-text', 'Within 30s'],
    ['expect X.rss < 500 MB', 'missing-unit', '500 MB', 'expect X.rss < 500MB'],
    ['expect 500 MB > X.rss', 'missing-unit', '500 MB', 'expect 500MB > X.rss'],
    ['expect X.rss < 500mb', 'unknown-unit', '500mb', 'expect X.rss < 500MB'],
    ['expect error from X and a == b', 'combined-event', 'error from X'],
    ['if error from X then goto a', 'combined-event', 'error'],
    ['expect not crash of X for 5s', 'combined-event', 'crash'],
    ['wait a == b and event failover', 'combined-event', 'event'],
    ['on error from X', 'missing-goto', ''],
    ['on error from X then goto a', 'unexpected-text', 'then', 'on error from X  goto a'],
    ['goto', 'missing-name', ''],
    ['goto a b', 'unexpected-text', 'b'],
    ["label 'a b'", 'bad-name', "'a b'"],
    ['set', 'missing-name', ''],
    ['set x', 'missing-command', ''],
    ['set x =', 'missing-value', ''],
    ['set x = hello world', 'unexpected-text', 'hello world', "set x = 'hello world'"],
    ['set x wait 5s', 'keyword-as-command', 'wait'],
    ['defer', 'missing-command', ''],
    ['defer goto x', 'keyword-as-command', 'goto'],
    ['note', 'missing-text', ''],
    ['prompt x', 'missing-text', ''],
    ["prompt x 'a?' default", 'missing-value', ''],
    ['call other 5', 'unexpected-text', '5'],
    ['call other a=', 'missing-value', 'a='],
    ['repeat', 'missing-value', ''],
    ['repeat often', 'bad-number', 'often'],
    ['repeat 9999999', 'bad-number', '9999999'],
    ["run 'open", 'unclosed-quote', "'open", "run 'open'"],
    ["run 'a'b", 'missing-space', '', "run 'a' b"],
    ['echo #{x', 'unclosed-reference', '#{'],
    ['echo #{}', 'bad-reference', '#{}'],
    ['echo #{a b}', 'bad-reference', '#{a b}'],
    ['echo a\n---', 'bad-front-matter', '---'],
    ['99999999999 echo a', 'bad-number', '99999999999'],
  ])('%s', (line, code, at, mended) => {
    const problems = problemsOf(line);
    expect(problems).toMatchObject([{ code, at, severity: 'error' }]);
    expect(problems[0]!.mended).toBe(mended);
    if (mended) expect(problemsOf(mended)).toEqual([]);
  });

  test('an unclear line does not spoil its neighbours', () => {
    const { scenario, problems } = parseScenario('test', "echo a\ngoto 'x y'\nif (\necho b");
    expect(problems.map(({ range }) => range.start.line)).toEqual([1, 2]);
    expect(scenario.lines.map(({ statement }) => statement!.kind)).toEqual(['echo', 'invalid', 'invalid', 'echo']);
  });

  test('a lonely step number is a warning', () => {
    expect(problemsOf('5')).toMatchObject([{ code: 'empty-step', severity: 'warning' }]);
  });

  test('very many problems are counted, not listed', () => {
    const { problems } = parseScenario('test', 'goto\n'.repeat(maximumProblems + 5));
    expect(problems).toHaveLength(maximumProblems + 1);
    expect(problems.at(-1)).toMatchObject({ code: 'too-many-problems', message: expect.stringContaining('5 more') });
  });

  test('a scenario of more lines than are read is told of at the first that is not', () => {
    const longest = 'a\n'.repeat(maximumLines);
    expect(parseScenario('test', longest).problems).toEqual([]);
    const { scenario, problems } = parseScenario('test', `${longest}goto\ngoto\n`);
    expect(scenario.lines).toHaveLength(maximumLines);
    expect(problems).toMatchObject([
      { code: 'too-many-lines', severity: 'error', range: { start: { line: maximumLines, column: 0, offset: longest.length } } },
    ]);
    expect(problems[0]?.message).toBe('The scenario is longer than 100,000 lines; the rest is not read.');
    const both = parseScenario('test', 'goto\n'.repeat(maximumLines + 1)).problems;
    expect(both.slice(-2).map(({ code }) => code)).toEqual(['too-many-problems', 'too-many-lines']);
  });

  test.each(['a\n', '\n', '\r', '"\n', 'a,\n', 'kill a\n', 'set a = 1\n', 'if a then b\n', 'if (', '#{', "'"])(
    'a megabyte of %j takes no longer than a moment',
    (unit) => {
      const text = unit.repeat(1_048_576 / unit.length);
      // The processor's time, not the clock's: what else the machine does is no fault of the parser.
      const began = process.cpuUsage();
      parseScenario('test', text);
      // Measured: 0.2 s at most; before lines were bounded up to 3 s.
      expect(process.cpuUsage(began).user / 1_000).toBeLessThan(2_000);
    },
  );
});
