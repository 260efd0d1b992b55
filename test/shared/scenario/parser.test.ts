/** The parser, statement by statement: what it understands, and what it says where it does not. */
/* oxlint-disable unicorn/no-thenable -- the tree calls the branch of an `if` by its keyword; it is data and never awaited. */
import { describe, expect, test } from 'vitest';
import { maximumComparisons, maximumConditionDepth } from '#shared/scenario/condition-parser.ts';
import { parseCondition, parseScenario, parseTemplate } from '#shared/scenario/parser.ts';
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
