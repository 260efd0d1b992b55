/** Texts for the tests of the language: the deck's scenario in its forms, and generators of scenario-like text. */
import fc from 'fast-check';

/** As on the slides, numbers included. */
export const deckScenario = `0 start_load
1 kill -9 MatchingEnginePrimary
2 set smoke_status exec_smoke
3 if 'PASS' == #{smoke_status} then goto pass
4 echo FAIL
5 stop_load
6 exit
7 label pass
8 echo PASS
`;

export const deckWithoutNumbers = deckScenario.replace(/^[0-9] /gm, '');
export const deckWithTypographicQuotes = deckScenario.replace("'PASS'", '‘PASS’');

/** The same parts, without places, numbers of lines and blank lines. */
export function withoutRanges(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, part: unknown) => (key === 'range' || key === 'line' ? undefined : part)));
}

const words = [
  'set if label goto repeat end echo note wait expect on off defer prompt call exit',
  'then else within for and or not contains matches from of error crash event default pass fail',
  '== != < <= > >= = => && || ( ) ! # #{ } --- { } \\',
  '5s 30 500MB 15% 1.5h -3 007 1e5 5mb x name Engine.STATE Engine.rss READY a=b start_load kill -9 X.m{a="b"}',
  "#{x} #{Engine.STATE} #{unique.account} #{} #{X.m{a=\"b\"}} 'PASS' ‘PASS’ 'it\\'s' 'open “open '\\#{x}' \u0000 😀 \uFEFF ' \" ’ \\",
]
  .flatMap((line) => line.split(' '))
  .concat('#{ x }', '"a b"', '“a "b" c”', "a='b c'", 'a=“b c”', '# comment', '\u00a0');

const spacing = fc.constantFrom(' ', ' ', ' ', '  ', '\t', '', '\u00a0');
const wordOrText = fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) });

/** A line of words of the language in any order. */
const shuffledLine = fc
  .array(fc.tuple(wordOrText, spacing), { maxLength: 14 })
  .map((parts) => parts.map(([word, space]) => word + space).join(''));

const name = fc.constantFrom('x', 'status', 'pass', 'lost', 'größe', 'a-b');
const template = fc.constantFrom('#{x}', "'PASS'", '"a b"', '‘q’', '“say "x"”', 'READY', 'a#b', "k='v w'", '5#{x}', "'it\\'s'", "'\\\\'");
const operand = fc.oneof(
  template.filter((word) => !word.startsWith('k=')),
  fc.constantFrom('Engine.STATE', 'X.m{a="b c"}', '5', '-1.5', '500MB', '30s', '15%'),
);
const gap = fc.constantFrom(' ', '  ', '\t');
const comparison = fc
  .tuple(operand, fc.constantFrom(' == ', '==', ' != ', '<', ' <= ', '>', ' >= ', ' contains ', ' matches '), operand)
  .map((parts) => parts.join(''));
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    comparison,
    fc.tuple(tie('condition'), fc.constantFrom(' and ', ' or '), tie('condition')).map((parts) => parts.join('')),
    tie('condition').map((inner) => `not ${inner}`),
    tie('condition').map((inner) => `(${inner})`),
    tie('condition').map((inner) => `not ( ${inner} )`),
  ),
}));
const trigger = fc.oneof(
  condition,
  fc.constantFrom('error', 'error from X', 'crash of X', 'event failover', 'event failover from X', 'event error'),
);
const commandLine = fc.array(template, { minLength: 1, maxLength: 4 }).map((parts) => ['run', ...parts].join(' '));
const simple = fc.oneof(
  commandLine,
  fc.tuple(name, commandLine).map(([variable, line]) => `set ${variable} ${line}`),
  fc.tuple(name, fc.constantFrom('=', ' = ', '= '), template).map(([variable, equals, value]) => `set ${variable}${equals}${value}`),
  name.map((label) => `goto ${label}`),
  fc
    .tuple(fc.constantFrom('echo', 'note'), fc.constantFrom('hi  there', "'quoted  text'", '“q”', "'a' b", "don't #{x}", 'x#y'))
    .map((parts) => parts.join(' ')),
  trigger.map((part) => `wait ${part} within 30s`),
  fc.constant('wait 1.5s'),
  fc.tuple(trigger, fc.constantFrom('', ' within 5s', ' for 2s', ' for 2s within 5s')).map(([part, limits]) => `expect ${part}${limits}`),
  fc.tuple(trigger, name).map(([part, label]) => `on ${part} goto ${label}`),
  trigger.map((part) => `off ${part}`),
  fc.constantFrom('off', 'exit', 'exit pass', 'exit fail because  of #{x}', "exit 'pass'", 'call other', "call other a=1 b='x y' c=#{x}"),
  commandLine.map((line) => `defer ${line}`),
  fc
    .tuple(name, fc.constantFrom("'Is it?'", '“Is it?”'), fc.constantFrom('', ' yes no', ' yes no default yes', " default 'a b'"))
    .map(([variable, question, rest]) => `prompt ${variable} ${question}${rest}`),
);
const statement = fc.oneof(
  { weight: 6, arbitrary: simple },
  { weight: 2, arbitrary: fc.tuple(condition, simple).map(([test, then]) => `if ${test} then ${then}`) },
  { weight: 2, arbitrary: fc.tuple(condition, simple, simple).map(([test, then, other]) => `if ${test} then ${then} else ${other}`) },
  { weight: 1, arbitrary: fc.constantFrom('repeat 3', 'repeat #{n}', 'end', 'label pass', '') },
);
const validLine = fc
  .tuple(fc.constantFrom('', '  ', '0 ', '12  '), statement, gap, fc.constantFrom('', '# a comment', '#'))
  .map((parts) => parts.join(''));

const frontMatter = fc.constantFrom(
  '',
  '',
  '',
  '---\ntitle: a\n---\n',
  '---\r\ntags: [a]\r\n---\r\n',
  '---\n',
  '---\nparameters:\n  x: 1\n  y: {default: 2, help: h}\n---\n',
);
const lineEnd = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r', '\n\n\n\n');

function joined(line: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom('', '', '\uFEFF'), frontMatter, fc.array(fc.tuple(line, lineEnd), { maxLength: 12 }))
    .map(([mark, front, lines]) => mark + front + lines.map((parts) => parts.join('')).join(''));
}

/** Scenarios without errors of syntax. */
export const validScenario = fc
  .array(fc.tuple(validLine, lineEnd), { maxLength: 12 })
  .map((lines) => lines.map((parts) => parts.join('')).join(''));

/** Valid scenarios with pieces cut out, doubled or replaced. */
const mutatedScenario = fc
  .tuple(joined(validLine), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 6 }), wordOrText), { maxLength: 4 }))
  .map(([text, edits]) =>
    edits.reduce((edited, [place, length, insertion]) => {
      const start = edited.length === 0 ? 0 : place % edited.length;
      return edited.slice(0, start) + insertion + edited.slice(start + length);
    }, text),
  );

/** Anything from perfect to hopeless. */
export const anyScenarioText = fc.oneof(
  joined(shuffledLine),
  joined(validLine),
  mutatedScenario,
  fc.string({ unit: 'binary', maxLength: 300 }),
);
