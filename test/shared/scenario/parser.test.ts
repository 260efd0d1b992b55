/** The parser, statement by statement: what it understands, and what it says where it does not. */
/* oxlint-disable unicorn/no-thenable -- the tree calls the branch of an `if` by its keyword; it is data and never awaited. */
import { describe, expect, test } from 'vitest';
import { maximumComparisons, maximumConditionDepth } from '#shared/scenario/condition-parser.ts';
import { maximumLines, maximumProblems, parseCondition, parseScenario, parseTemplate } from '#shared/scenario/parser.ts';
import type { Statement } from '#shared/scenario/syntax.ts';
import { deckScenario, deckWithoutNumbers, deckWithTypographicQuotes, withoutRanges } from './scenario-samples.ts';

function statementOf(line: string): Statement | null {
  const { scenario, problems } = parseScenario('test', line);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return scenario.lines[0]!.statement;
}

const treeOf = (line: string) => withoutRanges(statementOf(line));
const word = (text: string, quote = 'none') => ({ parts: [{ kind: 'text', text }], quote });
const variable = (name: string) => ({ parts: [{ kind: 'reference', name }], quote: 'none' });
const name = (text: string) => ({ text });

function problemsOf(line: string) {
  return parseScenario('test', line).problems.map(({ code, severity, range, tip, fix }) => ({
    code,
    severity,
    at: line.slice(range.start.offset, range.end.offset),
    tip,
    mended: fix && line.slice(0, fix.range.start.offset) + fix.replacement + line.slice(fix.range.end.offset),
  }));
}

describe("the deck's scenario", () => {
  const expected = [
    { kind: 'command', command: { words: [word('start_load')] } },
    { kind: 'command', command: { words: [word('kill'), word('-9'), word('MatchingEnginePrimary')] } },
    { kind: 'set-command', name: name('smoke_status'), command: { words: [word('exec_smoke')] } },
    {
      kind: 'if',
      condition: {
        kind: 'comparison',
        left: { kind: 'text', template: word('PASS', 'single') },
        operator: '==',
        right: { kind: 'text', template: variable('smoke_status') },
      },
      then: { kind: 'goto', label: name('pass') },
      otherwise: null,
    },
    { kind: 'echo', text: word('FAIL') },
    { kind: 'command', command: { words: [word('stop_load')] } },
    { kind: 'exit', verdict: null, reason: null },
    { kind: 'label', name: name('pass') },
    { kind: 'echo', text: word('PASS') },
  ];

  test.each([
    ['as on the slides', deckScenario, [0, 1, 2, 3, 4, 5, 6, 7, 8], []],
    ['without numbers', deckWithoutNumbers, [], []],
    ['with typographic quotes', deckWithTypographicQuotes, [0, 1, 2, 3, 4, 5, 6, 7, 8], ['typographic-quote']],
    ['with the line ends of Windows', deckScenario.replaceAll('\n', '\r\n'), [0, 1, 2, 3, 4, 5, 6, 7, 8], []],
    ['with a byte order mark', `\uFEFF${deckScenario}`, [0, 1, 2, 3, 4, 5, 6, 7, 8], []],
    ['with tabs and no-break spaces', deckScenario.replaceAll(' ', '\t\u00a0'), [0, 1, 2, 3, 4, 5, 6, 7, 8], []],
  ])('%s', (_, text, numbers, codes) => {
    const { scenario, problems } = parseScenario('deck', text);
    expect(problems.map(({ code }) => code)).toEqual(codes);
    expect(problems.every(({ severity }) => severity === 'warning')).toBe(true);
    const statements = scenario.lines.filter(({ statement }) => statement);
    expect(withoutRanges(statements.map(({ statement }) => statement))).toEqual(expected);
    expect(statements.flatMap(({ number }) => (number ? [number.value] : []))).toEqual(numbers);
  });

  test('typographic quotes come with the edit that mends them', () => {
    const { problems } = parseScenario('deck', deckWithTypographicQuotes);
    const { range, replacement } = problems[0]!.fix!;
    const mended = deckWithTypographicQuotes.slice(0, range.start.offset) + replacement + deckWithTypographicQuotes.slice(range.end.offset);
    expect(mended).toBe(deckScenario);
  });
});

describe('lines', () => {
  test('number, statement and comment each have their range', () => {
    const text = "---\ntitle: x\n---\n  12\tkill  -9 'X Y'   # why ";
    const { scenario } = parseScenario('test', text);
    const line = scenario.lines[3]!;
    const slice = (range: { start: { offset: number }; end: { offset: number } }) => text.slice(range.start.offset, range.end.offset);
    expect(scenario.lines.map(({ line }) => line)).toEqual([0, 1, 2, 3]);
    expect(line.number!.value).toBe(12);
    expect(slice(line.number!.range)).toBe('12');
    expect(slice(line.statement!.range)).toBe("kill  -9 'X Y'");
    expect(slice(line.comment!.range)).toBe('# why');
    expect(line.statement).toMatchObject({ command: { words: [{}, {}, { range: { start: { line: 3, column: 14 } } }] } });
  });

  test('a hash begins a comment only where a word would, and never before a brace', () => {
    expect(treeOf('run a#b #{x} # c')).toEqual({ kind: 'command', command: { words: [word('run'), word('a#b'), variable('x')] } });
    expect(treeOf('echo issue#5 #{x}#y # c')).toMatchObject({ text: { parts: [{ text: 'issue#5 ' }, { name: 'x' }, { text: '#y' }] } });
    expect(treeOf('#{command} now')).toMatchObject({ kind: 'command' });
    expect(treeOf('# only a comment')).toBeNull();
  });

  test('any first word that is no statement is a command, quoted or not', () => {
    expect(treeOf('iffy')).toMatchObject({ kind: 'command' });
    expect(treeOf("'goto' x")).toMatchObject({ kind: 'command', command: { words: [word('goto', 'single'), word('x')] } });
  });

  test('NUL and characters beyond the basic plane are ordinary', () => {
    expect(treeOf('run \u0000 😀')).toEqual({ kind: 'command', command: { words: [word('run'), word('\u0000'), word('😀')] } });
  });
});

describe('words and quotes', () => {
  test.each([
    ["'it\\'s'", "it's"],
    ['"a \\"b\\" c"', 'a "b" c'],
    ['\'a "b" c\'', 'a "b" c'],
    ["'back\\\\slash'", 'back\\slash'],
    ["'\\d+ stays'", '\\d+ stays'],
    ["'\\#{x}'", '#{x}'],
    ["''", ''],
    ['“a ‘b’ c”', 'a ‘b’ c'],
    ['‘a “b” c’', 'a “b” c'],
    ["don't", "don't"],
    ["key='some words'", 'key=some words'],
    ['a=b="c d"', 'a=b=c d'],
  ])('%s means %s', (written, meant) => {
    const statement = statementOf(`run ${written}`);
    const argument = statement?.kind === 'command' ? statement.command.words[1]! : null;
    expect(argument!.parts.map((part) => (part.kind === 'text' ? part.text : '?')).join('')).toBe(meant);
  });

  test('references may stand anywhere, with label sets and white space', () => {
    expect(treeOf('run "a #{ x } b" #{X.m{side="buy side"}}')).toMatchObject({
      command: {
        words: [
          {},
          { parts: [{ text: 'a ' }, { kind: 'reference', name: 'x' }, { text: ' b' }] },
          { parts: [{ name: 'X.m{side="buy side"}' }] },
        ],
      },
    });
  });

  test('echo and note take the rest of the line; quotes are optional', () => {
    expect(treeOf('echo  two  spaces ')).toEqual({ kind: 'echo', text: word('two  spaces') });
    expect(treeOf("note '  kept  '")).toEqual({ kind: 'note', text: word('  kept  ', 'single') });
    expect(treeOf("echo 'a' and 'b'")).toEqual({ kind: 'echo', text: word("'a' and 'b'") });
    expect(treeOf("echo 'tis here")).toEqual({ kind: 'echo', text: word("'tis here") });
    expect(treeOf('echo')).toEqual({ kind: 'echo', text: { parts: [], quote: 'none' } });
  });
});

describe('statements', () => {
  test.each<[string, unknown]>([
    ["set x = 'a b'", { kind: 'set-value', name: name('x'), value: word('a b', 'single') }],
    ['set x=5', { kind: 'set-value', name: name('x'), value: word('5') }],
    ['set x exec a=b', { kind: 'set-command', name: name('x'), command: { words: [word('exec'), word('a=b')] } }],
    ['set x ==y', { kind: 'set-command', name: name('x'), command: { words: [word('==y')] } }],
    ['wait 1e3ms', { kind: 'wait-duration', duration: { milliseconds: 1_000 } }],
    ['wait 1.5s', { kind: 'wait-duration', duration: { milliseconds: 1_500 } }],
    ['off', { kind: 'off', trigger: null }],
    ['exit', { kind: 'exit', verdict: null, reason: null }],
    ['exit fail too slow', { kind: 'exit', verdict: 'fail', reason: word('too slow') }],
    ['exit because', { kind: 'exit', verdict: null, reason: word('because') }],
    ["exit 'pass'", { kind: 'exit', verdict: null, reason: word('pass', 'single') }],
    ['repeat 3', { kind: 'repeat', times: word('3') }],
    ['repeat #{n}', { kind: 'repeat', times: variable('n') }],
    ['end', { kind: 'end' }],
    ['defer stop_load now', { kind: 'defer', command: { words: [word('stop_load'), word('now')] } }],
    ['call other', { kind: 'call', scenario: name('other'), arguments: [] }],
    [
      "call other a=1 b='x y'",
      {
        kind: 'call',
        scenario: name('other'),
        arguments: [
          { name: name('a'), value: word('1') },
          { name: name('b'), value: word('x y', 'single') },
        ],
      },
    ],
    [
      "prompt ok 'Is it?' yes no default no",
      {
        kind: 'prompt',
        name: name('ok'),
        question: word('Is it?', 'single'),
        choices: [word('yes'), word('no')],
        fallback: word('no'),
      },
    ],
    [
      "prompt ok 'Which?' 'default'",
      { kind: 'prompt', name: name('ok'), question: word('Which?', 'single'), choices: [word('default', 'single')], fallback: null },
    ],
    [
      'on error from X goto lost',
      { kind: 'on', trigger: { kind: 'event', event: name('error'), component: name('X') }, label: name('lost') },
    ],
    [
      'wait event failover within 5s',
      { kind: 'wait', condition: { kind: 'event', event: name('failover'), component: null }, within: { milliseconds: 5_000 } },
    ],
    [
      'expect crash of X within 500ms',
      {
        kind: 'expect',
        condition: { kind: 'event', event: name('crash'), component: name('X') },
        within: { milliseconds: 500 },
        holdsFor: null,
      },
    ],
  ])('%s', (line, tree) => {
    expect(treeOf(line)).toEqual(tree);
  });

  test('limits of expect may come in either order', () => {
    const limits = { within: { milliseconds: 5_000 }, holdsFor: { milliseconds: 60_000 } };
    expect(treeOf('expect X.rss < 5MB within 5s for 1m')).toMatchObject(limits);
    expect(treeOf('expect X.rss < 5MB for 1m within 5s')).toMatchObject(limits);
  });

  test('`else` ends the first branch of an `if`, even an unquoted echo', () => {
    expect(treeOf('if #{x} == 1 then echo all is well else exit fail it is not # c')).toMatchObject({
      then: { kind: 'echo', text: word('all is well') },
      otherwise: { kind: 'exit', verdict: 'fail', reason: word('it is not') },
    });
    expect(treeOf("if #{x} == 1 then run a 'else' b")).toMatchObject({
      then: { command: { words: [{}, {}, word('else', 'single'), {}] } },
      otherwise: null,
    });
    expect(treeOf('run then else within for goto')).toMatchObject({ command: { words: [{}, {}, {}, {}, {}, {}] } });
    expect(treeOf('echo this or else')).toMatchObject({ text: word('this or else') });
  });
});

describe('conditions', () => {
  const comparison = (left: string, right: string) => ({
    kind: 'comparison',
    left: { kind: 'text', template: word(left) },
    operator: '==',
    right: { kind: 'text', template: word(right) },
  });
  const conditionOf = (text: string) => {
    const { value, problems } = parseCondition(text);
    expect(problems).toEqual([]);
    return withoutRanges(value);
  };

  test('not binds closer than and, and closer than or; all lean to the left', () => {
    const [a, b, c] = [comparison('a', '1x'), comparison('b', '2x'), comparison('c', '3x')];
    expect(conditionOf('a==1x or b==2x and not c==3x')).toEqual({
      kind: 'or',
      left: a,
      right: { kind: 'and', left: b, right: { kind: 'not', condition: c } },
    });
    expect(conditionOf('not (a == 1x or b == 2x) and c == 3x')).toEqual({
      kind: 'and',
      left: { kind: 'not', condition: { kind: 'or', left: a, right: b } },
      right: c,
    });
    expect(conditionOf('a==1x and b==2x and c==3x')).toEqual({ kind: 'and', left: { kind: 'and', left: a, right: b }, right: c });
  });

  test.each<[string, unknown]>([
    ['500', { kind: 'number', value: 500, unit: 'none' }],
    ['-1.5', { kind: 'number', value: -1.5, unit: 'none' }],
    ['500MB', { kind: 'number', value: 500_000_000, unit: 'bytes' }],
    ['2KiB', { kind: 'number', value: 2_048, unit: 'bytes' }],
    ['1kB', { kind: 'number', value: 1_000, unit: 'bytes' }],
    ['1.1s', { kind: 'number', value: 1_100, unit: 'ms' }],
    ['2m', { kind: 'number', value: 120_000, unit: 'ms' }],
    ['15%', { kind: 'number', value: 15, unit: '%' }],
    ['READY', { kind: 'text', template: word('READY') }],
    ["'5'", { kind: 'text', template: word('5', 'single') }],
    ['1.2.3', { kind: 'text', template: word('1.2.3') }],
    ['#{x}', { kind: 'text', template: variable('x') }],
    ['Engine-2.STATE', { kind: 'reading', name: 'Engine-2.STATE' }],
    ['X.orders_total{side="buy", venue="a b"}', { kind: 'reading', name: 'X.orders_total{side="buy", venue="a b"}' }],
    ['X.jvm:gc.time', { kind: 'reading', name: 'X.jvm:gc.time' }],
  ])('the operand %s', (written, operand) => {
    expect(conditionOf(`${written} == x`)).toMatchObject({ left: operand });
    expect(conditionOf(`x==${written}`)).toMatchObject({ right: operand });
  });

  test.each(['==', '!=', '<', '<=', '>', '>=', 'contains', 'matches'])('the operator %s', (operator) => {
    expect(conditionOf(`#{x} ${operator} 'a b'`)).toMatchObject({ operator });
  });

  test('words of events are ordinary where a comparison stands', () => {
    expect(conditionOf("error == 'x'")).toMatchObject({ kind: 'comparison' });
    expect(conditionOf("event contains 'x'")).toMatchObject({ kind: 'comparison' });
    expect(conditionOf('error')).toMatchObject({ kind: 'event', component: null });
  });

  test('nesting and length are bounded, with a message', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}a == b${')'.repeat(depth)}`;
    expect(parseCondition(nested(maximumConditionDepth)).problems).toEqual([]);
    expect(parseCondition(nested(maximumConditionDepth + 1)).problems).toMatchObject([{ code: 'condition-too-deep' }]);
    const chained = (count: number) => Array.from({ length: count }, () => 'a == b').join(' and ');
    expect(parseCondition(chained(maximumComparisons)).problems).toEqual([]);
    expect(parseCondition(chained(maximumComparisons + 1)).problems).toMatchObject([{ code: 'condition-too-deep' }]);
  });

  test('parts of the language can be parsed by themselves', () => {
    expect(parseTemplate('Hello #{name}').value?.parts).toMatchObject([{ text: 'Hello ' }, { name: 'name' }]);
    expect(parseCondition('X.rss <')).toMatchObject({ value: null, problems: [{ code: 'missing-operand' }] });
    expect(parseCondition('X.rss < 5 extra')).toMatchObject({ value: null, problems: [{ code: 'unexpected-text' }] });
  });
});

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
