/** The formatter by example; what holds for every text is in language-properties.test.ts. */
import { expect, test } from 'vitest';
import { formatScenario } from '#shared/scenario/formatter.ts';
import { statementText } from '#shared/scenario/machine-text.ts';
import { maximumLines, parseScenario } from '#shared/scenario/parser.ts';
import { deckScenario, deckWithTypographicQuotes } from './scenario-samples.ts';

test("the deck's scenario is in canonical form; its typographic quotes become straight", () => {
  expect(formatScenario(deckScenario)).toBe(deckScenario);
  expect(formatScenario(deckWithTypographicQuotes)).toBe(deckScenario);
});

test('spacing, quotes, parentheses, limits, indentation, comments, blank lines', () => {
  const untidy = `---
title:   kept   as it is
---



 start_load   a=‘x y’  "two  spaces"
007   repeat  3#{n}
if((X.rss<5MB)and(not(a==b or(c==d))))then echo   kept  inside   else exit   fail   why
   #a comment
expect(X.STATE==READY)for 1s    within 500ms   # c
repeat 2
set x=“say "hi"”   # d
end
end



echo ‘a’ and ‘b’
prompt   ok   'Is it?'   yes   default   yes
off

`;
  expect(formatScenario(untidy)).toBe(`---
title:   kept   as it is
---


start_load a='x y' "two  spaces"
007 repeat 3#{n}
  if X.rss < 5MB and not (a == b or c == d) then echo kept  inside else exit fail why
  #a comment
  expect X.STATE == READY within 500ms for 1s  # c
  repeat 2
    set x = "say \\"hi\\""  # d
  end
end


echo ‘a’ and ‘b’
prompt ok 'Is it?' yes default yes
off
`);
});

test('numbers stay as they are written, in the text and in the trace of a run', () => {
  const text = 'expect A.x > 1e3 or A.y < 0.50GB\nexpect #{x} == 2733382000000000049\nrepeat 1e1\nend\n';
  expect(formatScenario(text.replaceAll(' or', '   or'))).toBe(text);
  const first = parseScenario('x', text).scenario.lines[0]?.statement;
  expect(first && statementText(first)).toBe('expect A.x > 1e3 or A.y < 0.50GB');
});

test('lines with errors stay exactly as they are', () => {
  const broken = "  if x   = 5 then  goto a\nrun   'open  \n   label  a  b # c";
  expect(formatScenario(broken)).toBe(`${broken}\n`);
});

test('the line ends of the text are kept, the byte order mark is not', () => {
  expect(formatScenario('\uFEFFecho   a\r\n\r\necho b')).toBe('echo a\r\n\r\necho b\r\n');
  expect(formatScenario('echo a\recho b')).toBe('echo a\necho b\n');
});

test('nothing stays nothing', () => {
  expect(formatScenario('')).toBe('');
  expect(formatScenario(' \n\n\t\n')).toBe('');
});

test('a scenario too long to be read loses nothing', () => {
  const text = ' a\n'.repeat(maximumLines + 10);
  expect(formatScenario(text)).toBe(text);
});
