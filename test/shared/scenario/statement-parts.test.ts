/** The table of what statements are made of must hold everything that the syntax tree holds, or something goes uncoloured and unchecked. */
import { describe, expect, test } from 'vitest';
import { formatScenario } from '#shared/scenario/formatter.ts';
import { isKeyword, keywords, statementWords, type Keyword } from '#shared/scenario/keywords.ts';
import { parseScenario } from '#shared/scenario/parser.ts';
import { MachineDriver, programOf } from './machine-driver.ts';
import { commandOf, filledTextsOf, partsOf, targetsOf, triggerOf, variableSetBy } from '#shared/scenario/statement-parts.ts';
import type { Statement } from '#shared/scenario/syntax.ts';

/** One line of each kind, with everything that it can have. */
const lines: Readonly<Record<Statement['kind'], string>> = {
  command: "run 'a b' #{x}",
  'set-command': 'set x run #{y}',
  'set-value': "set x = 'a #{y}'",
  goto: 'goto here',
  echo: 'echo now #{x}',
  note: 'note now #{x}',
  'wait-duration': 'wait 1500ms',
  wait: 'wait A.STATE == READY within 5s',
  expect: "expect A.rss < 5MB or not #{x} == 'y' within 5s for 2s",
  on: 'on event failover from A goto here',
  off: 'off crash of A',
  defer: 'defer run #{y}',
  prompt: "prompt x 'Is it #{y}?' yes no default #{z}",
  call: "call other a=1 b='#{x}'",
  exit: 'exit fail because of #{x}',
  if: 'if A.rss > #{limit} then set x run else goto here',
  label: 'label here',
  repeat: 'repeat #{x}',
  end: 'end',
  invalid: 'goto',
};

function statementOf(line: string): Statement {
  const statement = parseScenario('sample', line).scenario.lines[0]?.statement;
  if (!statement) throw new Error(`no statement in ${line}`);
  return statement;
}

/** Everything in a value that has a place in the text. */
function placed(value: unknown, into: Set<object> = new Set()): ReadonlySet<object> {
  if (typeof value !== 'object' || value === null || into.has(value)) return into;
  if ('range' in value) into.add(value);
  for (const part of Object.values(value)) placed(part, into);
  return into;
}

describe.each(Object.entries(lines))('a statement of the kind %s', (kind, line) => {
  const statement = statementOf(line);

  test('is what the line is read as', () => {
    expect(statement.kind).toBe(kind);
  });

  test('is written as it was', () => {
    expect(formatScenario(line)).toBe(`${line}\n`);
  });

  test('has all that the tree has among its parts', () => {
    const known = placed(partsOf(statement));
    const forgotten = [...placed(statement)].filter((each) => each !== statement && !known.has(each));
    expect(forgotten).toEqual([]);
  });

  test('comes to its end when it is executed', () => {
    const alone = !['if', 'repeat', 'end', 'label', 'invalid'].includes(kind);
    if (!alone) return;
    const main = `set x = a\nset y = b\nset z = c\n${line}\nlabel here\n`;
    const driver = new MachineDriver(
      programOf({ main, other: '---\nparameters: { a: { help: one }, b: { help: two } }\n---\necho #{a}\n' }),
    );
    Object.assign(driver.readings, { 'A.STATE': 'READY', 'A.rss': '1MB' });
    driver.answers.push('yes');
    driver.run();
    expect(driver.outcome()).not.toBeNull();
  });

  test('begins with a keyword that has help and a form to begin with', () => {
    const [first] = partsOf(statement);
    if (first?.kind !== 'word') return;
    expect(isKeyword(first.text)).toBe(true);
    const { help, forms } = statementWords[first.text as Keyword];
    expect(help).not.toBe('');
    for (const { snippet } of forms) expect(snippet.split(/[ \n]/)[0]).toBe(first.text);
  });
});

test('every keyword begins some kind of statement', () => {
  const begun = Object.values(lines).map((line) => line.split(' ')[0] ?? '');
  expect(keywords.filter((keyword) => !begun.includes(keyword))).toEqual([]);
});

test('what is asked of a statement is answered from its parts', () => {
  expect(commandOf(statementOf(lines['set-command']))?.words).toHaveLength(2);
  expect(commandOf(statementOf(lines.goto))).toBeNull();
  expect(triggerOf(statementOf(lines.off))).toMatchObject({ kind: 'event' });
  expect(variableSetBy(statementOf(lines.prompt))).toMatchObject({ name: { text: 'x' } });
  expect(variableSetBy(statementOf(lines.prompt))?.values).toHaveLength(3);
  expect(variableSetBy(statementOf('prompt x Why?'))).toMatchObject({ values: null });
  expect(targetsOf(statementOf(lines.on)).map(({ text }) => text)).toEqual(['here']);
  expect(targetsOf(statementOf(lines.label))).toEqual([]);
  expect(filledTextsOf(statementOf(lines.call))).toHaveLength(2);
});
